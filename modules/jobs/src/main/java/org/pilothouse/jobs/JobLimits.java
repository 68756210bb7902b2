package org.pilothouse.jobs;

import java.time.Duration;

/**
 * What jobs of a type may take.
 *
 * @param attempts after so many that failed a job is dead; 1 to 100
 * @param atOnce on one node, where its settings say nothing else; 1 to 64
 * @param longestRun of an attempt, after which it is stopped and counts as failed
 * @param directoryBytes of its directory; an attempt that writes more is stopped
 */
public record JobLimits(int attempts, int atOnce, Duration longestRun, long directoryBytes) {
  public JobLimits {
    if (attempts < 1 || attempts > 100) {
      throw new IllegalArgumentException("attempts " + attempts);
    }
    if (atOnce < 1 || atOnce > 64) {
      throw new IllegalArgumentException("at once " + atOnce);
    }
    if (longestRun.isNegative() || longestRun.isZero()) {
      throw new IllegalArgumentException("longest run " + longestRun);
    }
    if (directoryBytes < 0) {
      throw new IllegalArgumentException("directory bytes " + directoryBytes);
    }
  }
}
