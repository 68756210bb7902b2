package org.pilothouse.demo;

import java.util.random.RandomGenerator;

/**
 * A quantity that wanders around its mean (an Ornstein-Uhlenbeck process). The step is exact, so
 * that a minute in one step and in sixty have the same distribution.
 */
final class Drift {
  private final double spread;
  private final double memorySeconds;
  private final RandomGenerator random;
  private double value;

  /**
   * @param spread its standard deviation in the long run
   * @param memorySeconds how long it remembers where it was
   */
  Drift(double spread, double memorySeconds, RandomGenerator random) {
    this.spread = spread;
    this.memorySeconds = memorySeconds;
    this.random = random;
    this.value = spread * random.nextGaussian();
  }

  double after(double seconds) {
    double kept = Math.exp(-seconds / memorySeconds);
    value = value * kept + spread * Math.sqrt(1 - kept * kept) * random.nextGaussian();
    return value;
  }
}
