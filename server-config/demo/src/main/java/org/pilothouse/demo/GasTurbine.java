package org.pilothouse.demo;

import static org.pilothouse.demo.Machine.rounded;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A small industrial gas turbine. Hot air and a fouled compressor take from its power and make it
 * burn more; a blocked burner lets the exhaust temperatures drift apart.
 */
final class GasTurbine implements Machine {
  private static final double RATED_MEGAWATTS = 24;

  private final RandomGenerator random;
  private final Wear fouling;
  private final Drift governor;
  private final Lag exhaust = new Lag(480, 240);

  GasTurbine(RandomGenerator random) {
    this.random = random;
    this.fouling = new Wear(3_000, 1, random);
    this.governor = new Drift(0.012, 30, random);
  }

  @Override
  public Map<String, Object> step(Surroundings around, double seconds) {
    double derating = 1 - 0.0065 * Math.max(0, around.ambient() - 15) - 0.05 * fouling.worn();
    double share = Math.clamp(0.3 + 0.7 * around.load() + governor.after(seconds), 0.25, 1);
    fouling.work(share, seconds);
    double burner = fouling.fault();
    double power = RATED_MEGAWATTS * share * derating;
    double efficiency = (0.24 + 0.12 * share) * (1 - 0.06 * fouling.worn() - 0.04 * burner);
    double fuel = power / efficiency / 47.5;
    double hot = 410 + 130 * share + 25 * fouling.worn() + 0.6 * around.ambient();
    double out = exhaust.towards(hot, seconds);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("power_mw", rounded(power * (1 + 0.002 * random.nextGaussian()), 3));
    values.put("speed_rpm", rounded(7_700 + 4 * random.nextGaussian(), 0));
    values.put("fuel_kgs", rounded(fuel * (1 + 0.003 * random.nextGaussian()), 4));
    values.put(
        "pressure_ratio",
        rounded(8 + 9.5 * share * (1 - 0.08 * fouling.worn()) + 0.03 * random.nextGaussian(), 2));
    values.put("exhaust_c", rounded(out + 0.8 * random.nextGaussian(), 1));
    values.put(
        "exhaust_spread_c",
        rounded(Math.max(2, 12 + 60 * burner + 1.5 * random.nextGaussian()), 1));
    values.put(
        "vibration_mms",
        rounded(Math.max(0.2, 1.4 + 0.8 * share + 1.5 * burner + 0.1 * random.nextGaussian()), 2));
    return values;
  }
}
