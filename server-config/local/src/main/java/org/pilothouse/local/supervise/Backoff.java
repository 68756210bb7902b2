package org.pilothouse.local.supervise;

import java.time.Duration;

/**
 * How long a crashed process stays down: long enough that a person sees it, doubling up to a bound
 * while it does not even become ready, and the first step again for one that was.
 */
final class Backoff {

  static final Duration FIRST = Duration.ofSeconds(5);
  static final Duration LONGEST = Duration.ofSeconds(30);

  private Duration next = FIRST;

  Duration after(boolean wasReady) {
    if (wasReady) {
      next = FIRST;
    }
    Duration wait = next;
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
    return wait;
  }
}
