package org.pilothouse.jobs.internal;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The class of a job; each type has a queue for each. Urgent comes first, but never alone. */
public enum Priority {
  URGENT,
  NORMAL;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Priority> of(String word) {
    return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
  }
}
