package org.pilothouse.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How long it took to come back after each fault, in seconds. */
final class Recoveries {
  private final List<Double> seconds = new ArrayList<>();

  /**
   * @param sinceNanos when it began, by {@link System#nanoTime}
   * @return how long it took
   */
  double since(long sinceNanos) {
    double took = (System.nanoTime() - sinceNanos) / 1e9;
    seconds.add(took);
    return took;
  }

  int count() {
    return seconds.size();
  }

  /** 0 where there was none. */
  double median() {
    List<Double> sorted = new ArrayList<>(seconds);
    Collections.sort(sorted);
    return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
  }

  /** 0 where there was none. */
  double longest() {
    return seconds.isEmpty() ? 0 : Collections.max(seconds);
  }
}
