package org.pilothouse.demo;

import java.util.random.RandomGenerator;

/**
 * How used up a part is, from 0 (new) to 1 (replaced, and new again). Wear makes faults likelier; a
 * fault grows for a while and is then repaired.
 */
final class Wear {
  private static final double HOUR = 3_600;

  private final double lifeHours;
  private final double faultsPerMonth;
  private final RandomGenerator random;
  private double worn;
  private double faultSeconds;
  private double faultLength;

  /**
   * @param lifeHours at full load
   * @param faultsPerMonth of a part that is half worn
   */
  Wear(double lifeHours, double faultsPerMonth, RandomGenerator random) {
    this.lifeHours = lifeHours;
    this.faultsPerMonth = faultsPerMonth;
    this.random = random;
    this.worn = random.nextDouble() * 0.8;
  }

  /**
   * @param load from 0 to 1 and somewhat above
   */
  void work(double load, double seconds) {
    worn += load * seconds / (lifeHours * HOUR);
    if (worn >= 1) {
      worn = 0;
    }
    if (faultLength > 0) {
      faultSeconds += seconds;
      if (faultSeconds > faultLength) {
        faultLength = 0;
        faultSeconds = 0;
        worn *= 0.5;
      }
    } else {
      double hazard = faultsPerMonth * 2 * worn * seconds / (30 * 24 * HOUR);
      if (random.nextDouble() < hazard) {
        faultLength = HOUR * (0.5 + 6 * random.nextDouble());
      }
    }
  }

  double worn() {
    return worn;
  }

  /** From 0 (healthy) to 1 (about to be repaired). */
  double fault() {
    return faultLength == 0 ? 0 : Math.min(1, faultSeconds / (0.7 * faultLength));
  }
}
