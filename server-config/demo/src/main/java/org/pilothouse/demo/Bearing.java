package org.pilothouse.demo;

import static org.pilothouse.demo.Machine.rounded;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A rolling bearing on a drive shaft. A beginning spall shows as impulses (kurtosis) before it
 * shows as vibration, and as heat last.
 */
final class Bearing implements Machine {
  private final RandomGenerator random;
  private final Wear wear;
  private final Drift axial;
  private final Lag temperature = new Lag(40, 1_500);

  Bearing(RandomGenerator random) {
    this.random = random;
    this.wear = new Wear(14_000, 2, random);
    this.axial = new Drift(0.05, 300, random);
  }

  @Override
  public Map<String, Object> step(Surroundings around, double seconds) {
    double load = Math.clamp(around.load() + axial.after(seconds), 0, 1.1);
    wear.work(load, seconds);
    double spall = wear.fault();
    double speed = 1_480 - 18 * load;
    double vibration = 0.6 + 0.9 * load + 1.1 * wear.worn() + 4.5 * spall * spall;
    double kurtosis = 3 + 0.5 * wear.worn() + 7 * spall * (1 - 0.4 * spall);
    double heat = around.ambient() + 18 + 22 * load + 7 * wear.worn() + 25 * spall * spall;
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("speed_rpm", rounded(speed + random.nextGaussian(), 0));
    values.put("load_kn", rounded(Math.max(0, 22 * load * (1 + 0.01 * random.nextGaussian())), 2));
    values.put(
        "vibration_mms", rounded(Math.max(0.1, vibration * (1 + 0.06 * random.nextGaussian())), 2));
    values.put("kurtosis", rounded(Math.max(1.8, kurtosis + 0.15 * random.nextGaussian()), 2));
    values.put(
        "temperature_c",
        rounded(temperature.towards(heat, seconds) + 0.1 * random.nextGaussian(), 1));
    return values;
  }
}
