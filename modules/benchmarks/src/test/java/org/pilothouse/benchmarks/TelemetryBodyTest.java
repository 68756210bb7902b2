package org.pilothouse.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TelemetryBodyTest {
  @Test
  void shouldGiveEachLineAnIdOfItsOwnWhenNumberedAnew() throws Exception {
    TelemetryBody body = new TelemetryBody("run", 100, 1, Instant.parse("2026-01-01T00:00:00Z"));
    Set<String> ids = new HashSet<>();
    for (int request = 0; request < 3; request++) {
      body.number(request * 100L);
      for (String line : new String(body.bytes(), StandardCharsets.UTF_8).split("\n")) {
        JsonNode parsed = new ObjectMapper().readTree(line);
        ids.add(parsed.path("id").asText());
        assertThat(line.length()).isBetween(170, 220);
        assertThat(parsed.path("values").size()).isEqualTo(5);
      }
    }

    assertThat(ids).hasSize(300).contains("run-000000000000", "run-000000000299");
  }

  @Test
  void shouldReadHowManyWereAccepted() {
    assertThat(HttpLoad.accepted("{\"accepted\":1999,\"rejected\":[]}")).isEqualTo(1999);
    assertThat(HttpLoad.accepted("")).isZero();
  }
}
