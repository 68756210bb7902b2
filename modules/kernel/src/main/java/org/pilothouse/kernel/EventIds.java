package org.pilothouse.kernel;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Makes UUIDs of version 7 (RFC 9562, section 5.7): they sort by the millisecond in which they were
 * made. Time and randomness come in, so that tests get the same ids twice.
 */
public final class EventIds {
  private final Clock clock;
  private final RandomGenerator random;

  public EventIds(Clock clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /** Ids that cannot be guessed, from the system's clock. */
  public static EventIds system() {
    return new EventIds(Clock.systemUTC(), new SecureRandom());
  }

  public UUID next() {
    long millis = clock.millis();
    long high = (millis << 16) | 0x7000L | (random.nextLong() & 0x0fffL);
    long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
    return new UUID(high, low);
  }
}
