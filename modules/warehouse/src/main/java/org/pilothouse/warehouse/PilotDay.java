package org.pilothouse.warehouse;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;

/**
 * A day as its pilot's clocks show it, kept as a half-open interval: 23 or 25 hours long where the
 * clocks change.
 *
 * @param start the first instant of it
 * @param end the first instant after it
 */
public record PilotDay(LocalDate date, Instant start, Instant end) {
  public PilotDay {
    if (!start.isBefore(end)) {
      throw new IllegalArgumentException("a day that does not begin before it ends");
    }
  }

  /** The day of that date. A zone that has skipped the date has no instant in it, and no day. */
  public static Optional<PilotDay> of(LocalDate date, ZoneId zone) {
    // Midnight may not exist, or twice: the first instant of the date is what counts.
    Instant start = date.atStartOfDay(zone).toInstant();
    Instant end = date.plusDays(1).atStartOfDay(zone).toInstant();
    return start.isBefore(end) ? Optional.of(new PilotDay(date, start, end)) : Optional.empty();
  }

  /** The day that an instant lies in. */
  public static PilotDay at(Instant time, ZoneId zone) {
    return of(LocalDate.ofInstant(time, zone), zone)
        .orElseThrow(() -> new DateTimeException("an instant in no day of " + zone));
  }

  public boolean holds(Instant time) {
    return !time.isBefore(start) && time.isBefore(end);
  }
}
