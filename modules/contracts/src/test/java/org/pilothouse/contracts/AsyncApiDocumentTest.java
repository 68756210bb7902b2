package org.pilothouse.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** {@code -Dcontracts.accept=true} writes the document anew. */
class AsyncApiDocumentTest {
  private static final Path COMMITTED = Path.of("src/main/resources/META-INF/asyncapi.yaml");

  @Test
  void shouldBeWhatTheCatalogueSays() throws Exception {
    String made = AsyncApiDocument.yaml();
    if (Boolean.getBoolean("contracts.accept")) {
      Files.writeString(COMMITTED, made);
    }

    assertThat(Files.readString(COMMITTED))
        .as("the document is out of date; run the tests with -Dcontracts.accept=true")
        .isEqualTo(made);
  }

  @Test
  void shouldKeepTheRulesOfAsyncApi() throws Exception {
    assertThat(schema().validate(json(read()), InputFormat.JSON)).isEmpty();
  }

  @Test
  void shouldBeRefusedWhenItBreaksARuleOfAsyncApi() throws Exception {
    Map<String, Object> document = new LinkedHashMap<>(read());
    document.put("channels", Map.of("telemetry", Map.of("address", 7)));

    assertThat(schema().validate(json(document), InputFormat.JSON)).isNotEmpty();
  }

  private static Schema schema() throws Exception {
    try (InputStream in = AsyncApiDocumentTest.class.getResourceAsStream("/asyncapi/3.0.0.json")) {
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
          .getSchema(in, InputFormat.JSON);
    }
  }

  private static Map<String, Object> read() throws Exception {
    return new Yaml().load(Files.readString(COMMITTED));
  }

  private static String json(Map<String, Object> document) throws Exception {
    return new ObjectMapper().writeValueAsString(document);
  }
}
