package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RollupsTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  private static Reading reading(Instant time, double number) {
    return new Reading(
        "press", time, 0, null, Map.of("a", new Reported(Double.toString(number), time)));
  }

  private static List<Rollup> minutes(Rollups rollups) {
    List<Rollup> minutes = new ArrayList<>();
    rollups.forEach((twin, property, step, bucket, rollup) -> {
      if (step == Rollup.MINUTE) {
        minutes.add(rollup);
      }
    });
    return minutes;
  }

  @Test
  void shouldCountEachNumberOnceInItsMinute() {
    Rollups rollups = new Rollups();
    rollups.add(reading(NOON, 4));
    rollups.add(reading(NOON.plusSeconds(59), 6));
    rollups.add(reading(NOON.plusSeconds(60), 9));
    assertThat(minutes(rollups)).extracting(Rollup::count).containsExactly(2L, 1L);
    assertThat(minutes(rollups)).extracting(Rollup::last).containsExactly(6.0, 9.0);
  }

  @Test
  void shouldTakeTheLaterAsTheLastWhenTimesAreOneAsFineAsTheyAreKept() {
    Rollups together = new Rollups();
    together.add(reading(NOON.plusNanos(900), 1));
    together.add(reading(NOON.plusNanos(100), 2));
    assertThat(minutes(together))
        .singleElement()
        .satisfies(minute -> {
          assertThat(minute.last()).isEqualTo(2);
          assertThat(minute.lastTime()).isEqualTo(NOON);
        });
  }
}
