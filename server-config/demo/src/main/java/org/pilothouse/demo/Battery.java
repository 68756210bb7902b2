package org.pilothouse.demo;

import static org.pilothouse.demo.Machine.rounded;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A lithium storage of 100 cells in a row. It charges while little is asked for and discharges
 * while much is; its charge is the integral of its current, its voltage the cells' curve less what
 * the inner resistance takes.
 */
final class Battery implements Machine {
  private static final int CELLS = 100;
  private static final double AMPERE_HOURS = 280;

  private final RandomGenerator random;
  private final Wear wear;
  private final Drift trade;
  private final Lag temperature = new Lag(22, 3_600);
  private double charge;

  Battery(RandomGenerator random) {
    this.random = random;
    this.wear = new Wear(26_000, 0.8, random);
    this.trade = new Drift(12, 900, random);
    this.charge = 0.35 + 0.3 * random.nextDouble();
  }

  @Override
  public Map<String, Object> step(Surroundings around, double seconds) {
    double capacity = AMPERE_HOURS * (1 - 0.2 * wear.worn());
    double wanted = 150 * (around.load() - 0.62) + trade.after(seconds);
    double hours = seconds / 3_600;
    double most = Math.max(0, (charge - 0.08) * capacity / hours);
    double least = -Math.max(0, (0.95 - charge) * capacity / hours);
    double current = Math.clamp(wanted, Math.max(least, -140), Math.min(most, 140));
    charge = Math.clamp(charge - current * hours / capacity, 0, 1);
    wear.work(Math.abs(current) / 140, seconds);
    double weakCell = wear.fault();
    double cell =
        3.05 + 0.75 * charge + 0.35 * Math.pow(charge, 8) - 0.25 * Math.pow(1 - charge, 12);
    double resistance = 0.0006 * (1 + 1.2 * wear.worn() + 2 * weakCell);
    double voltage = CELLS * (cell - current * resistance);
    double heat =
        18 + 0.25 * around.ambient() + CELLS * current * current * resistance / 90 + 8 * weakCell;
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("charge_percent", rounded(100 * charge, 2));
    values.put("current_a", rounded(current + 0.1 * random.nextGaussian(), 2));
    values.put("voltage_v", rounded(voltage + 0.05 * random.nextGaussian(), 2));
    values.put(
        "temperature_c",
        rounded(temperature.towards(heat, seconds) + 0.05 * random.nextGaussian(), 2));
    values.put(
        "cell_spread_mv",
        rounded(Math.max(1, 6 + 10 * wear.worn() + 120 * weakCell + random.nextGaussian()), 0));
    values.put("health_percent", rounded(100 - 20 * wear.worn(), 2));
    values.put("state", current > 1 ? "discharging" : current < -1 ? "charging" : "idle");
    return values;
  }
}
