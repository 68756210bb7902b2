package org.pilothouse.ingest.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.pilothouse.contracts.EventSchemas;

/** The reader by hand and the published schema judge the same samples alike. */
class TelemetrySamplesTest {
  private final LineReader reader =
      new LineReader(Instant.parse("2026-11-21T12:00:00Z").toEpochMilli());

  @TestFactory
  List<DynamicTest> shouldJudgeAsTheSchemaDoes() throws Exception {
    JsonNode samples =
        new ObjectMapper()
            .readTree(
                EventSchemas.class.getResourceAsStream("/schemas/telemetry.reported/samples.json"));
    List<DynamicTest> tests = new ArrayList<>();
    for (String verdict : List.of("good", "bad")) {
      for (JsonNode sample : samples.path(verdict)) {
        byte[] line = sample.path("line").toString().getBytes(UTF_8);
        tests.add(
            DynamicTest.dynamicTest(
                verdict + ": " + sample.path("name").asText(),
                () ->
                    assertThat(reader.read(line, 0, line.length) == null)
                        .as(reader.detail())
                        .isEqualTo(verdict.equals("good"))));
      }
    }
    return tests;
  }
}
