package org.pilothouse.local.supervise;

import java.time.Duration;

/**
 * How long a crashed process stays down: long enough that a person sees it, doubling up to a bound,
 * and back to the first step once the process has stayed up for a while.
 */
final class Backoff {

  static final Duration FIRST = Duration.ofSeconds(5);
  static final Duration LONGEST = Duration.ofSeconds(30);
  static final Duration STEADY = Duration.ofSeconds(20);

  private Duration next = FIRST;

  Duration afterRunOf(Duration up) {
    if (up.compareTo(STEADY) >= 0) {
      next = FIRST;
    }
    Duration wait = next;
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
    return wait;
  }
}
