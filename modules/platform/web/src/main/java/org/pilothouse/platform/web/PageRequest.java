package org.pilothouse.platform.web;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/**
 * Which page is asked for. The parameters come as text because JAX-RS answers 404 to a number that
 * it cannot read.
 *
 * @param limit 1 to 500
 */
public record PageRequest(int limit, Optional<String> cursor) {
  public static final int MOST = 500;
  public static final int DEFAULT = 50;

  /**
   * @throws Problem {@code invalid_value}, {@code invalid_cursor}
   */
  public static PageRequest of(@Nullable String limit, @Nullable String cursor) {
    if (cursor != null && cursor.length() > 512) {
      throw Cursor.invalid();
    }
    return new PageRequest(limit(limit), Optional.ofNullable(cursor));
  }

  private static int limit(@Nullable String text) {
    if (text == null) {
      return DEFAULT;
    }
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= MOST) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Said below, with the range.
    }
    throw Problem.at(
        ProblemCode.INVALID_VALUE, "limit", "limit must be a whole number from 1 to " + MOST + ".");
  }
}
