package org.pilothouse.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MachineTest {
  private static final Instant START = Instant.parse("2026-01-05T00:00:00Z");
  private static final ZoneId ROME = ZoneId.of("Europe/Rome");
  private static final Map<String, double[]> PLAUSIBLE = new HashMap<>();

  static {
    PLAUSIBLE.put("speed_rpm", new double[] {400, 8_000});
    PLAUSIBLE.put("flow_m3h", new double[] {10, 210});
    PLAUSIBLE.put("head_m", new double[] {0.5, 75});
    PLAUSIBLE.put("power_kw", new double[] {0, 3_300});
    PLAUSIBLE.put("power_mw", new double[] {3, 25});
    PLAUSIBLE.put("bearing_c", new double[] {0, 125});
    PLAUSIBLE.put("temperature_c", new double[] {0, 125});
    PLAUSIBLE.put("gearbox_c", new double[] {0, 125});
    PLAUSIBLE.put("oil_c", new double[] {40, 130});
    PLAUSIBLE.put("exhaust_c", new double[] {380, 620});
    PLAUSIBLE.put("exhaust_spread_c", new double[] {2, 100});
    PLAUSIBLE.put("vibration_mms", new double[] {0.05, 15});
    PLAUSIBLE.put("kurtosis", new double[] {1.8, 12});
    PLAUSIBLE.put("load_kn", new double[] {0, 30});
    PLAUSIBLE.put("fuel_kgs", new double[] {0.1, 3});
    PLAUSIBLE.put("pressure_ratio", new double[] {7, 19});
    PLAUSIBLE.put("charge_percent", new double[] {0, 100});
    PLAUSIBLE.put("current_a", new double[] {-150, 230});
    PLAUSIBLE.put("voltage_v", new double[] {250, 450});
    PLAUSIBLE.put("cell_spread_mv", new double[] {1, 200});
    PLAUSIBLE.put("health_percent", new double[] {80, 100});
    PLAUSIBLE.put("wind_ms", new double[] {0, 45});
    PLAUSIBLE.put("rotor_rpm", new double[] {0, 15});
    PLAUSIBLE.put("pitch_deg", new double[] {0, 90});
    PLAUSIBLE.put("pressure_bar", new double[] {4.9, 8.1});
    PLAUSIBLE.put("flow_m3min", new double[] {0, 20});
  }

  @ParameterizedTest
  @EnumSource
  void shouldStayWithinWhatTheMachineCanDoWhenAYearPasses(Machine.Kind kind) {
    for (long seed = 1; seed <= 3; seed++) {
      Machine machine = kind.make(new SplittableRandom(seed));
      Surroundings around = new Surroundings(ROME, new SplittableRandom(seed));
      Instant at = START;
      for (int step = 0; step < 365 * 48; step++) {
        at = at.plusSeconds(1_800);
        around.at(at, 1_800);
        machine
            .step(around, 1_800)
            .forEach((name, value) -> {
              if (value instanceof Double number) {
                double[] range = PLAUSIBLE.get(name);
                assertThat(range).as(name).isNotNull();
                assertThat(number).as(kind + " " + name).isBetween(range[0], range[1]);
              }
            });
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldTellTheSameLifeWhenTheSeedIsTheSame(Machine.Kind kind) {
    assertThat(life(kind, 7)).isEqualTo(life(kind, 7)).isNotEqualTo(life(kind, 8));
  }

  @Test
  void shouldGiveMorePowerWhenThereIsMoreWind() {
    WindTurbine turbine = new WindTurbine(new SplittableRandom(1));
    Surroundings around = new Surroundings(ROME, new SplittableRandom(5));
    double[] sums = new double[2];
    int[] counts = new int[2];
    Instant at = START;
    for (int step = 0; step < 5_000; step++) {
      at = at.plusSeconds(600);
      around.at(at, 600);
      Map<String, Object> values = turbine.step(around, 600);
      int strong = (double) values.get("wind_ms") > 8 ? 1 : 0;
      sums[strong] += (double) values.get("power_kw");
      counts[strong]++;
    }

    assertThat(sums[1] / counts[1]).isGreaterThan(3 * sums[0] / counts[0]);
  }

  @Test
  void shouldNameEachTwinOnceWhenAConsortiumIsMade() {
    List<Site> sites = Site.consortium(10, 20, 1, START);

    assertThat(sites).extracting(Site::pilot).doesNotHaveDuplicates().hasSize(10);
    assertThat(sites)
        .allSatisfy(site -> assertThat(site.twins()).extracting(Twin::id).doesNotHaveDuplicates());
  }

  @Test
  void shouldLoseNothingWhenLinesAreLateOrDouble() {
    Untidiness untidy = new Untidiness(0.2, 0.1, 1);
    List<String> arrived = new ArrayList<>();
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      made.add("line-" + i);
      arrived.addAll(untidy.pass("line-" + i, i * 1_000L));
    }
    arrived.addAll(untidy.rest());

    assertThat(arrived).containsAll(made).hasSizeGreaterThan(2_100);
    assertThat(arrived.subList(0, 500)).isNotEqualTo(made.subList(0, 500));
  }

  private static List<String> life(Machine.Kind kind, long seed) {
    Twin twin = new Twin("aurora", kind, 1, ROME, seed, START);
    List<String> lines = new ArrayList<>();
    for (int i = 1; i <= 500; i++) {
      lines.add(twin.line(START.plusSeconds(60L * i)));
    }
    return lines.stream().map(line -> line.substring(line.indexOf("\"twin\""))).toList();
  }
}
