package org.pilothouse.warehouse.internal;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * When late events become a correction without anybody asking.
 *
 * @param threshold records of a day that have to wait; with {@link Corrections#THRESHOLD} only
 * @param revision grows with every change; 0 where none was set
 */
public record Policy(Corrections corrections, @Nullable Long threshold, long revision) {
  /** The largest threshold. */
  public static final int MOST = 1_000_000_000;

  static final Policy UNSET = new Policy(Corrections.NIGHTLY, null, 0);
  private static final Duration HOUR = Duration.ofHours(1);

  public Policy {
    if ((corrections == Corrections.THRESHOLD) != (threshold != null)) {
      throw new IllegalArgumentException("a threshold that belongs to no policy, or none");
    }
  }

  /** The words are part of the API. */
  public enum Corrections {
    HOURLY,
    NIGHTLY,
    THRESHOLD,
    MANUAL;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    public static Corrections of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  /**
   * Whether a day is corrected now.
   *
   * @param waiting records of it that came after its newest revision
   * @param finished when that was closed
   * @param lateness how long after midnight a night's corrections wait
   */
  boolean isDue(long waiting, Instant finished, Instant now, ZoneId zone, Duration lateness) {
    if (waiting == 0) {
      return false;
    }
    return switch (corrections) {
      case HOURLY -> !finished.plus(HOUR).isAfter(now);
      case NIGHTLY -> {
        Instant night =
            LocalDate.ofInstant(now, zone).atStartOfDay(zone).toInstant().plus(lateness);
        // Before this night's corrections begin, the one to compare with was a day ago.
        Instant last =
            now.isBefore(night)
                ? LocalDate.ofInstant(now, zone)
                    .minusDays(1)
                    .atStartOfDay(zone)
                    .toInstant()
                    .plus(lateness)
                : night;
        yield finished.isBefore(last);
      }
      case THRESHOLD -> threshold != null && waiting >= threshold;
      case MANUAL -> false;
    };
  }
}
