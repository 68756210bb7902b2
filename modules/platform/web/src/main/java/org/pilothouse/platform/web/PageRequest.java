package org.pilothouse.platform.web;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;

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
    return new PageRequest(
        Parameters.number("limit", limit, DEFAULT, 1, MOST), Optional.ofNullable(cursor));
  }
}
