package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;

class OpenLineageTest {
  private static final URI BASE = URI.create("https://pilothouse.example");
  private static final Instant CHANGED = Instant.parse("2026-04-01T00:00:00Z");

  private final OpenLineage lineage =
      new OpenLineage(
          BASE,
          new Iris(BASE, Examples.PILOT.id()),
          dataset -> Optional.empty(),
          dataset -> URI.create("s3://hold/" + dataset.key()));

  @Test
  void shouldKeepToTheSpecification() throws IOException {
    Schema schema = schema();
    for (DatasetState state : DatasetState.values()) {
      for (ObjectNode event : events(state)) {
        assertThat(schema.validate(event.toString(), InputFormat.JSON)).as("%s", event).isEmpty();
      }
    }
    ObjectNode broken = events(DatasetState.AVAILABLE).getFirst();
    ((ObjectNode) broken.get("run")).put("runId", "no-uuid");
    broken.remove("job");
    assertThat(schema.validate(broken.toString(), InputFormat.JSON)).hasSize(2);
  }

  @Test
  void shouldTellWhatMadeItFromWhat() {
    List<ObjectNode> events = events(DatasetState.AVAILABLE);

    assertThat(events)
        .extracting(event -> event.path("eventType").asText())
        .containsExactly("START", "COMPLETE");
    JsonNode complete = events.getLast();
    assertThat(complete.path("eventTime").asText()).isEqualTo(Examples.AVAILABLE.toString());
    assertThat(complete.at("/job/name").asText()).isEqualTo("job.run 7");
    assertThat(complete.path("inputs").findValuesAsText("name")).containsExactly("raw");
    JsonNode output = complete.at("/outputs/0");
    assertThat(output.path("name").asText()).isEqualTo("run 7");
    assertThat(output.at("/facets/version/datasetVersion").asText()).isEqualTo("2/d-2");
    assertThat(output.at("/facets/pilothouse_checksum/value").asText()).startsWith("ab00");
    assertThat(output.at("/facets/dataSource/uri").asText()).isEqualTo("s3://hold");
    assertThat(output.at("/outputFacets/outputStatistics/size").asLong()).isEqualTo(1234);
    assertThat(output.at("/outputFacets/outputStatistics").has("rowCount")).isFalse();
  }

  @Test
  void shouldNameARunTheSameForEver() {
    assertThat(events(DatasetState.AVAILABLE))
        .extracting(event -> UUID.fromString(event.at("/run/runId").asText()))
        .allSatisfy(id -> {
          assertThat(id.version()).isEqualTo(5);
          assertThat(id.variant()).isEqualTo(2);
        })
        .containsOnly(
            UUID.fromString(events(DatasetState.EXPIRED).getFirst().at("/run/runId").asText()));
    assertThat(events(DatasetState.EXPIRED).getLast().at("/run/runId"))
        .isNotEqualTo(events(DatasetState.DELETING).getLast().at("/run/runId"));
  }

  @ParameterizedTest
  @CsvSource({"EXPIRED, expire", "DELETING, withdraw", "DELETED, withdraw"})
  void shouldTellThatItWent(DatasetState state, String job) {
    JsonNode event = events(state).getLast();

    assertThat(event.at("/job/name").asText()).isEqualTo(job + ".run 7");
    assertThat(event.path("eventTime").asText()).isEqualTo(CHANGED.toString());
    assertThat(event.at("/outputs/0/facets/lifecycleStateChange/lifecycleStateChange").asText())
        .isEqualTo("DROP");
  }

  private List<ObjectNode> events(DatasetState state) {
    Dataset dataset =
        Examples.dataset("d-2", "run 7", 2, Map.of("owner", "x", "purpose", "y"), state, null);
    return lineage.events(
        new OpenLineage.Made(
            dataset, CHANGED, Map.of(new DatasetId("raw-1"), new OpenLineage.Input("raw", 1))));
  }

  private static Schema schema() throws IOException {
    try (var in = OpenLineageTest.class.getResourceAsStream("/run-event.schema.json")) {
      return SchemaRegistry.withDefaultDialect(
              SpecificationVersion.DRAFT_2020_12,
              builder ->
                  builder.schemaRegistryConfig(
                      SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()))
          .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8), InputFormat.JSON);
    }
  }
}
