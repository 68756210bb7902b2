package org.pilothouse.twins;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.pilothouse.kernel.Settings;

/**
 * How an installation keeps its twins.
 *
 * @param state where reported states are
 * @param directory for the local stores, where states are on the backbone alone
 * @param fold number of the fold; with the next one, everything is folded again from the telemetry
 *     that is kept
 */
public record TwinsConfig(State state, Path directory, int fold) {
  private static final String KEY = "pilothouse.twins.state";

  /** Where reported states are. */
  public enum State {
    POSTGRESQL,
    KAFKA
  }

  public static TwinsConfig from(Settings settings) {
    State state =
        settings.oneOf(KEY, "postgresql", List.of("postgresql", "kafka")).equals("kafka")
            ? State.KAFKA
            : State.POSTGRESQL;
    String directory = settings.text(KEY + "-directory", "twin-state");
    try {
      return new TwinsConfig(
          state, Path.of(directory), settings.number(KEY + "-fold", 1, 1, 1_000_000));
    } catch (InvalidPathException e) {
      throw new Settings.InvalidSetting(KEY + "-directory is not a path: '" + directory + "'", e);
    }
  }
}
