package org.pilothouse.demo;

/** A quantity that follows another with inertia, as a housing follows its bearing's heat. */
final class Lag {
  private final double inertiaSeconds;
  private double value;

  Lag(double start, double inertiaSeconds) {
    this.value = start;
    this.inertiaSeconds = inertiaSeconds;
  }

  double towards(double target, double seconds) {
    value += (target - value) * (1 - Math.exp(-seconds / inertiaSeconds));
    return value;
  }
}
