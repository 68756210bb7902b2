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
    return frozen(pilot, factsTo, shares);
  }

  private Frozen frozen(PilotId pilot, Map<Integer, Long> factsTo, List<Share> shares) {
    return new Frozen(
        new Plan(tables(pilot, twins.fold(pilot, factsTo)), factsTo, lateness.toSeconds()), shares);
  }

  /**
   * A correction reads on exactly where the revision before it has ended, so that no record lies in
   * both or in neither.
   *
   * @param before the shares of the newest revision
   */
  Frozen correct(PilotId pilot, List<Share> before, KafkaTelemetry telemetry) {
    Map<Integer, Long> ends = telemetry.ends();
    Map<Integer, Long> factsTo = twins.ends(pilot);
    if (ends.isEmpty() || factsTo.isEmpty()) {
      throw Problem.of(
          ProblemCode.UNAVAILABLE, "The backbone does not name the pilot's topics now.");
    }
    Map<Integer, Long> read = new TreeMap<>();
    before.forEach(share -> read.put(share.partition(), share.to()));
    if (!ends.keySet().containsAll(read.keySet())) {
      throw Problem.of(
          ProblemCode.UNAVAILABLE, "The backbone does not name all of the topic's partitions now.");
    }
    Map<Integer, Long> beginnings = telemetry.beginnings();
    List<Share> shares = new ArrayList<>();
    for (Watermark mark : telemetry.watermarks(ends)) {
      int partition = mark.partition();
      shares.add(
          next(
              mark,
              beginnings.getOrDefault(partition, 0L),
              // A partition that is new has nothing that was read.
              read.getOrDefault(partition, 0L),
              ends.getOrDefault(partition, 0L)));
    }
    return frozen(pilot, factsTo, shares);
  }

  /**
   * @param begin the first offset that is kept
   * @param from where the revision before has ended
   */
  static Share next(Watermark mark, long begin, long from, long end) {
    if (end < from) {
      throw Problem.of(
          ProblemCode.UNAVAILABLE,
          "Partition "
              + mark.partition()
              + " ends before what was read of it: the topic is not the one that it was.");
    }
    List<Missing> missing =
        begin > from ? List.of(gap(mark, from, Math.min(begin, end))) : List.of();
    long first = Math.min(end, Math.max(from, begin));
    return bounded(Share.waiting(mark.partition(), first, end, mark.reached(), missing));
  }

  private static Share bounded(Share share) {
    if (share.to() - share.from() > Integer.MAX_VALUE - 8L) {
      throw Problem.of(
          ProblemCode.LIMIT_REACHED,
          "Partition " + share.partition() + " holds more records than one run can read.");
    }
    return share;
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
    return bounded(Share.waiting(mark.partition(), first, end, mark.reached(), missing));
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
