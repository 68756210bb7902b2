package org.pilothouse.datasets.internal;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.pilothouse.datasets.Dataset;

/** What is known of the content of datasets, where something reads it. */
@FunctionalInterface
public interface ContentFacts {
  /**
   * @param columns empty where the content has none
   */
  record Facts(OptionalLong rows, Optional<Set<String>> columns) {}

  /** Answers at once from what was read before; empty where nothing is known. */
  Optional<Facts> of(Dataset dataset);

  /**
   * Looks into the bytes where nothing is known and somebody may; empty where that shows nothing.
   */
  default Optional<Facts> look(Dataset dataset) {
    return of(dataset);
  }
}
