package org.pilothouse.warehouse.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.pilothouse.warehouse.CloseReason;
import org.pilothouse.warehouse.PilotDay;

/**
 * When a day is complete.
 *
 * @param lateness how much later than the day's end events of it are still waited for
 * @param silence how long nothing must have come for a partition not to be waited for
 * @param deadline after the day's end, when it is closed whatever is missing
 */
record CloseRule(Duration lateness, Duration silence, Duration deadline) {
  CloseRule {
    if (lateness.isNegative() || silence.isNegative() || deadline.compareTo(lateness) < 0) {
      throw new IllegalArgumentException("a deadline before the allowed lateness is over");
    }
  }

  /** Why the day closes now; empty while it stays open. */
  Optional<CloseReason> verdict(PilotDay day, List<Watermark> partitions, Instant now) {
    Instant bound = day.end().plus(lateness);
    if (now.isBefore(bound)) {
      return Optional.empty();
    }
    boolean allPast = true;
    boolean allPastOrSilent = true;
    for (Watermark partition : partitions) {
      boolean past = isPast(partition, bound);
      allPast &= past;
      allPastOrSilent &= past || isSilent(partition, now);
    }
    if (allPast && !partitions.isEmpty()) {
      return Optional.of(CloseReason.WATERMARKS);
    }
    if (allPastOrSilent) {
      return Optional.of(CloseReason.IDLE_PARTITIONS);
    }
    return now.isBefore(day.end().plus(deadline))
        ? Optional.empty()
        : Optional.of(CloseReason.DEADLINE);
  }

  private static boolean isPast(Watermark partition, Instant bound) {
    Instant reached = partition.reached();
    return reached != null && !reached.isBefore(bound);
  }

  private boolean isSilent(Watermark partition, Instant now) {
    Instant given = partition.givenAt();
    return given == null || !given.plus(silence).isAfter(now);
  }
}
