package org.pilothouse.twins.internal;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** Numbers of one property in one step of time. */
final class Rollup {
  static final int MINUTE = 60;
  static final int HOUR = 3_600;
  static final int DAY = 86_400;
  static final List<Integer> STEPS = List.of(MINUTE, HOUR, DAY);

  /**
   * Which step of which property.
   *
   * @param step seconds
   * @param bucket seconds since 1970, a multiple of the step
   */
  record Key(String twin, String property, int step, long bucket) implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
        Comparator.comparing(Key::twin)
            .thenComparing(Key::property)
            .thenComparing(Key::step)
            .thenComparing(Key::bucket);

    static Key of(String twin, String property, int step, Instant time) {
      long seconds = time.getEpochSecond();
      return new Key(twin, property, step, seconds - Math.floorMod(seconds, (long) step));
    }

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  private double low = Double.POSITIVE_INFINITY;
  private double high = Double.NEGATIVE_INFINITY;
  private double total;
  private long count;
  private double last;
  private Instant lastTime = Instant.MIN;

  void add(double number, Instant time) {
    low = Math.min(low, number);
    high = Math.max(high, number);
    total += number;
    count++;
    if (!time.isBefore(lastTime)) {
      last = number;
      lastTime = time;
    }
  }

  double low() {
    return low;
  }

  double high() {
    return high;
  }

  double total() {
    return total;
  }

  long count() {
    return count;
  }

  double last() {
    return last;
  }

  Instant lastTime() {
    return lastTime;
  }
}
