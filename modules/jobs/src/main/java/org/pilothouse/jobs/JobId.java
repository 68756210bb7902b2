package org.pilothouse.jobs;

import java.util.Optional;
import java.util.UUID;

/** Names a job; a UUID of version 7, so ids sort by when they were given. */
public record JobId(UUID value) {
  /** Empty where the text is no UUID in its usual form. */
  public static Optional<JobId> of(String text) {
    try {
      UUID id = UUID.fromString(text);
      return id.toString().equals(text) ? Optional.of(new JobId(id)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
