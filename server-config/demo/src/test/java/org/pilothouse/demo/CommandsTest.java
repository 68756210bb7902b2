package org.pilothouse.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant START = Instant.parse("2026-01-05T12:00:00Z");
  private static final ZoneId ROME = ZoneId.of("Europe/Rome");

  private final Twin pump = new Twin("aurora", Machine.Kind.PUMP, 1, ROME, 1, START);
  private final Obedience obedience = new Obedience(List.of(pump));

  private JsonNode tell(String id, String twin, String name, String input) throws Exception {
    return obedience
        .to(
            JSON.readTree(
                "{\"id\":\"%s\",\"twin\":\"%s\",\"name\":\"%s\",\"input\":%s}"
                    .formatted(id, twin, name, input)))
        .json();
  }

  private double speedAt(int minute) throws Exception {
    return JSON.readTree(pump.line(START.plusSeconds(60L * minute)))
        .at("/values/speed_rpm")
        .asDouble();
  }

  @Test
  void shouldRunSlowerWhileTheLoadIsLimited() throws Exception {
    double before = speedAt(1);
    JsonNode reply = tell("c-1", "pump-01", "limit_load", "{\"percent\":20}");
    assertThat(reply.path("state").asText()).isEqualTo("succeeded");
    assertThat(reply.at("/output/load_limit_percent").asInt()).isEqualTo(20);
    assertThat(speedAt(2)).isLessThan(before * 0.8);
    tell("c-2", "pump-01", "release_load", "null");
    assertThat(speedAt(3)).isGreaterThan(before * 0.8);
  }

  @Test
  void shouldAnswerWithWhatItMeasuresWhenItIsInspected() throws Exception {
    double speed = speedAt(1);
    JsonNode reply = tell("c-1", "pump-01", "inspect", "null");
    assertThat(reply.at("/output/speed_rpm").asDouble()).isEqualTo(speed);
    assertThat(reply.at("/output/state").asText()).isEqualTo("running");
  }

  @Test
  void shouldSayWhatIsWrongWhenItCannotObey() throws Exception {
    assertThat(tell("c-1", "pump-01", "fly", "null").path("error").asText()).contains("limit_load");
    assertThat(tell("c-2", "pump-01", "limit_load", "{\"percent\":5}").path("state").asText())
        .isEqualTo("failed");
    assertThat(tell("c-3", "pump-99", "inspect", "null").path("error").asText())
        .contains("pump-99");
  }

  @Test
  void shouldGiveTheSameAnswerWhenACommandComesAgain() throws Exception {
    tell("c-1", "pump-01", "limit_load", "{\"percent\":30}");
    tell("c-2", "pump-01", "release_load", "null");
    JsonNode again = tell("c-1", "pump-01", "limit_load", "{\"percent\":30}");
    assertThat(again.at("/output/load_limit_percent").asInt()).isEqualTo(30);
    assertThat(tell("c-3", "pump-01", "inspect", "null").at("/output/load_limit_percent").asInt())
        .isEqualTo(100);
  }

  @ParameterizedTest
  @EnumSource
  void shouldReportNothingThatItsModelRefuses(Machine.Kind kind) throws Exception {
    JsonNode properties = JSON.readTree(kind.document()).path("properties");
    for (double limit : new double[] {1, 0.2}) {
      Machine machine = kind.make(new SplittableRandom(3));
      Surroundings around = new Surroundings(ROME, new SplittableRandom(3));
      around.limitTo(limit);
      Instant at = START;
      for (int step = 0; step < 365 * 24; step++) {
        at = at.plusSeconds(3_600);
        around.at(at, 3_600);
        Map<String, Object> values = machine.step(around, 3_600);
        assertThat(properties.properties())
            .extracting(Map.Entry::getKey)
            .containsExactlyInAnyOrderElementsOf(values.keySet());
        values.forEach((name, value) -> fits(properties.path(name), name, value));
      }
    }
  }

  private static void fits(JsonNode model, String name, Object value) {
    switch (model.path("type").asText()) {
      case "number" ->
          assertThat((Double) value)
              .as(name)
              .isBetween(model.path("minimum").asDouble(), model.path("maximum").asDouble());
      case "boolean" -> assertThat(value).as(name).isInstanceOf(Boolean.class);
      default ->
          assertThat(model.path("enum"))
              .as(name)
              .extracting(JsonNode::asText)
              .contains((String) value);
    }
  }
}
