package org.pilothouse.warehouse;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pilothouse.kernel.HeldSteps;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/**
 * How days are closed.
 *
 * @param nightly whether days are closed without anybody asking
 * @param lateness how much later than the day's end its events are waited for
 * @param silence how long nothing must have come for a partition not to be waited for
 * @param deadline after the day's end, when it is closed whatever is missing
 * @param partitionsAtOnce of a run, 1 to 16; each takes the sort buffer and about 120 MiB more
 * @param sortBuffer in bytes
 * @param spillDirectory for what does not fit; relative to the server's output directory
 * @param lease how long a node that says nothing keeps a run
 * @param attempts before a run that keeps breaking waits for a person
 * @param holdAt where somebody names the steps that runs are held at; for tests
 */
public record WarehouseConfig(
    boolean nightly,
    Duration lateness,
    Duration silence,
    Duration deadline,
    int partitionsAtOnce,
    int sortBuffer,
    Path spillDirectory,
    Duration lease,
    int attempts,
    Optional<Path> holdAt) {

  private static final String PREFIX = "pilothouse.warehouse.";

  public WarehouseConfig {
    within("lateness", lateness, Duration.ZERO, Duration.ofDays(1));
    within("silence", silence, Duration.ofSeconds(1), Duration.ofDays(1));
    within("deadline", deadline, lateness, Duration.ofDays(7));
    within("lease", lease, Duration.ofSeconds(2), Duration.ofHours(1));
  }

  private static void within(String key, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new InvalidSetting(
          PREFIX + key + " must be from " + least + " to " + most + ", not " + value);
    }
  }

  public static WarehouseConfig from(Settings settings) {
    return new WarehouseConfig(
        settings.oneOf(PREFIX + "schedule", "nightly", List.of("nightly", "off")).equals("nightly"),
        settings.duration(PREFIX + "lateness", Duration.ofMinutes(15)),
        settings.duration(PREFIX + "silence", Duration.ofMinutes(10)),
        settings.duration(PREFIX + "deadline", Duration.ofHours(6)),
        settings.number(PREFIX + "partitions-at-once", 2, 1, 16),
        (settings.number(PREFIX + "sort-buffer-mib", 64, 4, 1024)) << 20,
        Path.of(settings.text(PREFIX + "spill-directory", "warehouse-spill")),
        settings.duration(PREFIX + "lease", Duration.ofSeconds(60)),
        settings.number(PREFIX + "attempts", 5, 1, 100),
        HeldSteps.directory(settings, PREFIX + "hold-at"));
  }
}
