package org.pilothouse.kernel;

import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;

/**
 * The common form of an RFC 3339 time, {@code 2026-11-21T10:15:30.123Z}, read without a formatter's
 * work: each event's time is read by everybody who reads the event.
 */
public final class PlainUtc {
  private static final int SHORTEST = 20;
  private static final int LONGEST = 30;
  private static final int FRACTION = 20;

  private PlainUtc() {}

  /**
   * Whether it is {@code yyyy-MM-ddTHH:mm:ss[.f{1,9}]Z} in its form; the fields' ranges are another
   * matter.
   */
  public static boolean hasForm(String text) {
    int length = text.length();
    if (length < SHORTEST || length > LONGEST || text.charAt(length - 1) != 'Z') {
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

  /**
   * Seconds since 1970, or {@link Long#MIN_VALUE} where a field is out of its range.
   *
   * @param text of that form
   */
  public static long epochSecond(String text) {
    int year = two(text, 0) * 100 + two(text, 2);
    int month = two(text, 5);
    int day = two(text, 8);
    int hour = two(text, 11);
    int minute = two(text, 14);
    int second = two(text, 17);
    if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) {
      return Long.MIN_VALUE;
    }
    if (day > 28 && day > YearMonth.of(year, month).lengthOfMonth()) {
      return Long.MIN_VALUE;
    }
    return LocalDate.of(year, month, day).toEpochDay() * 86_400
        + hour * 3_600L
        + minute * 60L
        + second;
  }

  /**
   * The fraction of the second, 0 to 999,999,999 ns.
   *
   * @param text of that form
   */
  public static int nano(String text) {
    int nano = 0;
    int scale = 100_000_000;
    for (int i = FRACTION; i < text.length() - 1; i++, scale /= 10) {
      nano += (text.charAt(i) - '0') * scale;
    }
    return nano;
  }

  /**
   * An instant in this form or in any other that {@link Instant#parse} reads.
   *
   * @throws java.time.DateTimeException when it is none
   */
  public static Instant instant(String text) {
    if (hasForm(text)) {
      long second = epochSecond(text);
      if (second != Long.MIN_VALUE) {
        return Instant.ofEpochSecond(second, nano(text));
      }
    }
    return Instant.parse(text);
  }

  private static int two(String text, int at) {
    return (text.charAt(at) - '0') * 10 + text.charAt(at + 1) - '0';
  }
}
