package org.pilothouse.local.supervise;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Where a process is in its life. */
public enum ProcessState {
  STARTING,
  UP,
  /** Ended by itself or never became ready; the supervisor waits before it tries again. */
  CRASHED,
  /** Started again after a crash, not ready yet. */
  RESTARTING,
  STOPPED;

  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
