package org.pilothouse.demo;

import static org.pilothouse.demo.Machine.rounded;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A wind turbine of 3.2 MW: still below 3 m/s, cubic to the rated wind, pitched out above it, and
 * stopped in a storm.
 */
final class WindTurbine implements Machine {
  private static final double CUT_IN = 3;
  private static final double RATED_WIND = 12;
  private static final double CUT_OUT = 25;
  private static final double RATED_KILOWATTS = 3_200;

  private final RandomGenerator random;
  private final Wear gearbox;
  private final Drift gusts;
  private final double shelter;
  private final Lag gearHeat = new Lag(45, 1_800);

  WindTurbine(RandomGenerator random) {
    this.random = random;
    this.gearbox = new Wear(40_000, 1.2, random);
    this.gusts = new Drift(0.11, 45, random);
    this.shelter = 0.88 + 0.24 * random.nextDouble();
  }

  @Override
  public Map<String, Object> step(Surroundings around, double seconds) {
    double wind = Math.max(0, around.windSpeed() * shelter * (1 + gusts.after(seconds)));
    boolean turning = wind >= CUT_IN && wind < CUT_OUT;
    double share =
        !turning
            ? 0
            : Math.min(
                around.limit(),
                (Math.pow(wind, 3) - Math.pow(CUT_IN, 3))
                    / (Math.pow(RATED_WIND, 3) - Math.pow(CUT_IN, 3)));
    gearbox.work(share, seconds);
    double slip = gearbox.fault();
    double rotor = turning ? 6 + 7.5 * Math.min(1, wind / RATED_WIND) : 0;
    double pitch = !turning ? 88 : wind <= RATED_WIND ? 0.5 : 2.1 * (wind - RATED_WIND);
    double heat = around.ambient() + 20 + 32 * share + 6 * gearbox.worn() + 22 * slip;
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("wind_ms", rounded(Math.max(0, wind + 0.05 * random.nextGaussian()), 2));
    values.put(
        "power_kw",
        rounded(
            Math.max(
                0,
                RATED_KILOWATTS * share * (1 - 0.05 * slip)
                    + (turning ? 4 * random.nextGaussian() : 0)),
            1));
    values.put(
        "rotor_rpm", rounded(Math.max(0, rotor + (turning ? 0.03 * random.nextGaussian() : 0)), 2));
    values.put("pitch_deg", rounded(Math.clamp(pitch + 0.1 * random.nextGaussian(), 0, 90), 1));
    values.put(
        "gearbox_c", rounded(gearHeat.towards(heat, seconds) + 0.2 * random.nextGaussian(), 1));
    values.put(
        "vibration_mms",
        rounded(
            Math.max(
                0.05,
                0.3 + 1.4 * share + 0.8 * gearbox.worn() + 4 * slip + 0.08 * random.nextGaussian()),
            2));
    values.put("turning", turning);
    return values;
  }
}
