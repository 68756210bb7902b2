package org.pilothouse.warehouse.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pilothouse.warehouse.PilotDay;

class LateScanTest {
  private static final LocalDate DATE = LocalDate.of(2026, 7, 1);
  private static final PilotDay DAY = PilotDay.of(DATE, ZoneOffset.UTC).orElseThrow();
  private static final Instant NOON = DAY.start().plusSeconds(43_200);

  private final Logged log = new Logged();

  @Test
  void shouldCountWhatCameBehindTheEndOfItsDay() {
    for (int i = 0; i < 4; i++) {
      log.event("pump", "e" + i, NOON, "{}");
    }
    log.event("pump", "before", DAY.start().minusMillis(1), "{}")
        .event("pump", "after", DAY.end(), "{}")
        .event("pump", "late", DAY.end().minusMillis(1), "{}");

    assertThat(counted(day(2, 0))).containsExactly(new LateEvents.Found(DATE, 3, 7));
  }

  @Test
  void shouldCountNothingTwice() {
    for (int i = 0; i < 4; i++) {
      log.event("pump", "e" + i, NOON, "{}");
    }

    assertThat(counted(day(0, 3))).containsExactly(new LateEvents.Found(DATE, 1, 4));
    assertThat(counted(day(0, 4))).isEmpty();
  }

  @Test
  void shouldTakeARecordWithoutATimeForTheDayInWhichItCame() {
    log.raw("pump", "a", "yesterday", "{}", NOON).raw("pump", "b", "never", "{}", DAY.end());

    assertThat(counted(day(0, 0))).containsExactly(new LateEvents.Found(DATE, 1, 1));
  }

  private static LateEvents.ClosedDay day(long to, long countedTo) {
    return new LateEvents.ClosedDay(DATE, DAY.start(), DAY.end(), to, countedTo);
  }

  private List<LateEvents.Found> counted(LateEvents.ClosedDay... days) {
    LateScan.Counts counts = new LateScan.Counts(List.of(days));
    log.read(0, 0, log.next, counts::take);
    return counts.found();
  }
}
