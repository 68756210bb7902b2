package org.pilothouse.twins.internal;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;

/**
 * What a twin reported over time: as far back as readings and summaries are kept out of the store,
 * and before that out of closed days.
 */
public final class History {
  private final HistoryStore store;
  private final OlderHistory older;
  private final Function<PilotId, Duration> readingsKept;
  private final Clock clock;

  /**
   * @param readingsKept for how long the store keeps a pilot's readings
   */
  History(
      HistoryStore store,
      OlderHistory older,
      Function<PilotId, Duration> readingsKept,
      Clock clock) {
    this.store = store;
    this.older = older;
    this.readingsKept = readingsKept;
    this.clock = clock;
  }

  /**
   * Series of some properties.
   *
   * @param closedDaysUntil what is before it was read from closed days; null where nothing was
   * @param byProperty in the order of the question, in time's order each
   */
  public record Series<T>(
      @Nullable Instant closedDaysUntil, Map<String, HistoryStore.Part<T>> byProperty) {}

  /** The stretch of a window that is read from closed days. */
  private record Older(Instant from, Instant to, boolean cut) {}

  /**
   * @param kept from when on the store has all
   */
  private static @Nullable Older older(Instant from, Instant to, Instant kept) {
    Instant end = to.isBefore(kept) ? to : kept;
    if (!from.isBefore(end)) {
      return null;
    }
    Instant begin = end.minus(OlderHistory.LONGEST);
    return from.isBefore(begin) ? new Older(begin, end, true) : new Older(from, end, false);
  }

  private Instant readingsKept(PilotId pilot) {
    return clock.instant().minus(readingsKept.apply(pilot));
  }

  /** From where on the store has summaries that add up to such steps. */
  private Instant stepsKept(PilotId pilot, long step) {
    if (step % Rollup.DAY == 0) {
      return Instant.MIN;
    }
    Instant kept =
        step % Rollup.HALF_HOUR == 0
            ? clock.instant().minus(HistoryStore.HALF_HOURS_KEPT)
            : step % Rollup.MINUTE == 0
                ? clock.instant().minus(HistoryStore.MINUTES_KEPT)
                : readingsKept(pilot);
    // A step is read from one of the two.
    return Instant.ofEpochSecond(Math.ceilDiv(kept.getEpochSecond() + 1, step) * step);
  }

  /** The newest readings of each property. */
  public Series<HistoryStore.Point> readings(
      PilotId pilot, TwinId twin, List<String> properties, Instant from, Instant to) {
    int share = Math.max(1, properties.size());
    Instant kept = readingsKept(pilot);
    Map<String, HistoryStore.Part<HistoryStore.Point>> all = new LinkedHashMap<>();
    Set<String> wanting = new HashSet<>();
    for (String property : properties) {
      HistoryStore.Part<HistoryStore.Point> newer =
          to.isAfter(kept)
              ? store.readings(pilot, twin, property, from.isAfter(kept) ? from : kept, to, share)
              : new HistoryStore.Part<>(List.of(), false);
      all.put(property, newer);
      if (!newer.truncated()) {
        wanting.add(property);
      }
    }
    Older stretch = wanting.isEmpty() ? null : older(from, to, kept);
    if (stretch == null) {
      return new Series<>(null, all);
    }
    int most = Math.min(HistoryStore.MOST_POINTS, HistoryStore.MOST_POINTS_IN_ALL / share);
    Map<String, HistoryStore.Part<HistoryStore.Point>> before =
        older.readings(
            pilot,
            twin,
            wanting,
            stretch.from(),
            stretch.to(),
            most,
            HistoryStore.MOST_BYTES_IN_ALL / share);
    for (String property : wanting) {
      HistoryStore.Part<HistoryStore.Point> newer = all.get(property);
      HistoryStore.Part<HistoryStore.Point> found =
          before.getOrDefault(property, new HistoryStore.Part<>(List.of(), false));
      if (newer != null) {
        all.put(property, joined(found, newer, most, stretch.cut()));
      }
    }
    return new Series<>(stretch.to(), all);
  }

  private static HistoryStore.Part<HistoryStore.Point> joined(
      HistoryStore.Part<HistoryStore.Point> before,
      HistoryStore.Part<HistoryStore.Point> newer,
      int most,
      boolean cut) {
    List<HistoryStore.Point> points = new ArrayList<>(before.items());
    points.addAll(newer.items());
    int tooMany = Math.max(0, points.size() - most);
    return new HistoryStore.Part<>(
        points.subList(tooMany, points.size()), tooMany > 0 || before.truncated() || cut);
  }

  /**
   * Steps of each property, from the longest kept summary that divides the step, from the readings
   * or from closed days.
   *
   * @param step seconds; beyond 60 a multiple of them
   */
  public Series<HistoryStore.Step> steps(
      PilotId pilot, TwinId twin, List<String> properties, Instant from, Instant to, long step) {
    Instant kept = stepsKept(pilot, step);
    Older stretch = older(from, to, kept);
    Map<String, List<HistoryStore.Step>> before =
        stretch == null
            ? Map.of()
            : older.steps(
                pilot,
                twin,
                Set.copyOf(properties),
                begin(stretch.from(), step),
                stretch.to(),
                step);
    Instant begin = from.isAfter(kept) ? from : kept;
    Map<String, HistoryStore.Part<HistoryStore.Step>> all = new LinkedHashMap<>();
    for (String property : properties) {
      List<HistoryStore.Step> steps = new ArrayList<>(before.getOrDefault(property, List.of()));
      if (to.isAfter(begin)) {
        steps.addAll(
            step >= Rollup.MINUTE
                ? store.steps(pilot, twin, property, begin, to, step)
                : store.stepsOfReadings(pilot, twin, property, begin, to, step));
      }
      boolean many = steps.size() > HistoryStore.MOST_POINTS;
      all.put(
          property,
          new HistoryStore.Part<>(
              many ? steps.subList(0, HistoryStore.MOST_POINTS) : steps,
              many || stretch != null && stretch.cut()));
    }
    return new Series<>(stretch == null ? null : stretch.to(), all);
  }

  private static Instant begin(Instant time, long step) {
    return Instant.ofEpochSecond(Math.floorDiv(time.getEpochSecond(), step) * step);
  }

  /** The numeric properties of a twin that have summaries, by name. */
  public List<String> numericProperties(PilotId pilot, TwinId twin, int most) {
    return store.numericProperties(pilot, twin, most);
  }

  /** The last value of each property at an instant, as canonical JSON. */
  public String stateAt(PilotId pilot, TwinId twin, Instant at, List<String> properties) {
    Instant kept = readingsKept(pilot);
    Map<String, Reported> found = new LinkedHashMap<>();
    if (!at.isBefore(kept)) {
      found.putAll(store.lastBefore(pilot, twin, at, kept, properties));
    }
    Set<String> wanting = new HashSet<>(properties);
    wanting.removeAll(found.keySet());
    if (!wanting.isEmpty()) {
      found.putAll(older.lastBefore(pilot, twin, at.isBefore(kept) ? at : kept, wanting));
    }
    ReportedState state = ReportedState.empty();
    found.forEach(state::take);
    return state.json();
  }
}
