package org.pilothouse.local.supervise;

import java.util.Locale;
import java.util.Optional;

/** What the launcher may ask of a running supervisor. */
public enum ControlRequest {
  /** Read the plan again and start what it names and nobody watches yet. */
  EXTEND,
  /** Stop everything, then end. */
  STOP;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<ControlRequest> of(String word) {
    for (ControlRequest each : values()) {
      if (each.word().equals(word)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }
}
