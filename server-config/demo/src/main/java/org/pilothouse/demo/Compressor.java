package org.pilothouse.demo;

import static org.pilothouse.demo.Machine.rounded;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A screw compressor for plant air, loaded and unloaded between two pressures. A leaking valve
 * makes it run longer and hotter for the same air.
 */
final class Compressor implements Machine {
  private static final double LOADS_AT = 6.8;
  private static final double UNLOADS_AT = 7.5;
  private static final double DELIVERY = 18;
  private static final double VESSEL = 9;

  private final RandomGenerator random;
  private final Wear wear;
  private final Drift use;
  private final Lag oil = new Lag(60, 700);
  private double pressure;
  private boolean loaded = true;

  Compressor(RandomGenerator random) {
    this.random = random;
    this.wear = new Wear(8_000, 1.6, random);
    this.use = new Drift(0.08, 240, random);
    this.pressure = 6.9 + 0.5 * random.nextDouble();
  }

  @Override
  public Map<String, Object> step(Surroundings around, double seconds) {
    double leak = wear.fault();
    double delivery = DELIVERY * (1 - 0.1 * wear.worn() - 0.3 * leak);
    double drawn = DELIVERY * Math.clamp(0.75 * around.load() + use.after(seconds), 0.05, 0.95);
    for (double left = seconds; left > 0; left -= 5) {
      double part = Math.min(5, left);
      double net = (loaded ? delivery : 0) - drawn;
      pressure = Math.clamp(pressure + net * part / 60 / VESSEL, 5, 8);
      loaded = loaded ? pressure < UNLOADS_AT : pressure < LOADS_AT;
    }
    wear.work(loaded ? 1 : 0.3, seconds);
    double current = loaded ? 168 + 6 * pressure : 74;
    double heat = 48 + 0.5 * around.ambient() + (loaded ? 28 : 12) + 5 * wear.worn() + 22 * leak;
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("pressure_bar", rounded(pressure + 0.005 * random.nextGaussian(), 3));
    values.put(
        "flow_m3min",
        rounded(loaded ? Math.max(0, delivery * (1 + 0.01 * random.nextGaussian())) : 0, 2));
    values.put("current_a", rounded(current * (1 + 0.008 * random.nextGaussian()), 1));
    values.put("oil_c", rounded(oil.towards(heat, seconds) + 0.2 * random.nextGaussian(), 1));
    values.put(
        "vibration_mms",
        rounded(
            Math.max(
                0.1, (loaded ? 1.9 : 1.1) + wear.worn() + 2.5 * leak + 0.1 * random.nextGaussian()),
            2));
    values.put("loaded", loaded);
    return values;
  }
}
