package org.pilothouse.platform.web;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list.
 *
 * @param nextCursor null on the last page
 */
public record Page<T>(List<T> items, @Nullable String nextCursor) {
  public Page {
    items = List.copyOf(items);
  }

  /**
   * From {@code limit + 1} rows read: the one too many only tells that there is a next page.
   *
   * @param cursorOf the cursor that continues after a row
   */
  public static <R, T> Page<T> of(
      List<R> rows, int limit, Function<R, T> shown, Function<R, String> cursorOf) {
    boolean more = rows.size() > limit;
    List<R> kept = more ? rows.subList(0, limit) : rows;
    List<T> items = new ArrayList<>(kept.size());
    kept.forEach(row -> items.add(shown.apply(row)));
    return new Page<>(items, more ? cursorOf.apply(kept.getLast()) : null);
  }
}
