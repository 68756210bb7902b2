package org.pilothouse.warehouse.rest;

import java.time.Instant;
import org.pilothouse.warehouse.PilotDay;

/** A day in UTC, its end excluded. */
record IntervalBody(Instant start, Instant end) {
  static IntervalBody of(PilotDay day) {
    return new IntervalBody(day.start(), day.end());
  }
}
