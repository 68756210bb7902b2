package org.pilothouse.warehouse.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.pilothouse.warehouse.CloseReason;
import org.pilothouse.warehouse.PilotDay;

class CloseRuleTest {
  private static final CloseRule RULE =
      new CloseRule(Duration.ofMinutes(15), Duration.ofMinutes(10), Duration.ofHours(6));
  private static final PilotDay DAY =
      PilotDay.of(LocalDate.of(2026, 11, 28), ZoneOffset.UTC).orElseThrow();

  @Test
  void shouldStayOpenWhenTheLatenessIsNotOver() {
    assertThat(verdict(14, at(0, 14, 14), at(1, 14, 14))).isEmpty();
  }

  @Test
  void shouldCloseByWatermarksWhenAllHavePassed() {
    assertThat(verdict(16, at(0, 15, 15), at(1, 16, 16))).contains(CloseReason.WATERMARKS);
  }

  @Test
  void shouldWaitWhenAPartitionBringsOldEvents() {
    assertThat(verdict(20, at(0, 18, 18), at(1, -60, 20))).isEmpty();
  }

  @Test
  void shouldNotWaitForASilentPartition() {
    assertThat(verdict(20, at(0, 18, 18), at(1, -60, 9))).contains(CloseReason.IDLE_PARTITIONS);
    assertThat(verdict(20, at(0, 18, 18), new Watermark(1, null, null)))
        .contains(CloseReason.IDLE_PARTITIONS);
  }

  @Test
  void shouldCloseAtTheDeadlineWhateverIsMissing() {
    assertThat(verdict(359, at(0, -60, 359))).isEmpty();
    assertThat(verdict(360, at(0, -60, 360))).contains(CloseReason.DEADLINE);
  }

  @Test
  void shouldNotBelieveAClockThatRunsAhead() {
    // An event of tomorrow, given ten minutes after midnight.
    assertThat(verdict(16, at(0, 120, 10))).isEmpty();
  }

  @Property
  void shouldNeverOpenAgainWhileTimePasses(
      @ForAll @Size(max = 6) List<@IntRange(min = -600, max = 600) Integer> given,
      @ForAll @IntRange(min = -60, max = 600) int now,
      @ForAll @IntRange(max = 600) int later) {
    List<Watermark> partitions = new ArrayList<>();
    for (int minute : given) {
      partitions.add(at(partitions.size(), minute - 5, Math.min(minute, now)));
    }

    if (RULE.verdict(DAY, partitions, end(now)).isPresent()) {
      assertThat(RULE.verdict(DAY, partitions, end(now + later))).isPresent();
    }
  }

  @Property
  void shouldBeClosedAfterTheDeadlineAndOpenBeforeTheEnd(
      @ForAll @Size(max = 6) List<@IntRange(min = -600, max = 600) Integer> given) {
    List<Watermark> partitions = new ArrayList<>();
    given.forEach(minute -> partitions.add(at(partitions.size(), minute, minute)));

    assertThat(RULE.verdict(DAY, partitions, end(360))).isPresent();
    assertThat(RULE.verdict(DAY, partitions, end(-1))).isEmpty();
  }

  private static Optional<CloseReason> verdict(int now, Watermark... partitions) {
    return RULE.verdict(DAY, List.of(partitions), end(now));
  }

  private static Watermark at(int partition, int eventMinute, int givenMinute) {
    return new Watermark(partition, end(eventMinute), end(givenMinute));
  }

  /** So many minutes after the day's end. */
  private static Instant end(int minutes) {
    return DAY.end().plus(Duration.ofMinutes(minutes));
  }
}
