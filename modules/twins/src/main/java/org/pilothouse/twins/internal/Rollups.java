package org.pilothouse.twins.internal;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The numbers of a batch, summed up. Each counts once, in its minute; half hours and days are sums
 * of minutes.
 */
final class Rollups {
  /** Takes one summary. */
  interface Taker {
    void take(String twin, String property, int step, long bucket, Rollup rollup);
  }

  private final Map<String, Map<String, TreeMap<Long, Rollup>>> minutes = new TreeMap<>();

  private int count;

  /** How many there are of a minute each. */
  int minutes() {
    return count;
  }

  void clear() {
    minutes.clear();
    count = 0;
  }

  void add(Reading reading) {
    // As fine as it is kept: else which of two is the last would depend on whether they came in one
    // batch.
    Instant time = reading.time().truncatedTo(ChronoUnit.MICROS);
    Long minute = bucket(time.getEpochSecond(), Rollup.MINUTE);
    Map<String, TreeMap<Long, Rollup>> properties =
        minutes.computeIfAbsent(reading.twin(), twin -> new HashMap<>());
    reading
        .values()
        .forEach((property, reported) -> {
          Double number = reported.number();
          if (number != null) {
            properties
                .computeIfAbsent(property, name -> new TreeMap<>())
                .computeIfAbsent(minute, at -> begin())
                .add(number, time);
          }
        });
  }

  private Rollup begin() {
    count++;
    return new Rollup();
  }

  /** Each summary of each step, twin by twin. */
  void forEach(Taker taker) {
    minutes.forEach((twin, properties) ->
        properties.forEach((property, series) -> {
          tell(twin, property, Rollup.MINUTE, series, taker);
          TreeMap<Long, Rollup> halves = longer(series, Rollup.HALF_HOUR);
          tell(twin, property, Rollup.HALF_HOUR, halves, taker);
          tell(twin, property, Rollup.DAY, longer(halves, Rollup.DAY), taker);
        }));
  }

  private static void tell(
      String twin, String property, int step, Map<Long, Rollup> series, Taker taker) {
    series.forEach((bucket, rollup) -> taker.take(twin, property, step, bucket, rollup));
  }

  private static TreeMap<Long, Rollup> longer(Map<Long, Rollup> series, int step) {
    TreeMap<Long, Rollup> longer = new TreeMap<>();
    series.forEach((bucket, rollup) ->
        longer.computeIfAbsent(bucket(bucket, step), at -> new Rollup()).add(rollup));
    return longer;
  }

  private static long bucket(long second, int step) {
    return second - Math.floorMod(second, (long) step);
  }
}
