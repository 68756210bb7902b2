package org.pilothouse.benchmarks;

import java.time.Instant;

/** Numbers of one property in a stretch of time; of equal times the later one is the last. */
final class Summary {
  private long count;
  private double low = Double.POSITIVE_INFINITY;
  private double high = Double.NEGATIVE_INFINITY;
  private double total;
  private double last;
  private Instant lastTime = Instant.MIN;

  void add(double number, Instant time) {
    count++;
    low = Math.min(low, number);
    high = Math.max(high, number);
    total += number;
    if (!time.isBefore(lastTime)) {
      last = number;
      lastTime = time;
    }
  }

  Shown shown() {
    return new Shown(count, low, high, total / count, last);
  }

  /** As it is compared. */
  record Shown(long count, double low, double high, double average, double last) {
    private static final double ROUNDING = 1e-9;

    /** A total depends on the order of its parts in the last digits. */
    boolean isEqual(Shown other) {
      return isEqualButForLast(other) && last == other.last;
    }

    boolean isEqualButForLast(Shown other) {
      return count == other.count
          && low == other.low
          && high == other.high
          && Math.abs(average - other.average) <= ROUNDING * Math.max(1, Math.abs(average));
    }
  }
}
