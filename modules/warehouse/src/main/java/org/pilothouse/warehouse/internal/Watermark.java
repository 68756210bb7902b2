package org.pilothouse.warehouse.internal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a partition has come.
 *
 * @param eventTime the newest event time among its last records; null where nothing is kept
 * @param givenAt when its last record was given to the backbone; null where nothing is kept
 */
record Watermark(int partition, @Nullable Instant eventTime, @Nullable Instant givenAt) {
  /** Clocks that run ahead must not close a day: no time counts before it was here. */
  @Nullable Instant reached() {
    Instant event = eventTime;
    Instant given = givenAt;
    if (event == null || given == null) {
      return null;
    }
    return event.isBefore(given) ? event : given;
  }
}
