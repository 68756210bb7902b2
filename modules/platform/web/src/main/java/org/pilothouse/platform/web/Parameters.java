package org.pilothouse.platform.web;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** Query parameters, checked before anything is asked with them. Empty ones are absent. */
public final class Parameters {
  private static final int FIRST_YEAR = 1900;
  private static final int LAST_YEAR = 2999;

  private Parameters() {}

  /**
   * @throws Problem {@code invalid_value} when it is too long or holds control characters
   */
  public static Optional<String> text(String name, @Nullable String text, int longest) {
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    if (text.length() > longest || !JsonFields.isPrintable(text)) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          name,
          name + " may hold " + longest + " characters, and no control characters.");
    }
    return Optional.of(text);
  }

  /**
   * A whole number between {@code least} and {@code most}, both included. It comes as text because
   * JAX-RS answers 404 to a number that it cannot read.
   *
   * @throws Problem {@code invalid_value}
   */
  public static int number(String name, @Nullable String text, int fallback, int least, int most) {
    if (text == null) {
      return fallback;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, with the range.
    }
    throw Problem.at(
        ProblemCode.INVALID_VALUE,
        name,
        name + " must be a whole number from " + least + " to " + most + ".");
  }

  /**
   * RFC 3339, with any offset.
   *
   * @throws Problem {@code invalid_time}
   */
  public static Optional<Instant> time(String name, @Nullable String text) {
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    try {
      // A plus that was not escaped arrives as a blank.
      Instant time = OffsetDateTime.parse(text.replace(' ', '+')).toInstant();
      int year = time.atOffset(ZoneOffset.UTC).getYear();
      if (year >= FIRST_YEAR && year <= LAST_YEAR) {
        return Optional.of(time);
      }
    } catch (DateTimeException e) {
      // Said below, with what is expected.
    }
    throw Problem.at(
        ProblemCode.INVALID_TIME, name, name + " must be a time such as 2026-01-31T12:00:00Z.");
  }
}
