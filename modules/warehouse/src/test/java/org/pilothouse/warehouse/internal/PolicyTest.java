package org.pilothouse.warehouse.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class PolicyTest {
  private static final ZoneId LISBON = ZoneId.of("Europe/Lisbon");

  /** A quarter past midnight in Lisbon, in summer. */
  private static final Instant NIGHT = Instant.parse("2026-07-01T23:15:00Z");

  @Test
  void shouldCorrectOnceANightByThePilotsClock() {
    Policy nightly = new Policy(Policy.Corrections.NIGHTLY, null, 1);

    assertThat(isDue(nightly, 1, NIGHT.minusSeconds(3_600), NIGHT)).isTrue();
    assertThat(isDue(nightly, 1, NIGHT.minusSeconds(3_600), NIGHT.minusSeconds(1))).isFalse();
    assertThat(isDue(nightly, 1, NIGHT.plusSeconds(60), NIGHT.plusSeconds(3_600))).isFalse();
    assertThat(isDue(nightly, 1, NIGHT.plusSeconds(60), NIGHT.plus(Duration.ofHours(23))))
        .isFalse();
    assertThat(isDue(nightly, 1, NIGHT.plusSeconds(60), NIGHT.plus(Duration.ofHours(24)))).isTrue();
    // A node that was away at night makes up for it.
    assertThat(isDue(nightly, 1, NIGHT.minusSeconds(3_600), NIGHT.plus(Duration.ofHours(9))))
        .isTrue();
    assertThat(isDue(nightly, 0, NIGHT.minusSeconds(3_600), NIGHT)).isFalse();
  }

  @Test
  void shouldCorrectADayAtMostOnceAnHour() {
    Policy hourly = new Policy(Policy.Corrections.HOURLY, null, 1);

    assertThat(isDue(hourly, 1, NIGHT.minusSeconds(3_599), NIGHT)).isFalse();
    assertThat(isDue(hourly, 1, NIGHT.minusSeconds(3_600), NIGHT)).isTrue();
    assertThat(isDue(hourly, 0, NIGHT.minusSeconds(9_000), NIGHT)).isFalse();
  }

  @Test
  void shouldCorrectWhenEnoughWaits() {
    Policy threshold = new Policy(Policy.Corrections.THRESHOLD, 10L, 1);

    assertThat(isDue(threshold, 9, NIGHT.minusSeconds(9_000), NIGHT)).isFalse();
    assertThat(isDue(threshold, 10, NIGHT, NIGHT)).isTrue();
    assertThat(isDue(new Policy(Policy.Corrections.MANUAL, null, 1), 99, NIGHT, NIGHT)).isFalse();
  }

  @Test
  void shouldHaveAThresholdOnlyWhereItCounts() {
    assertThatThrownBy(() -> new Policy(Policy.Corrections.THRESHOLD, null, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Policy(Policy.Corrections.HOURLY, 1L, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static boolean isDue(Policy policy, long waiting, Instant finished, Instant now) {
    return policy.isDue(waiting, finished, now, LISBON, Duration.ofMinutes(15));
  }
}
