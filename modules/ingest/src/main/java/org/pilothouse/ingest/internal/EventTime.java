package org.pilothouse.ingest.internal;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PlainUtc;

/**
 * Event times as RFC 3339, section 5.6 writes them: seconds are required, a fraction has at most
 * nine digits, a leap second is refused. The common form, {@code 2026-11-21T10:15:30.123Z}, is read
 * without making an object, because every telemetry line passes here.
 */
final class EventTime {
  /** No device of any pilot reports from before; a clock that does has lost its battery. */
  private static final long EARLIEST = Instant.parse("2000-01-01T00:00:00Z").toEpochMilli();

  /** How far ahead of the server's clock a device may be, ms. */
  private static final long AHEAD = 24L * 60 * 60 * 1000;

  private EventTime() {}

  /**
   * Milliseconds since 1970, or -1 where the text is not RFC 3339 or outside the accepted range.
   *
   * @param now the server's clock, ms since 1970
   */
  static long millis(String text, long now) {
    long millis = PlainUtc.hasForm(text) ? plainUtcMillis(text) : parsedMillis(text);
    return millis < EARLIEST || millis > now + AHEAD ? -1 : millis;
  }

  /**
   * The same instant in UTC as it stands in {@code ce_time}; {@code text} has passed {@link
   * #millis}.
   */
  static String inUtc(String text) {
    return PlainUtc.hasForm(text)
        ? text
        : OffsetDateTime.parse(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME).toInstant().toString();
  }

  private static long parsedMillis(String text) {
    // ISO 8601 as Java reads it leaves the seconds out; RFC 3339 does not.
    if (text.length() < 20 || text.charAt(16) != ':') {
      return -1;
    }
    // Nor does it allow a point without a digit behind it.
    if (text.charAt(19) == '.' && !(text.length() > 20 && Character.isDigit(text.charAt(20)))) {
      return -1;
    }
    // An offset is hours and minutes; Java also reads seconds.
    char sign = text.charAt(text.length() - 6);
    if (Character.toUpperCase(text.charAt(text.length() - 1)) != 'Z'
        && sign != '+'
        && sign != '-') {
      return -1;
    }
    try {
      return OffsetDateTime.parse(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME)
          .toInstant()
          .toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      return -1;
    }
  }

  private static long plainUtcMillis(String text) {
    long second = PlainUtc.epochSecond(text);
    return second == Long.MIN_VALUE ? -1 : second * 1_000 + PlainUtc.nano(text) / 1_000_000;
  }

  /** For tests and messages. */
  static @Nullable Instant instant(String text, long now) {
    long millis = millis(text, now);
    return millis < 0 ? null : Instant.ofEpochMilli(millis);
  }
}
