package org.pilothouse.platform.kafka.consume;

import java.time.Duration;

/**
 * Tells whether an event was seen before, for those who only show events: a window bounded by count
 * and time. Readers with effects use {@link Deduplicator}. Not for several threads.
 */
public final class SeenEvents {
  private final IdentityWindow window;

  /**
   * @param most events that it remembers; about 40 bytes each
   * @param age how long it remembers one, by the time at which it was given to the backbone
   */
  public SeenEvents(int most, Duration age) {
    this.window = new IdentityWindow(most, age.toMillis());
  }

  /** True the first time; an event without source or id is always new. */
  public boolean isNew(LogRecord record) {
    EventIdentity identity = EventIdentity.of(record, "");
    return identity == null
        || window.add(identity.high(), identity.low(), record.timestampMillis());
  }
}
