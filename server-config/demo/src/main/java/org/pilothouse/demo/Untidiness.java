package org.pilothouse.demo;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/** Makes some lines late and some double, as real lines are. */
final class Untidiness {
  private static final int MOST_HELD = 10_000;

  private record Held(String line, long dueMillis) {}

  private final double late;
  private final double duplicates;
  private final SplittableRandom random;
  private final Deque<Held> held = new ArrayDeque<>();

  /**
   * @param late the share that comes up to ten minutes late
   * @param duplicates the share that comes twice
   */
  Untidiness(double late, double duplicates, long seed) {
    this.late = late;
    this.duplicates = duplicates;
    this.random = new SplittableRandom(seed);
  }

  /** What arrives now, when this line was made now. */
  List<String> pass(String line, long nowMillis) {
    List<String> arriving = new ArrayList<>(2);
    while (!held.isEmpty() && held.peekFirst().dueMillis() <= nowMillis) {
      arriving.add(held.removeFirst().line());
    }
    if (random.nextDouble() < late && held.size() < MOST_HELD) {
      held.addLast(new Held(line, nowMillis + random.nextLong(Duration.ofMinutes(10).toMillis())));
    } else {
      arriving.add(line);
    }
    if (random.nextDouble() < duplicates) {
      arriving.add(line);
    }
    return arriving;
  }

  /** What has not arrived yet. */
  List<String> rest() {
    List<String> rest = held.stream().map(Held::line).toList();
    held.clear();
    return rest;
  }
}
