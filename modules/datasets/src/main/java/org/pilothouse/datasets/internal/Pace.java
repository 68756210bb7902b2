package org.pilothouse.datasets.internal;

import java.time.Duration;

/** How fast bytes must come. */
sealed interface Pace {
  boolean isLost(long count);

  /** The consortium's own store. */
  record Any() implements Pace {
    @Override
    public boolean isLost(long count) {
      return false;
    }
  }

  /** Who sends a byte now and then would hold a thread for years. */
  final class AtLeast implements Pace {
    private static final long BYTES = 1 << 20;
    private static final long NANOS = Duration.ofSeconds(30).toNanos();

    private long since = System.nanoTime();
    private long from;

    @Override
    public boolean isLost(long count) {
      if (count - from >= BYTES) {
        since = System.nanoTime();
        from = count;
      }
      return System.nanoTime() - since > NANOS;
    }
  }
}
