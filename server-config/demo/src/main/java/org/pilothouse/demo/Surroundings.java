package org.pilothouse.demo;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.random.RandomGenerator;

/** The weather and the working day of one site. */
final class Surroundings {
  private final ZoneId zone;
  private final Drift weather;
  private final Drift wind;
  private final Drift demand;
  private double ambient;
  private double windSpeed;
  private double load;
  private double limit = 1;

  Surroundings(ZoneId zone, RandomGenerator random) {
    this.zone = zone;
    this.weather = new Drift(3.5, 2 * 86_400, random);
    this.wind = new Drift(1, 4 * 3_600, random);
    this.demand = new Drift(0.05, 1_800, random);
  }

  void at(Instant time, double seconds) {
    ZonedDateTime local = time.atZone(zone);
    double hour = local.getHour() + local.getMinute() / 60.0 + local.getSecond() / 3_600.0;
    double season = -Math.cos(2 * Math.PI * (local.getDayOfYear() - 20) / 365.25);
    double day = -Math.cos(2 * Math.PI * (hour - 3) / 24);
    ambient = 12 + 9 * season + 4 * day + weather.after(seconds);
    windSpeed = Math.max(0, 7.5 - 1.2 * season + 0.8 * day + 3.2 * wind.after(seconds));
    boolean weekend = local.getDayOfWeek().getValue() > 5;
    double shift = hour >= 6 && hour < 22 ? 0.82 : 0.45;
    double asked = Math.clamp((weekend ? 0.6 : 1) * shift + demand.after(seconds), 0.05, 1);
    load = Math.min(asked, limit);
  }

  /** °C. */
  double ambient() {
    return ambient;
  }

  /** m/s. */
  double windSpeed() {
    return windSpeed;
  }

  /** From now on the machine gives at most this share of what it could, from 0 to 1. */
  void limitTo(double share) {
    limit = share;
  }

  double limit() {
    return limit;
  }

  /** What is asked of the plant, from 0 to 1. */
  double load() {
    return load;
  }
}
