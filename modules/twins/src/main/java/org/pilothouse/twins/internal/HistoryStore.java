package org.pilothouse.twins.internal;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.postgres.Database;

/** What twins reported, in PostgreSQL: the readings of recent days and their summaries. */
public final class HistoryStore {
  /** Points of one property in one answer at most. */
  public static final int MOST_POINTS = 20_000;

  /** How long minutes and hours are kept; days are kept for ever. */
  static final Duration MINUTES_KEPT = Duration.ofDays(92);

  static final Duration HOURS_KEPT = Duration.ofDays(732);
  private static final int AT_ONCE = 500;
  private static final int MOST_LOOKED_BACK = 40;
  private static final int PRUNED_AT_ONCE = 20_000;

  private final Database database;
  private final Positions positions;

  HistoryStore(Database database) {
    this.database = database;
    this.positions = new Positions(database, HistoryReader.NAME);
  }

  Positions positions() {
    return positions;
  }

  /** Readings and summaries of a batch, and the way on, in one transaction. */
  void add(
      PilotId pilot,
      Partition partition,
      long position,
      long next,
      List<Reading> readings,
      Map<Rollup.Key, Rollup> rollups) {
    database.runAsPlatform(transaction -> {
      positions.moveOn(transaction, partition, position, next);
      if (!readings.isEmpty()) {
        insert(transaction, pilot, readings);
      }
      if (!rollups.isEmpty()) {
        merge(transaction, pilot, rollups);
      }
    });
  }

  private static void insert(Handle transaction, PilotId pilot, List<Reading> readings) {
    List<String> twins = new ArrayList<>(readings.size());
    List<String> times = new ArrayList<>(readings.size());
    List<String> values = new ArrayList<>(readings.size());
    for (Reading reading : readings) {
      twins.add(reading.twin());
      times.add(reading.time().toString());
      values.add(json(reading.values()));
    }
    transaction
        .createUpdate(
            "INSERT INTO twins.reading (pilot_id, twin_id, time, props)"
                + " SELECT :pilot, twin, time::timestamptz, props::jsonb FROM unnest(:twins, :times, :values) AS read (twin, time, props)")
        .bind("pilot", pilot.value())
        .bindArray("twins", String.class, twins)
        .bindArray("times", String.class, times)
        .bindArray("values", String.class, values)
        .execute();
  }

  private static String json(Map<String, Reported> values) {
    StringBuilder json = new StringBuilder(32 * values.size() + 2).append('{');
    values.forEach((name, reported) -> {
      if (json.length() > 1) {
        json.append(',');
      }
      json.append(Reading.quoted(name)).append(':').append(reported.literal());
    });
    return json.append('}').toString();
  }

  private static void merge(Handle transaction, PilotId pilot, Map<Rollup.Key, Rollup> rollups) {
    int size = rollups.size();
    List<String> twins = new ArrayList<>(size);
    List<String> properties = new ArrayList<>(size);
    List<Integer> steps = new ArrayList<>(size);
    List<Long> buckets = new ArrayList<>(size);
    List<Double> lows = new ArrayList<>(size);
    List<Double> highs = new ArrayList<>(size);
    List<Double> totals = new ArrayList<>(size);
    List<Long> counts = new ArrayList<>(size);
    List<Double> lasts = new ArrayList<>(size);
    List<String> lastTimes = new ArrayList<>(size);
    rollups.forEach((key, rollup) -> {
      twins.add(key.twin());
      properties.add(key.property());
      steps.add(key.step());
      buckets.add(key.bucket());
      lows.add(rollup.low());
      highs.add(rollup.high());
      totals.add(rollup.total());
      counts.add(rollup.count());
      lasts.add(rollup.last());
      lastTimes.add(rollup.lastTime().toString());
    });
    transaction
        .createUpdate(
            "INSERT INTO twins.rollup AS r (pilot_id, twin_id, property, step, bucket, low, high, total, count, last, last_time)"
                + " SELECT :pilot, twin, property, step, to_timestamp(bucket), low, high, total, count, last, last_time::timestamptz"
                + " FROM unnest(:twins, :properties, :steps, :buckets, :lows, :highs, :totals, :counts, :lasts, :lastTimes)"
                + " AS added (twin, property, step, bucket, low, high, total, count, last, last_time)"
                + " ON CONFLICT (pilot_id, twin_id, property, step, bucket) DO UPDATE SET"
                + " low = least(r.low, excluded.low), high = greatest(r.high, excluded.high),"
                + " total = r.total + excluded.total, count = r.count + excluded.count,"
                + " last = CASE WHEN excluded.last_time >= r.last_time THEN excluded.last ELSE r.last END,"
                + " last_time = greatest(r.last_time, excluded.last_time)")
        .bind("pilot", pilot.value())
        .bindArray("twins", String.class, twins)
        .bindArray("properties", String.class, properties)
        .bindArray("steps", Integer.class, steps)
        .bindArray("buckets", Long.class, buckets)
        .bindArray("lows", Double.class, lows)
        .bindArray("highs", Double.class, highs)
        .bindArray("totals", Double.class, totals)
        .bindArray("counts", Long.class, counts)
        .bindArray("lasts", Double.class, lasts)
        .bindArray("lastTimes", String.class, lastTimes)
        .execute();
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
   * The readings of one property in time's order, the newest {@link #MOST_POINTS} and one more
   * where there are more.
   */
  public List<Point> readings(
      PilotId pilot, TwinId twin, String property, Instant from, Instant to) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT time, value FROM (SELECT time, (props -> :property)::text AS value FROM twins.reading"
                        + " WHERE pilot_id = :pilot AND twin_id = :twin AND time >= :from AND time < :to"
                        + " AND jsonb_exists(props, :property) ORDER BY time DESC LIMIT :limit) AS newest ORDER BY time")
                .bind("pilot", pilot.value())
                .bind("twin", twin.value())
                .bind("property", property)
                .bind("from", Timestamp.from(from))
                .bind("to", Timestamp.from(to))
                .bind("limit", MOST_POINTS + 1)
                .map((row, context) -> new Point(row.getTimestamp(1).toInstant(), row.getString(2)))
                .list());
  }

  /**
   * Steps of whole minutes, from the longest kept summary that divides the step.
   *
   * @param step seconds, a multiple of 60
   */
  public List<Step> steps(
      PilotId pilot, TwinId twin, String property, Instant from, Instant to, long step) {
    int kept =
        step % Rollup.DAY == 0 ? Rollup.DAY : step % Rollup.HOUR == 0 ? Rollup.HOUR : Rollup.MINUTE;
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
                state.take(name, new Reported(literal, null, row.getKey()));
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
        + prune(pilot, Rollup.HOUR, now.minus(HOURS_KEPT));
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
