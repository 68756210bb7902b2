package org.pilothouse.twins.internal;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.postgres.Database;

/** What twins reported, in PostgreSQL: the readings of recent days and their summaries. */
public final class HistoryStore {
  /** Points of one property in one answer at most. */
  public static final int MOST_POINTS = 20_000;

  /** Points of all properties in one answer at most. */
  public static final int MOST_POINTS_IN_ALL = 100_000;

  /** Bytes of the values in one answer at most; texts can be long. */
  private static final int MOST_BYTES_IN_ALL = 4 * 1024 * 1024;

  /** How long minutes and half hours are kept; days are kept for ever. */
  static final Duration MINUTES_KEPT = Duration.ofDays(92);

  static final Duration HALF_HOURS_KEPT = Duration.ofDays(732);
  private static final int AT_ONCE = 500;
  private static final int MOST_LOOKED_BACK = 40;
  private static final int PRUNED_AT_ONCE = 5_000;

  private final Database database;
  private final HistoryPositions positions;

  HistoryStore(Database database) {
    this.database = database;
    this.positions = new HistoryPositions(database);
  }

  HistoryPositions positions() {
    return positions;
  }

  /** The models of those twins that have one. */
  Map<String, String> models(PilotId pilot, Collection<String> twins) {
    return database.inPilot(pilot, transaction -> KnownTwins.models(transaction, pilot, twins));
  }

  /**
   * Readings and summaries of some portions of a batch, and the way on, in one transaction.
   *
   * @param first the first portion
   * @param end behind the last portion
   * @param part is told from which offset on each portion is still to be written
   */
  void add(
      PilotId pilot,
      Batch batch,
      int first,
      int end,
      BiConsumer<Map<Integer, Long>, HistoryRows> part) {
    database.runAsPlatform(transaction -> {
      Map<Integer, Long> from = positions.moveOn(transaction, batch, first, end);
      HistoryRows rows = new HistoryRows(transaction, pilot);
      part.accept(from, rows);
      rows.flush();
    });
  }

  /** Since 1970; PostgreSQL keeps no finer times. */
  static long micros(Instant time) {
    return Math.multiplyExact(time.getEpochSecond(), 1_000_000L) + time.getNano() / 1_000;
  }

  /**
   * A reading of one property.
   *
   * @param literal JSON
   */
  public record Point(Instant time, String literal) {}

  /** Numbers of one step. */
  public record Step(Instant start, double low, double average, double high, long count) {}

  /**
   * Some of a longer list.
   *
   * @param truncated whether there is more
   */
  public record Part<T>(List<T> items, boolean truncated) {}

  /**
   * The newest readings of one property, in time's order.
   *
   * @param share how many properties share the answer, and so its bounds
   */
  public Part<Point> readings(
      PilotId pilot, TwinId twin, String property, Instant from, Instant to, int share) {
    int most = Math.min(MOST_POINTS, MOST_POINTS_IN_ALL / share);
    return database.inPilot(
        pilot,
        transaction -> {
          AtomicLong found = new AtomicLong();
          List<Point> points =
              transaction
                  .createQuery(
                      "SELECT time, value, found FROM (SELECT time, value, row_number() OVER newer AS number,"
                          + " sum(length(value)) OVER newer AS bytes, count(*) OVER () AS found"
                          + " FROM (SELECT time, (props -> :property)::text AS value FROM twins.reading"
                          + " WHERE pilot_id = :pilot AND twin_id = :twin AND time >= :from AND time < :to"
                          + " AND jsonb_exists(props, :property) ORDER BY time DESC LIMIT :limit) AS newest"
                          + " WINDOW newer AS (ORDER BY time DESC ROWS UNBOUNDED PRECEDING)) AS counted"
                          + " WHERE number <= :most AND bytes <= :bytes ORDER BY time")
                  .bind("pilot", pilot.value())
                  .bind("twin", twin.value())
                  .bind("property", property)
                  .bind("from", Timestamp.from(from))
                  .bind("to", Timestamp.from(to))
                  .bind("limit", most + 1)
                  .bind("most", most)
                  .bind("bytes", MOST_BYTES_IN_ALL / share)
                  .map((row, context) -> {
                    found.setPlain(row.getLong(3));
                    return new Point(row.getTimestamp(1).toInstant(), row.getString(2));
                  })
                  .list();
          return new Part<>(points, found.getPlain() > points.size());
        });
  }

