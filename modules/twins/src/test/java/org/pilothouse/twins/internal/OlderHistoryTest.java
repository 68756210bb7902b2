package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.warehouse.ClosedDays;

class OlderHistoryTest {
  private static final PilotId AURORA = new PilotId("aurora");
  private static final TwinId PRESS = new TwinId("press-1");
  private static final Instant DAY = Instant.parse("2026-01-21T00:00:00Z");

  private final Files files = new Files();
  private final OlderHistory history = new OlderHistory(files);

  /** Values of one twin as files of days give them: in no order. */
  private static final class Files implements ClosedDays {
    private final List<Instant> questions = new ArrayList<>();
    private final List<Value> values = new ArrayList<>();

    private record Value(String property, Instant time, Object value) {}

    Files with(String property, Instant time, Object value) {
      values.add(0, new Value(property, time, value));
      return this;
    }

    @Override
    public void read(
        PilotId pilot, TwinId twin, Set<String> properties, Instant from, Instant to, Taker taker) {
      questions.add(from);
      for (Value each : values) {
        if (properties.contains(each.property)
            && !each.time.isBefore(from)
            && each.time.isBefore(to)) {
          long micros = HistoryStore.micros(each.time);
          if (each.value instanceof Double number) {
            taker.number(each.property, micros, number);
          } else {
            taker.literal(each.property, micros, (String) each.value);
          }
        }
      }
    }
  }

  @Test
  void shouldSumUpNumbersByTheStep() {
    for (int second = 0; second < 120; second++) {
      files.with("t", DAY.plusSeconds(second), (double) second);
    }
    files.with("t", DAY, "\"broken\"").with("u", DAY, 1.0);

    assertThat(history.steps(AURORA, PRESS, Set.of("t"), DAY, DAY.plusSeconds(120), 60))
        .isEqualTo(
            Map.of(
                "t",
                List.of(
                    new HistoryStore.Step(DAY, 0, 29.5, 59, 60),
                    new HistoryStore.Step(DAY.plusSeconds(60), 60, 89.5, 119, 60))));
  }

  @Test
  void shouldKeepTheNewestReadingsInTimesOrderWithinItsBounds() {
    for (int second = 0; second < 10; second++) {
      files.with("t", DAY.plusSeconds(second), second + 0.5);
    }
    files.with("on", DAY.plusMillis(1), "true").with("n", DAY.plusNanos(1_000), 1450.0);

    Map<String, HistoryStore.Part<HistoryStore.Point>> found =
        history.readings(AURORA, PRESS, Set.of("t", "on", "n"), DAY, DAY.plusSeconds(60), 3, 1_000);
    assertThat(found.get("t"))
        .isEqualTo(
            new HistoryStore.Part<>(
                List.of(
                    new HistoryStore.Point(DAY.plusSeconds(7), "7.5"),
                    new HistoryStore.Point(DAY.plusSeconds(8), "8.5"),
                    new HistoryStore.Point(DAY.plusSeconds(9), "9.5")),
                true));
    assertThat(found.get("on"))
        .isEqualTo(
            new HistoryStore.Part<>(
                List.of(new HistoryStore.Point(DAY.plusMillis(1), "true")), false));
    assertThat(found.get("n").items())
        .containsExactly(new HistoryStore.Point(DAY.plusNanos(1_000), "1450"));

    assertThat(
            history
                .readings(AURORA, PRESS, Set.of("t"), DAY, DAY.plusSeconds(60), 100, 7)
                .get("t")
                .items())
        .as("bytes are bounded as well")
        .hasSize(2);
  }

  @Test
  void shouldLookForTheLastValuesDayByDayAndNotForever() {
    files
        .with("t", DAY, 1.0)
        .with("t", DAY.plusSeconds(60), 2.0)
        .with("t", DAY.plusSeconds(61), 3.0)
        .with("u", DAY.minus(Duration.ofDays(3)), "\"x\"");

    assertThat(history.lastBefore(AURORA, PRESS, DAY.plusSeconds(60), List.of("t", "u")))
        .isEqualTo(
            Map.of(
                "t",
                new Reported("2", DAY.plusSeconds(60)),
                "u",
                new Reported("\"x\"", DAY.minus(Duration.ofDays(3)))));
    assertThat(files.questions).hasSize(4);

    files.questions.clear();
    assertThat(history.lastBefore(AURORA, PRESS, DAY, List.of("nothing"))).isEmpty();
    assertThat(files.questions).hasSize(7);
  }
}
