package org.pilothouse.ctl.telemetry;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A length of time as people write it: {@code 90} and {@code 90s} (seconds), {@code 500ms}, {@code
 * 15m}, {@code 2h}, {@code 7d}, or ISO 8601 ({@code PT15M}).
 */
public final class Length {
  private static final Pattern SHORT = Pattern.compile("([0-9]{1,10})(ms|s|m|h|d)?");

  private Length() {}

  /**
   * @throws Unusable when it is none, or not longer than nothing
   */
  public static Duration of(String text) {
    Duration length = parsed(text.strip());
    if (length.isNegative() || length.isZero()) {
      throw new Unusable("a length of time must be longer than 0, not " + text);
    }
    return length;
  }

  private static Duration parsed(String text) {
    Matcher matcher = SHORT.matcher(text);
    if (matcher.matches()) {
      long count = Long.parseLong(matcher.group(1));
      String unit = matcher.group(2);
      return switch (unit == null ? "s" : unit) {
        case "ms" -> Duration.ofMillis(count);
        case "m" -> Duration.ofMinutes(count);
        case "h" -> Duration.ofHours(count);
        case "d" -> Duration.ofDays(count);
        default -> Duration.ofSeconds(count);
      };
    }
    try {
      return Duration.parse(text);
    } catch (DateTimeException e) {
      throw new Unusable(
          "'" + text + "' is no length of time; write 90s, 15m, 2h, 7d or ISO 8601 (PT15M)");
    }
  }
}
