package org.pilothouse.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TelemetryFoldTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  private final TelemetryFold fold = new TelemetryFold(Map.of("gone", NOON));
  private long offset;

  private TelemetryFold.Place take(String id, String twin, Instant time, String values) {
    return take(id, twin, time, NOON.plusSeconds(3_600), values);
  }

  private TelemetryFold.Place take(
      String id, String twin, Instant time, Instant given, String values) {
    TelemetryFold.Place place = new TelemetryFold.Place(0, offset++);
    fold.take(
        new TelemetryFold.Event(
            twin,
            "/devices/one",
            id,
            time,
            given,
            place,
            ("{\"twin\":\"" + twin + "\",\"values\":" + values + "}")
                .getBytes(StandardCharsets.UTF_8)));
    return place;
  }

  private String literal(String twin, String property) {
    return fold.states().get(twin).get(property).literal();
  }

  @Test
  void shouldKeepTheNewerTimeWhenTheOlderComesLater() {
    take("r-1", "press", NOON.plusNanos(2), "{\"a\":1}");
    take("r-2", "press", NOON.plusNanos(1), "{\"a\":2,\"b\":3}");
    assertThat(literal("press", "a")).isEqualTo("1");
    assertThat(literal("press", "b")).isEqualTo("3");
  }

  @Test
  void shouldKeepTheLaterRecordWhenTimesAreEqual() {
    take("r-1", "press", NOON, "{\"a\":1}");
    take("r-2", "press", NOON, "{\"a\":2}");
    take("r-1", "press", NOON, "{\"a\":1}");
    assertThat(literal("press", "a")).isEqualTo("1");
  }

  @Test
  void shouldCountAnEventOnceWhenItStandsThereTwice() {
    take("r-1", "press", NOON, "{\"a\":4}");
    take("r-1", "press", NOON, "{\"a\":4}");
    take("r-2", "press", NOON.plusSeconds(59), "{\"a\":6}");
    take("r-3", "press", NOON.plusSeconds(60), "{\"a\":9}");
    assertThat(fold.readings()).containsEntry("press", 3L);
    assertThat(fold.numbers("r")).containsExactlyInAnyOrder(1L, 2L, 3L);
    Map<Long, Summary> minutes = fold.minutes().get(new TelemetryFold.Series("press", "a"));
    assertThat(minutes).hasSize(2);
    assertThat(minutes.get(NOON.getEpochSecond()).shown())
        .isEqualTo(new Summary.Shown(2, 4, 6, 5, 6));
  }

  @Test
  void shouldRefuseThePartWhenTheModelDoes() {
    TelemetryFold.Place place =
        take(
            "r-1",
            "pump-1",
            NOON,
            "{\"temperature\":500,\"flow\":7,\"speed\":1.5,\"state\":\"on\"}");
    assertThat(fold.states().get("pump-1")).containsOnlyKeys("flow", "state");
    assertThat(fold.refused())
        .containsExactly(
            Map.entry(
                place, new TelemetryFold.Refused("out_of_range", List.of("temperature", "speed"))));
  }

  @Test
  void shouldForgetWhatWasBeforeWhenTheTwinWasRetired() {
    take("r-1", "gone", NOON, "{\"a\":1}");
    take("r-2", "gone", NOON.plusSeconds(9), NOON.minusMillis(1), "{\"a\":2}");
    assertThat(fold.states()).isEmpty();
    take("r-3", "gone", NOON.plusNanos(1), "{\"b\":3}");
    assertThat(fold.states().get("gone")).containsOnlyKeys("b");
  }

  @Test
  void shouldDigestTheDocumentedLines() throws Exception {
    take("r-1", "b", NOON, "{\"z\":1.50,\"a\":\"x\\\"y\"}");
    take("r-2", "a", NOON, "{\"ok\":true}");
    byte[] sum =
        MessageDigest.getInstance("SHA-256")
            .digest(
                """
                a
                {"ok":{"value":true,"time":"2026-11-21T12:00:00Z"}}
                b
                {"a":{"value":"x\\"y","time":"2026-11-21T12:00:00Z"},"z":{"value":1.50,"time":"2026-11-21T12:00:00Z"}}
                """
                    .getBytes(StandardCharsets.UTF_8));
    assertThat(fold.digest()).isEqualTo("sha256:" + HexFormat.of().formatHex(sum));
  }

  @Test
  void shouldReadEveryLineOfTheLoad() {
    TwinLines lines = new TwinLines();
    for (long number = 0; number < 20_000; number++) {
      String line = lines.line("r", number);
      TelemetryFold.Place place = new TelemetryFold.Place(1, number);
      fold.take(
          new TelemetryFold.Event(
              TwinLines.twin(number),
              "/devices/one",
              "r-" + number,
              Instant.parse(TelemetryFold.parsed(line).path("time").asText()),
              NOON,
              place,
              line.getBytes(StandardCharsets.UTF_8)));
    }
    assertThat(fold.states()).hasSize(200);
    assertThat(fold.states().get("wide-1").size()).isGreaterThan(100);
    assertThat(fold.refused().values())
        .extracting(TelemetryFold.Refused::reason)
        .contains("out_of_range", "wrong_type")
        .hasSizeBetween(40, 200);
    assertThat(fold.refused().values())
        .anySatisfy(refused -> assertThat(refused.properties()).containsExactly("speed", "state"));
  }
}
