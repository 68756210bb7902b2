package org.pilothouse.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
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
    PUMP("pump", "Pump"),
    WIND_TURBINE("wind", "Wind turbine"),
    BATTERY("battery", "Battery"),
    COMPRESSOR("compressor", "Compressor"),
    BEARING("bearing", "Bearing"),
    GAS_TURBINE("turbine", "Gas turbine");

    private final String word;
    private final String title;

    Kind(String word, String title) {
      this.word = word;
      this.title = title;
    }

    String word() {
      return word;
    }

    String title() {
      return title;
    }

    /** The id of its model. */
    String model() {
      return "demo-" + word;
    }

    /** Its Thing Model, JSON. */
    String document() {
      String name = "models/" + word + ".tm.json";
      try (InputStream in = Machine.class.getResourceAsStream(name)) {
        return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
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
