package org.pilothouse.datasets.internal;

/** Hears of every {@link Step}; for tests that end a node there. */
@FunctionalInterface
public interface Steps {
  Steps UNHEARD = step -> {};

  void reached(Step step);
}