  /**
   * Steps of whole minutes, from the longest kept summary that divides the step.
   *
   * @param step seconds, a multiple of 60
   */
  public List<Step> steps(
      PilotId pilot, TwinId twin, String property, Instant from, Instant to, long step) {
    int kept =
        step % Rollup.DAY == 0
            ? Rollup.DAY
            : step % Rollup.HALF_HOUR == 0 ? Rollup.HALF_HOUR : Rollup.MINUTE;
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT date_bin(make_interval(secs => :step), bucket, TIMESTAMPTZ 'epoch') AS start,"
                        + " min(low), sum(total) / sum(count), max(high), sum(count)::bigint FROM twins.rollup"
                        + " WHERE pilot_id = :pilot AND twin_id = :twin AND property = :property AND step = :kept"
                        + " AND bucket >= date_bin(make_interval(secs => :step), :from, TIMESTAMPTZ 'epoch') AND bucket < :to"
                        + " GROUP BY 1 ORDER BY 1 LIMIT :limit")
                .bind("step", (double) step)
                .bind("kept", kept)
                .bind("pilot", pilot.value())
                .bind("twin", twin.value())
                .bind("property", property)
                .bind("from", Timestamp.from(from))
                .bind("to", Timestamp.from(to))
                .bind("limit", MOST_POINTS + 1)
                .map((row, context) ->
                    new Step(
                        row.getTimestamp(1).toInstant(),
                        row.getDouble(2),
                        row.getDouble(3),
                        row.getDouble(4),
                        row.getLong(5)))
                .list());
  }

  /** Steps shorter than a minute, or of another length, summed up from the readings. */
  public List<Step> stepsOfReadings(
      PilotId pilot, TwinId twin, String property, Instant from, Instant to, long step) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT date_bin(make_interval(secs => :step), time, TIMESTAMPTZ 'epoch') AS start,"
                        + " min(value), avg(value), max(value), count(*) FROM"
                        + " (SELECT time, CASE WHEN jsonb_typeof(props -> :property) = 'number' THEN (props ->> :property)::double precision END AS value"
                        + " FROM twins.reading WHERE pilot_id = :pilot AND twin_id = :twin"
                        + " AND time >= date_bin(make_interval(secs => :step), :from, TIMESTAMPTZ 'epoch') AND time < :to) AS read"
                        + " WHERE value IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT :limit")
                .bind("step", (double) step)
                .bind("pilot", pilot.value())
                .bind("twin", twin.value())
                .bind("property", property)
                .bind("from", Timestamp.from(from))
                .bind("to", Timestamp.from(to))
                .bind("limit", MOST_POINTS + 1)
                .map((row, context) ->
                    new Step(
                        row.getTimestamp(1).toInstant(),
                        row.getDouble(2),
                        row.getDouble(3),
                        row.getDouble(4),
                        row.getLong(5)))
                .list());
  }

  /** The numeric properties of a twin that have summaries, by name. */
  public List<String> numericProperties(PilotId pilot, TwinId twin, int most) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT DISTINCT property FROM twins.rollup WHERE pilot_id = :pilot AND twin_id = :twin AND step = :day"
                        + " ORDER BY property LIMIT :most")
                .bind("pilot", pilot.value())
                .bind("twin", twin.value())
                .bind("day", Rollup.DAY)
                .bind("most", most)
                .mapTo(String.class)
                .list());
  }

  /**
   * The last value of each property at an instant, as canonical JSON; looks back as far as {@code
   * MOST_LOOKED_BACK} times 500 readings.
   */
  public String stateAt(PilotId pilot, TwinId twin, Instant at, Collection<String> properties) {
    Set<String> wanted = new TreeSet<>(properties);
    ReportedState state = ReportedState.empty();
    Instant before = at.plusNanos(1_000);
    for (int page = 0; page < MOST_LOOKED_BACK && !wanted.isEmpty(); page++) {
      List<Map.Entry<Instant, String>> rows = older(pilot, twin, before);
      for (Map.Entry<Instant, String> row : rows) {
        ReportedState.literals(
            row.getValue(),
            (name, literal) -> {
              if (wanted.remove(name)) {
                state.take(name, new Reported(literal, row.getKey()));
              }
            });
      }
      if (rows.size() < AT_ONCE) {
        break;
      }
      before = rows.getLast().getKey();
    }
    return state.json();
  }

  private List<Map.Entry<Instant, String>> older(PilotId pilot, TwinId twin, Instant before) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT time, props::text FROM twins.reading WHERE pilot_id = :pilot AND twin_id = :twin"
                        + " AND time < :before ORDER BY time DESC LIMIT :limit")
                .bind("pilot", pilot.value())
                .bind("twin", twin.value())
                .bind("before", Timestamp.from(before))
                .bind("limit", AT_ONCE)
                .map((row, context) -> Map.entry(row.getTimestamp(1).toInstant(), row.getString(2)))
                .list());
  }

  /** Removes what is older than is kept; a bounded number of rows a call. */
  int prune(PilotId pilot, Duration readingsKept, Instant now) {
    return database.inPilot(
            pilot,
            transaction ->
                transaction.execute(
                    "DELETE FROM twins.reading WHERE ctid = ANY(ARRAY(SELECT ctid FROM twins.reading WHERE pilot_id = ? AND time < ? LIMIT ?))",
                    pilot.value(),
                    Timestamp.from(now.minus(readingsKept)),
                    PRUNED_AT_ONCE))
        + prune(pilot, Rollup.MINUTE, now.minus(MINUTES_KEPT))
        + prune(pilot, Rollup.HALF_HOUR, now.minus(HALF_HOURS_KEPT));
  }

  private int prune(PilotId pilot, int step, Instant oldest) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction.execute(
                "DELETE FROM twins.rollup WHERE ctid = ANY(ARRAY(SELECT ctid FROM twins.rollup WHERE pilot_id = ? AND step = ? AND bucket < ? LIMIT ?))",
                pilot.value(),
                step,
                Timestamp.from(oldest),
                PRUNED_AT_ONCE));
  }
}
