package org.pilothouse.twins.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.consume.LogRecord;

/**
 * What is known of twins from before the first record that retention has left of their telemetry.
 *
 * <p>A value that counts in a state comes from the record with the newest event time. If retention
 * has left that record, folding finds it; if not, the value is in the last state that was told of,
 * and nothing that is left is newer. So the last state, with what is left folded onto it, is the
 * state again. Only values that a removed record can have brought are taken from it: whatever is
 * newer must be in what is left, or it is wrong.
 */
final class Bases {
  /** Ingest takes events up to 24 h ahead of their time; an hour for clocks that differ. */
  static final Duration AHEAD = Duration.ofHours(25);

  private final Instant newest;

  /**
   * @param removedUntil no record that was removed was given to the backbone after this
   */
  Bases(Instant removedUntil) {
    this.newest = removedUntil.plus(AHEAD);
  }

  /** Of the last record of a twin in the topic of states. */
  ReportedState of(LogRecord record, @Nullable Instant retiredAt) {
    byte[] data = record.value();
    if (data == null
        || (retiredAt != null && Retirement.isBefore(record.timestampMillis(), retiredAt))) {
      return ReportedState.empty();
    }
    try {
      return of(ReportedState.ofEvent(data), retiredAt);
    } catch (IOException | UncheckedIOException | DateTimeException e) {
      // No state that this platform wrote.
      return ReportedState.empty();
    }
  }

  ReportedState of(ReportedState state, @Nullable Instant retiredAt) {
    return state.where(value ->
        !value.time().isAfter(newest) && (retiredAt == null || value.time().isAfter(retiredAt)));
  }
}
