package org.pilothouse.twins.internal;

import java.time.Instant;

/** Numbers of one property in one step of time. */
final class Rollup {
  static final int MINUTE = 60;
  static final int HALF_HOUR = 1_800;
  static final int DAY = 86_400;

  private double low = Double.POSITIVE_INFINITY;
  private double high = Double.NEGATIVE_INFINITY;
  private double total;
  private long count;
  private double last;
  private Instant lastTime = Instant.MIN;

  void add(double number, Instant time) {
    low = Math.min(low, number);
    high = Math.max(high, number);
    total += number;
    count++;
    if (!time.isBefore(lastTime)) {
      last = number;
      lastTime = time;
    }
  }

  /** The numbers of a shorter step within this one. */
  void add(Rollup other) {
    low = Math.min(low, other.low);
    high = Math.max(high, other.high);
    total += other.total;
    count += other.count;
    if (!other.lastTime.isBefore(lastTime)) {
      last = other.last;
      lastTime = other.lastTime;
    }
  }

  double low() {
    return low;
  }

  double high() {
    return high;
  }

  double total() {
    return total;
  }

  long count() {
    return count;
  }

  double last() {
    return last;
  }

  Instant lastTime() {
    return lastTime;
  }
}
