package org.pilothouse.platform.kafka.consume;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** How fast a counter has grown over about the last ten seconds. For this adapter alone. */
public final class RateOverTenSeconds {
  private static final long WINDOW = TimeUnit.SECONDS.toNanos(10);
  private static final long LEAST_BETWEEN = TimeUnit.MILLISECONDS.toNanos(400);

  private record Sample(long at, long count) {}

  private final LongSupplier counter;
  private final ArrayDeque<Sample> samples = new ArrayDeque<>();

  public RateOverTenSeconds(LongSupplier counter) {
    this.counter = counter;
    samples.add(new Sample(System.nanoTime(), counter.getAsLong()));
  }

  synchronized void sample() {
    long now = System.nanoTime();
    if (now - samples.getLast().at() >= LEAST_BETWEEN) {
      samples.add(new Sample(now, counter.getAsLong()));
      while (samples.size() > 1 && now - samples.getFirst().at() > WINDOW) {
        samples.removeFirst();
      }
    }
  }

  public synchronized double perSecond() {
    sample();
    long now = System.nanoTime();
    Sample first = samples.getFirst();
    double seconds = (now - first.at()) / 1e9;
    return seconds < 0.1 ? 0 : Math.max(0, counter.getAsLong() - first.count()) / seconds;
  }
}
