package org.pilothouse.demo;

import static org.pilothouse.demo.Machine.rounded;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A centrifugal pump behind a frequency converter. Flow goes with the speed, head with its square
 * (the affinity laws); a worn impeller gives less head, cavitation costs flow and shakes.
 */
final class Pump implements Machine {
  private static final double RATED_SPEED = 2_950;
  private static final double RATED_FLOW = 180;
  private static final double RATED_HEAD = 62;
  private static final double WEIGHT = 9.81 * 998;

  private final RandomGenerator random;
  private final Wear wear;
  private final Drift demand;
  private final Lag temperature = new Lag(35, 900);

  Pump(RandomGenerator random) {
    this.random = random;
    this.wear = new Wear(9_000, 1.5, random);
    this.demand = new Drift(0.04, 600, random);
  }

  @Override
  public Map<String, Object> step(Surroundings around, double seconds) {
    double share = Math.clamp(0.35 + 0.65 * around.load() + demand.after(seconds), 0.2, 1.05);
    wear.work(share, seconds);
    double cavitation = wear.fault();
    double speed = RATED_SPEED * share;
    double flow = RATED_FLOW * share * (1 - 0.35 * cavitation) * (1 - 0.08 * wear.worn());
    double head = RATED_HEAD * share * share * (1 - 0.12 * wear.worn() - 0.25 * cavitation);
    double efficiency = 0.81 - 0.1 * wear.worn() - 0.2 * cavitation;
    double power = WEIGHT * flow / 3_600 * head / efficiency / 1_000;
    double heat = around.ambient() + 12 + 26 * share + 14 * wear.worn() + 18 * cavitation;
    double vibration = 0.8 + 1.3 * share * share + 2.2 * wear.worn() + 5.5 * cavitation;
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("speed_rpm", rounded(speed + 2 * random.nextGaussian(), 0));
    values.put("flow_m3h", rounded(Math.max(0, flow * (1 + 0.006 * random.nextGaussian())), 2));
    values.put("head_m", rounded(Math.max(0, head * (1 + 0.004 * random.nextGaussian())), 2));
    values.put("power_kw", rounded(Math.max(0, power * (1 + 0.005 * random.nextGaussian())), 2));
    values.put(
        "bearing_c", rounded(temperature.towards(heat, seconds) + 0.15 * random.nextGaussian(), 1));
    values.put(
        "vibration_mms", rounded(Math.max(0.1, vibration * (1 + 0.05 * random.nextGaussian())), 2));
    values.put("state", cavitation > 0.3 ? "cavitating" : "running");
    return values;
  }
}
