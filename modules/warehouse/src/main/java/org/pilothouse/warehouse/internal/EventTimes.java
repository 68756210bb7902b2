package org.pilothouse.warehouse.internal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.pilothouse.kernel.PlainUtc;

/**
 * Reads the times of events, one after the other: most of them are of the same minute as the one
 * before, so that only the seconds are read. Not for several threads.
 */
final class EventTimes {
  /** {@code yyyy-MM-ddTHH:mm:}. */
  private static final int MINUTE = 17;

  /** With the seconds and the {@code Z}; a fraction has a point and up to nine digits more. */
  private static final int WHOLE = MINUTE + 3;

  private static final int LONGEST = WHOLE + 10;

  private byte[] minute = {};
  private long micros;

  /** In microseconds since 1970; {@link Long#MIN_VALUE} where it is no time. */
  long micros(byte[] time) {
    if (minute.length > 0
        && Arrays.equals(time, 0, Math.min(time.length, MINUTE), minute, 0, MINUTE)) {
      long rest = rest(time);
      if (rest >= 0) {
        return micros + rest;
      }
    }
    String text = new String(time, StandardCharsets.UTF_8);
    long read = ShareWriter.micros(text);
    if (read != Long.MIN_VALUE && text.length() == time.length && PlainUtc.hasForm(text)) {
      long rest = rest(time);
      if (rest >= 0) {
        minute = Arrays.copyOf(time, MINUTE);
        micros = read - rest;
      }
    }
    return read;
  }

  /** The microseconds after the minute; negative where they are to be read in another way. */
  private static long rest(byte[] time) {
    int length = time.length;
    if (length < WHOLE || length > LONGEST || time[length - 1] != 'Z') {
      return -1;
    }
    int tens = time[MINUTE] - '0';
    int ones = time[MINUTE + 1] - '0';
    if (tens < 0 || tens > 5 || ones < 0 || ones > 9) {
      return -1;
    }
    long rest = (tens * 10 + ones) * 1_000_000L;
    if (length == WHOLE) {
      return rest;
    }
    if (time[WHOLE - 1] != '.' || length == WHOLE + 1) {
      return -1;
    }
    long scale = 100_000;
    for (int i = WHOLE; i < length - 1; i++, scale /= 10) {
      int digit = time[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      rest += digit * scale;
    }
    return rest;
  }
}
