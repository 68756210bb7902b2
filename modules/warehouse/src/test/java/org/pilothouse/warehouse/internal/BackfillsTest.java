package org.pilothouse.warehouse.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class BackfillsTest {
  private static final Instant BEGUN = Instant.parse("2026-07-01T00:00:00Z");

  @Test
  void shouldTellTheTimeLeftByWhatItTookSoFar() {
    Backfill.Days days = new Backfill.Days(12, 3, 1, 0, 1, 5, 2);

    assertThat(Backfills.secondsLeft(days, BEGUN, BEGUN.plusSeconds(40))).isEqualTo(60);
  }

  @Test
  void shouldNotGuessBeforeADayIsDone() {
    Backfill.Days days = new Backfill.Days(12, 0, 0, 0, 1, 9, 2);

    assertThat(Backfills.secondsLeft(days, BEGUN, BEGUN.plusSeconds(40))).isNull();
  }
}
