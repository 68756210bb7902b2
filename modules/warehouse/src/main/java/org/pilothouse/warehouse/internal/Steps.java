package org.pilothouse.warehouse.internal;

/** Hears of every {@link Step}; for tests that end a node there. */
@FunctionalInterface
public interface Steps {
  Steps UNHEARD = step -> {};

  void reached(Step step);
}
