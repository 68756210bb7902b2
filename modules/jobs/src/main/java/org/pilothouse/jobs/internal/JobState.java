package org.pilothouse.jobs.internal;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a job stands; the words are part of the API. */
public enum JobState {
  /** Waits, also for its next attempt. */
  QUEUED,
  RUNNING,
  SUCCEEDED,
  /** Another attempt would end the same way, or the deadline has passed. */
  FAILED,
  CANCELLED,
  /** Its attempts are used up. */
  DEAD;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<JobState> of(String word) {
    return Arrays.stream(values()).filter(state -> state.word().equals(word)).findFirst();
  }

  boolean ended() {
    return this != QUEUED && this != RUNNING;
  }
}
