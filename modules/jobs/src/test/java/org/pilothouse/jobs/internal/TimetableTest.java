package org.pilothouse.jobs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TimetableTest {
  private static final ZoneId LISBON = ZoneId.of("Europe/Lisbon");

  private static Timetable daily(int hour, int minute) {
    return new Timetable(EnumSet.allOf(DayOfWeek.class), LocalTime.of(hour, minute));
  }

  private static Instant next(Timetable of, String after) {
    return of.next(Instant.parse(after), LISBON);
  }

  @Test
  void shouldTakeTheNextDayThatItNames() {
    Timetable mondays = new Timetable(Set.of(DayOfWeek.MONDAY), LocalTime.of(6, 0));
    assertThat(next(mondays, "2026-11-29T12:00:00Z")).isEqualTo("2026-11-30T06:00:00Z");
    assertThat(next(mondays, "2026-11-30T05:59:59Z")).isEqualTo("2026-11-30T06:00:00Z");
    assertThat(next(mondays, "2026-11-30T06:00:00Z")).isEqualTo("2026-12-07T06:00:00Z");
  }

  @Test
  void shouldGoByTheClockOfTheZone() {
    assertThat(next(daily(6, 0), "2026-07-01T00:00:00Z")).isEqualTo("2026-07-01T05:00:00Z");
    assertThat(next(daily(6, 0), "2026-12-01T00:00:00Z")).isEqualTo("2026-12-01T06:00:00Z");
  }

  @Test
  void shouldBeAsMuchLaterWhenTheClockLeavesTheTimeOut() {
    // At 01:00 of 29 March 2026 clocks go to 02:00.
    assertThat(next(daily(1, 30), "2026-03-28T12:00:00Z")).isEqualTo("2026-03-29T01:30:00Z");
    assertThat(next(daily(1, 30), "2026-03-29T01:30:00Z")).isEqualTo("2026-03-30T00:30:00Z");
  }

  @Test
  void shouldComeOnceWhenTheClockShowsTheTimeTwice() {
    // At 02:00 of 25 October 2026 clocks go back to 01:00.
    assertThat(next(daily(1, 30), "2026-10-24T12:00:00Z")).isEqualTo("2026-10-25T00:30:00Z");
    assertThat(next(daily(1, 30), "2026-10-25T00:30:00Z")).isEqualTo("2026-10-26T01:30:00Z");
  }

  @Test
  void shouldKeepDaysAsBitsAndWords() {
    Timetable both = new Timetable(Set.of(DayOfWeek.SUNDAY, DayOfWeek.MONDAY), LocalTime.of(6, 0));
    assertThat(both.bits()).isEqualTo(65);
    assertThat(Timetable.days(65)).isEqualTo(both.days());
    assertThat(both.words()).containsExactly("mon", "sun");
    assertThat(Timetable.day("sun")).contains(DayOfWeek.SUNDAY);
    assertThat(Timetable.day("Sun")).isEmpty();
  }
}
