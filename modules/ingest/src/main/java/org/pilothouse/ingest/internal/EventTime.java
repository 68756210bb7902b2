package org.pilothouse.ingest.internal;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

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
    long millis = isPlainUtc(text) ? plainUtcMillis(text) : parsedMillis(text);
    return millis < EARLIEST || millis > now + AHEAD ? -1 : millis;
  }

  /**
   * The same instant in UTC as it stands in {@code ce_time}; {@code text} has passed {@link
   * #millis}.
   */
  static String inUtc(String text) {
    return isPlainUtc(text)
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

  /**
   * {@code yyyy-MM-ddTHH:mm:ss[.f{1,9}]Z} in its form alone; the fields' ranges are looked at
   * later.
   */
  private static boolean isPlainUtc(String text) {
    int length = text.length();
    if (length < 20 || length > 30 || text.charAt(length - 1) != 'Z') {
      return false;
    }
    for (int i = 0; i < length - 1; i++) {
      char c = text.charAt(i);
      boolean fits =
          switch (i) {
            case 4, 7 -> c == '-';
            case 10 -> c == 'T';
            case 13, 16 -> c == ':';
            case 19 -> c == '.' && length > 21;
            default -> c >= '0' && c <= '9';
          };
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  private static long plainUtcMillis(String text) {
    int year = two(text, 0) * 100 + two(text, 2);
    int month = two(text, 5);
    int day = two(text, 8);
    int hour = two(text, 11);
    int minute = two(text, 14);
    int second = two(text, 17);
    if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) {
      return -1;
    }
    if (day > 28 && day > java.time.YearMonth.of(year, month).lengthOfMonth()) {
      return -1;
    }
    long millis = 0;
    int scale = 100;
    for (int i = 20; i < text.length() - 1 && scale > 0; i++, scale /= 10) {
      millis += (long) (text.charAt(i) - '0') * scale;
    }
    long seconds =
        LocalDate.of(year, month, day).toEpochDay() * 86_400
            + hour * 3_600L
            + minute * 60L
            + second;
    return seconds * 1_000 + millis;
  }

  private static int two(String text, int at) {
    return (text.charAt(at) - '0') * 10 + text.charAt(at + 1) - '0';
  }

  /** For tests and messages. */
  static @Nullable Instant instant(String text, long now) {
    long millis = millis(text, now);
    return millis < 0 ? null : Instant.ofEpochMilli(millis);
  }
}
