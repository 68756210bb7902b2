package org.pilothouse.datasets;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.pilothouse.kernel.HeldSteps;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/**
 * How the hold is kept.
 *
 * @param verifiers datasets that a node verifies at once, 1 to 32
 * @param answerWithin how long a completion waits for the verification before it answers that it
 *     goes on, at most 25 s
 * @param grace how long withdrawn, expired and orphaned bytes stay
 * @param uploadPatience how long an upload may rest before it is given up
 * @param sweepEvery how often the hold is swept
 * @param quota of a pilot that was given none of its own
 * @param holdAt where somebody who injects faults says at which steps to hold
 */
public record DatasetsConfig(
    int verifiers,
    Duration answerWithin,
    Duration grace,
    Duration uploadPatience,
    Duration sweepEvery,
    Quota quota,
    Optional<Path> holdAt) {

  private static final String PREFIX = "pilothouse.datasets.";

  public DatasetsConfig {
    within("answer-within", answerWithin, Duration.ZERO, Duration.ofSeconds(25));
    within("grace", grace, Duration.ofSeconds(1), Duration.ofDays(365));
    within("upload-patience", uploadPatience, Duration.ofSeconds(1), Duration.ofDays(365));
    within("sweep-every", sweepEvery, Duration.ofSeconds(1), Duration.ofDays(7));
  }

  private static void within(String key, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new InvalidSetting(
          PREFIX + key + " must be from " + least + " to " + most + ", not " + value);
    }
  }

  public static DatasetsConfig from(Settings settings) {
    return new DatasetsConfig(
        settings.number(PREFIX + "verifiers", 2, 1, 32),
        settings.duration(PREFIX + "answer-within", Duration.ofSeconds(10)),
        settings.duration(PREFIX + "grace", Duration.ofHours(24)),
        settings.duration(PREFIX + "upload-patience", Duration.ofDays(7)),
        settings.duration(PREFIX + "sweep-every", Duration.ofHours(1)),
        new Quota(
            1024L * 1024 * 1024 * settings.number(PREFIX + "quota-gib", 1024, 0, 1024 * 1024),
            settings.number(PREFIX + "quota-objects", 2_000_000, 0, Quota.MOST_OBJECTS),
            settings.number(PREFIX + "quota-uploads", 50, 0, Quota.MOST_UPLOADS)),
        HeldSteps.directory(settings, PREFIX + "hold-at"));
  }
}
