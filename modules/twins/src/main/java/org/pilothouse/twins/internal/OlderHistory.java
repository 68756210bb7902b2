package org.pilothouse.twins.internal;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.warehouse.ClosedDays;

/** What is older than this room keeps, out of closed days. */
final class OlderHistory {
  /** A step that begins before the window is read whole. */
  static final Duration LONGEST = Duration.ofDays(ClosedDays.MOST_DAYS - 1);

  /** How far back the last value of a property is looked for. */
  private static final int MOST_LOOKED_BACK = 7;

  /** Begins no other day after it; a day has its own bound. */
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);

  private static final double LARGEST_WHOLE = 1e15;
  private static final long MICROS_A_SECOND = 1_000_000;

  private final ClosedDays days;

  OlderHistory(ClosedDays days) {
    this.days = days;
  }

  /** Numbers of one step on their way. */
  private static final class Sums {
    private double low = Double.POSITIVE_INFINITY;
    private double high = Double.NEGATIVE_INFINITY;
    private double total;
    private long count;

    void add(double value) {
      low = Math.min(low, value);
      high = Math.max(high, value);
      total += value;
      count++;
    }
  }

  /**
   * Steps of numbers, by property and in time's order.
   *
   * @param step seconds
   */
  Map<String, List<HistoryStore.Step>> steps(
      PilotId pilot, TwinId twin, Set<String> properties, Instant from, Instant to, long step) {
    Map<String, TreeMap<Long, Sums>> sums = new HashMap<>();
    days.read(
        pilot,
        twin,
        properties,
        from,
        to,
        new ClosedDays.Taker() {
          @Override
          public void number(String property, long micros, double value) {
            long second = Math.floorDiv(micros, MICROS_A_SECOND);
            sums.computeIfAbsent(property, name -> new TreeMap<>())
                .computeIfAbsent(second - Math.floorMod(second, step), at -> new Sums())
                .add(value);
          }

          @Override
          public void literal(String property, long micros, String literal) {}
        });
    Map<String, List<HistoryStore.Step>> steps = new HashMap<>();
    sums.forEach((property, series) -> {
      List<HistoryStore.Step> list = new ArrayList<>(series.size());
      series.forEach((second, sum) ->
          list.add(
              new HistoryStore.Step(
                  Instant.ofEpochSecond(second),
                  sum.low,
                  sum.total / sum.count,
                  sum.high,
                  sum.count)));
      steps.put(property, list);
    });
    return steps;
  }

  /** The newest of a property's values, within bounds. */
  private static final class Newest {
    private final int most;
    private final long mostBytes;
    private final PriorityQueue<HistoryStore.Point> points =
        new PriorityQueue<>(Comparator.comparing(HistoryStore.Point::time));
    private long bytes;
    private boolean truncated;

    Newest(int most, long mostBytes) {
      this.most = most;
      this.mostBytes = mostBytes;
    }

    void add(Instant time, String literal) {
      points.add(new HistoryStore.Point(time, literal));
      bytes += literal.length();
      while (points.size() > most || bytes > mostBytes) {
        bytes -= points.remove().literal().length();
        truncated = true;
      }
    }

    HistoryStore.Part<HistoryStore.Point> part() {
      List<HistoryStore.Point> inOrder = new ArrayList<>(points.size());
      while (!points.isEmpty()) {
        inOrder.add(points.remove());
      }
      return new HistoryStore.Part<>(inOrder, truncated);
    }
  }

  /**
   * The newest readings, by property and in time's order.
   *
   * @param most of one property
   * @param mostBytes of one property's values
   */
  Map<String, HistoryStore.Part<HistoryStore.Point>> readings(
      PilotId pilot,
      TwinId twin,
      Set<String> properties,
      Instant from,
      Instant to,
      int most,
      long mostBytes) {
    Map<String, Newest> newest = new HashMap<>();
    each(
        pilot,
        twin,
        properties,
        from,
        to,
        (property, point) ->
            newest
                .computeIfAbsent(property, name -> new Newest(most, mostBytes))
                .add(point.time(), point.literal()));
    Map<String, HistoryStore.Part<HistoryStore.Point>> readings = new HashMap<>();
    newest.forEach((property, kept) -> readings.put(property, kept.part()));
    return readings;
  }

  /**
   * The last value of each property at an instant, as far as it is found within a week.
   *
   * @throws Problem {@code unavailable} when that takes too long
   */
  Map<String, Reported> lastBefore(
      PilotId pilot, TwinId twin, Instant at, Collection<String> properties) {
    Map<String, Reported> found = new HashMap<>();
    Set<String> wanted = new HashSet<>(properties);
    Instant end = at.plusNanos(1_000);
    long deadline = System.nanoTime() + LONGEST_LOOK.toNanos();
    for (int day = 0; day < MOST_LOOKED_BACK && !wanted.isEmpty(); day++) {
      if (System.nanoTime() - deadline > 0) {
        throw Problem.of(
            ProblemCode.UNAVAILABLE,
            "The closed days before were not read within " + LONGEST_LOOK.toSeconds() + " s.");
      }
      Instant begin = end.minus(1, ChronoUnit.DAYS);
      each(
          pilot,
          twin,
          Collections.unmodifiableSet(wanted),
          begin,
          end,
          (property, point) -> {
            Reported known = found.get(property);
            if (known == null || !point.time().isBefore(known.time())) {
              found.put(property, new Reported(point.literal(), point.time()));
            }
          });
      wanted.removeAll(found.keySet());
      end = begin;
    }
    return found;
  }

  private void each(
      PilotId pilot,
      TwinId twin,
      Set<String> properties,
      Instant from,
      Instant to,
      BiConsumer<String, HistoryStore.Point> taker) {
    days.read(
        pilot,
        twin,
        properties,
        from,
        to,
        new ClosedDays.Taker() {
          @Override
          public void number(String property, long micros, double value) {
            literal(property, micros, written(value));
          }

          @Override
          public void literal(String property, long micros, String literal) {
            taker.accept(property, new HistoryStore.Point(instant(micros), literal));
          }
        });
  }

  /** Whole numbers as people write them: a column of numbers does not know how they came. */
  private static String written(double value) {
    return value == Math.rint(value) && Math.abs(value) < LARGEST_WHOLE
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, MICROS_A_SECOND), Math.floorMod(micros, MICROS_A_SECOND) * 1_000);
  }
}
