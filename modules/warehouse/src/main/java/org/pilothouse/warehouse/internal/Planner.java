package org.pilothouse.warehouse.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.models.ModelCatalogue;
import org.pilothouse.warehouse.PilotDay;

/** Decides what a run reads and how it writes, at one moment and for good. */
final class Planner {
  /** Ingest takes no event more than 24 h ahead; the clocks of nodes may differ by the rest. */
  static final Duration AHEAD = Duration.ofHours(27);

  private final TwinModels twins;
  private final ModelCatalogue models;
  private final Openings openings;
  private final Duration lateness;

  Planner(TwinModels twins, ModelCatalogue models, Openings openings, Duration lateness) {
    this.twins = twins;
    this.models = models;
    this.openings = openings;
    this.lateness = lateness;
  }

  /** All that a run needs to know. */
  record Frozen(Plan plan, List<Share> shares) {}

  Frozen freeze(PilotId pilot, PilotDay day, KafkaTelemetry telemetry) {
    Map<Integer, Long> ends = telemetry.ends();
    Map<Integer, Long> factsTo = twins.ends(pilot);
    if (ends.isEmpty() || factsTo.isEmpty()) {
      // A day of no partitions would look whole.
      throw Problem.of(
          ProblemCode.UNAVAILABLE, "The backbone does not name the pilot's topics now.");
    }
    Map<Integer, Long> from = telemetry.at(opening(day));
    Map<Integer, Long> known = openings.of(pilot, day.date());
    Map<Integer, Long> beginnings = telemetry.beginnings();
    List<Share> shares = new ArrayList<>();
    for (Watermark mark : telemetry.watermarks(ends)) {
      int partition = mark.partition();
      shares.add(
          share(
              mark,
              beginnings.getOrDefault(partition, 0L),
              from.getOrDefault(partition, 0L),
              known.get(partition),
              ends.getOrDefault(partition, 0L)));
    }
    return new Frozen(
        new Plan(tables(pilot, twins.fold(pilot, factsTo)), factsTo, lateness.toSeconds()), shares);
  }

  /** From when on an event of the day may have been given to the backbone. */
  static Instant opening(PilotDay day) {
    return day.start().minus(AHEAD);
  }

  /**
   * @param begin the first offset that is kept
   * @param from the first that is kept of those that may matter
   * @param known the first that may matter, where that was noted down in time
   */
  static Share share(
      Watermark mark,
      long begin,
      long from,
      @org.jspecify.annotations.Nullable Long known,
      long end) {
    long start = known == null ? from : Math.min(known, end);
    List<Missing> missing =
        known != null
            ? begin > start ? List.of(gap(mark, start, Math.min(begin, end))) : List.of()
            // Nobody knows whether what went before was of the day, so it is not said to be whole.
            : begin > 0 && from == begin ? List.of(gap(mark, 0, begin)) : List.of();
    long first = Math.min(end, Math.max(start, begin));
    if (end - first > Integer.MAX_VALUE - 8L) {
      throw Problem.of(
          ProblemCode.LIMIT_REACHED,
          "Partition " + mark.partition() + " holds more records than one run can read.");
    }
    return new Share(
        mark.partition(),
        first,
        end,
        mark.reached(),
        false,
        first,
        Share.Counts.NONE,
        missing,
        null);
  }

  private static Missing gap(Watermark mark, long from, long to) {
    return new Missing(mark.partition(), from, to);
  }

  /** Of the models that any twin follows and that there are. */
  private List<TableSpec> tables(PilotId pilot, Map<String, String> modelOf) {
    Map<String, TableSpec> tables = new TreeMap<>();
    for (String model : new TreeSet<>(modelOf.values())) {
      models.find(pilot, model).ifPresent(found -> tables.put(model, TableSpec.of(found)));
    }
    return List.copyOf(tables.values());
  }
}
