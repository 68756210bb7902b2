package org.pilothouse.datasets.rest;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Replayability;

/** Whether bytes at a pilot's own endpoint can be read, as callers see it. */
record ReplayabilityBody(String state, @Nullable String detail, @Nullable Instant probedAt) {
  static ReplayabilityBody of(Replayability replayability) {
    return new ReplayabilityBody(
        replayability.state().word(), replayability.detail(), replayability.probedAt());
  }
}
