package org.pilothouse.demo;

import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * One simulated machine. Each step moves it forward and reads its sensors; the same steps from the
 * same seed give the same readings.
 */
sealed interface Machine permits Pump, Bearing, GasTurbine, Battery, WindTurbine, Compressor {
  /** Sensor names and readings, in SI units and degrees Celsius unless the name says otherwise. */
  Map<String, Object> step(Surroundings around, double seconds);

  /** The kinds of machine, in the order in which a fleet is filled. */
  enum Kind {
    PUMP("pump"),
    WIND_TURBINE("wind"),
    BATTERY("battery"),
    COMPRESSOR("compressor"),
    BEARING("bearing"),
    GAS_TURBINE("turbine");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }

    Machine make(RandomGenerator random) {
      return switch (this) {
        case PUMP -> new Pump(random);
        case WIND_TURBINE -> new WindTurbine(random);
        case BATTERY -> new Battery(random);
        case COMPRESSOR -> new Compressor(random);
        case BEARING -> new Bearing(random);
        case GAS_TURBINE -> new GasTurbine(random);
      };
    }
  }

  /** As a sensor of so many digits would say it. */
  static double rounded(double value, int digits) {
    double scale = Math.pow(10, digits);
    return Math.round(value * scale) / scale;
  }
}
