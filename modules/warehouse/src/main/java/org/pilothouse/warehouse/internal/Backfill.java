package org.pilothouse.warehouse.internal;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/**
 * A range of days that are closed one after the other.
 *
 * @param to itself included
 * @param dayNow the one that is being closed
 * @param secondsLeft as fast as it was so far; null where that is not known
 */
public record Backfill(
    PilotId pilot,
    String id,
    LocalDate from,
    LocalDate to,
    State state,
    String requestedBy,
    Instant createdAt,
    @Nullable Instant finishedAt,
    Days days,
    @Nullable LocalDate dayNow,
    @Nullable Long secondsLeft) {
  /** The words are part of the API. */
  public enum State {
    RUNNING,
    COMPLETE,
    /** It has ended, and a day of it has failed. */
    FAILED,
    CANCELLED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  /** How its days stand. */
  public record Days(
      int total, int complete, int incomplete, int failed, int running, int waiting, int skipped) {}
}
