package org.pilothouse.ctl.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How far times are moved so that the newest is at an end; learnt from all rows first. */
final class Shift {
  /** Twins of a file at most where each is moved by itself. */
  static final int MOST_TWINS = 200_000;

  private final Instant end;
  private final Mapping.Align align;
  private final Map<String, Instant> newest = new HashMap<>();
  private @Nullable Instant newestOfAll;

  Shift(Instant end, Mapping.Align align) {
    this.end = end;
    this.align = align;
  }

  void learn(RowMapper.Place place) {
    if (newestOfAll == null || place.time().isAfter(newestOfAll)) {
      newestOfAll = place.time();
    }
    if (align == Mapping.Align.TWIN) {
      newest.merge(place.twin(), place.time(), (a, b) -> a.isAfter(b) ? a : b);
      if (newest.size() > MOST_TWINS) {
        throw new Unusable(
            "the file has more than "
                + MOST_TWINS
                + " twins, too many to move each by itself; use align: file");
      }
    }
  }

  Duration of(String twin) {
    Instant last = align == Mapping.Align.TWIN ? newest.get(twin) : newestOfAll;
    return last == null ? Duration.ZERO : Duration.between(last, end);
  }

  Instant end() {
    return end;
  }
}
