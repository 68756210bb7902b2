package org.pilothouse.warehouse;

import java.util.Locale;

/** Why a day was closed when it was; the words are part of the API. */
public enum CloseReason {
  /** Every partition has told of times after the day. */
  WATERMARKS,
  /** So have those that were not silent. */
  IDLE_PARTITIONS,
  /** Some have not, and there was no more time to wait. */
  DEADLINE,
  /** Somebody asked for it. */
  REQUESTED,
  /** A correction that the policy has begun: events came after the day was closed. */
  LATE_EVENTS;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
