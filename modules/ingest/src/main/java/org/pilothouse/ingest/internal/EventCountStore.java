package org.pilothouse.ingest.internal;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.consume.OffsetStore;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.consume.PositionLost;
import org.pilothouse.platform.postgres.Database;

/** The counts of events in PostgreSQL, with the positions up to which they are counted. */
public final class EventCountStore implements OffsetStore {
  /** The step of the counts. */
  static final Duration STEP = Duration.ofSeconds(10);

  private static final Duration KEPT = Duration.ofDays(8);

  private final Database database;

  public EventCountStore(Database database) {
    this.database = database;
  }

  /**
   * What a batch adds.
   *
   * @param steps events by the start of their step
   * @param twins when each was last seen; only those worth writing
   */
  record Added(PilotId pilot, String kind, Map<Instant, Long> steps, Map<String, Instant> twins) {}

  /** A minute and its events. */
  public record Minute(Instant minute, long events) {}

  /** A pilot's counts. */
  public record Counts(
      List<Minute> minutes,
      long total24h,
      long rejected24h,
      long twinsSeen,
      double eventsPerSecond) {}

  @Override
  public Map<Partition, Long> positions(Set<Partition> partitions) {
    return database.asPlatform(transaction -> {
      Map<Partition, Long> positions = new HashMap<>();
      transaction
          .createQuery("SELECT topic, partition, position FROM ingest.reader_position")
          .map((row, context) ->
              Map.entry(new Partition(row.getString(1), row.getInt(2)), row.getLong(3)))
          .forEach(entry -> {
            if (partitions.contains(entry.getKey())) {
              positions.put(entry.getKey(), entry.getValue());
            }
          });
      return positions;
    });
  }

  /**
   * Adds and moves on in one transaction; throws {@link PositionLost} when another reader has moved
   * on before.
   */
  void add(Partition partition, long position, long next, Added added) {
    database.runAsPlatform(transaction -> {
      moveOn(transaction, partition, position, next);
      String pilot = added.pilot().value();
      added
          .steps()
          .forEach((step, events) ->
              transaction.execute(
                  "INSERT INTO ingest.event_count (pilot_id, kind, step, events) VALUES (?, ?, ?, ?)"
                      + " ON CONFLICT (pilot_id, kind, step) DO UPDATE SET events = event_count.events + excluded.events",
                  pilot,
                  added.kind(),
                  Timestamp.from(step),
                  events));
      if (!added.twins().isEmpty()) {
        see(transaction, pilot, added.twins());
      }
    });
  }

  private static void moveOn(Handle transaction, Partition partition, long position, long next) {
    int moved =
        transaction.execute(
            "INSERT INTO ingest.reader_position (topic, partition, position) VALUES (?, ?, ?)"
                + " ON CONFLICT (topic, partition) DO UPDATE SET position = excluded.position WHERE reader_position.position = ?",
            partition.topic(),
            partition.number(),
            next,
            position);
    if (moved == 0) {
      throw new PositionLost(partition);
    }
  }

  private static void see(Handle transaction, String pilot, Map<String, Instant> twins) {
    List<String> ids = new ArrayList<>(twins.size());
    List<String> times = new ArrayList<>(twins.size());
    // In one order everywhere, so that two readers do not lock each other's rows.
    twins.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(twin -> {
          ids.add(twin.getKey());
          times.add(twin.getValue().toString());
        });
    transaction
        .createUpdate(
            "INSERT INTO ingest.twin_seen (pilot_id, twin_id, seen_at)"
                + " SELECT :pilot, twin, seen::timestamptz FROM unnest(:ids, :times) AS seen_now (twin, seen)"
                + " ON CONFLICT (pilot_id, twin_id) DO UPDATE SET seen_at = greatest(twin_seen.seen_at, excluded.seen_at)")
        .bind("pilot", pilot)
        .bindArray("ids", String.class, ids)
        .bindArray("times", String.class, times)
        .execute();
  }

  /** What the pilot sent; the minutes between from and to, the rest up to now. */
  public Counts read(PilotId pilot, Instant from, Instant to, Instant now) {
    return database.inPilot(
        pilot,
        transaction -> {
          List<Minute> minutes =
              transaction
                  .createQuery(
                      "SELECT date_trunc('minute', step) AS minute, sum(events) FROM ingest.event_count"
                          + " WHERE pilot_id = :pilot AND kind = 'telemetry' AND step >= :from AND step < :to GROUP BY 1 ORDER BY 1")
                  .bind("pilot", pilot.value())
                  .bind("from", Timestamp.from(from))
                  .bind("to", Timestamp.from(to))
                  .map(
                      (row, context) -> new Minute(row.getTimestamp(1).toInstant(), row.getLong(2)))
                  .list();
          return transaction
              .createQuery(
                  "SELECT coalesce(sum(events) FILTER (WHERE kind = 'telemetry'), 0), coalesce(sum(events) FILTER (WHERE kind = 'rejected'), 0),"
                      + " (SELECT count(*) FROM ingest.twin_seen WHERE pilot_id = :pilot AND seen_at > :day),"
                      + " coalesce(sum(events) FILTER (WHERE kind = 'telemetry' AND step >= :recent AND step < :tick), 0)"
                      + " FROM ingest.event_count WHERE pilot_id = :pilot AND step > :day")
              .bind("pilot", pilot.value())
              .bind("day", Timestamp.from(now.minus(Duration.ofHours(24))))
              .bind("recent", Timestamp.from(step(now).minus(STEP)))
              .bind("tick", Timestamp.from(step(now)))
              .map((row, context) ->
                  new Counts(
                      minutes,
                      row.getLong(1),
                      row.getLong(2),
                      row.getLong(3),
                      row.getLong(4) / (double) STEP.toSeconds()))
              .one();
        });
  }

  static Instant step(Instant time) {
    long seconds = time.getEpochSecond();
    return Instant.ofEpochSecond(seconds - Math.floorMod(seconds, STEP.toSeconds()));
  }

  /** Removes what is older than is shown. */
  public int prune(Instant now) {
    Timestamp oldest = Timestamp.from(now.minus(KEPT));
    return database.asPlatform(transaction ->
        transaction.execute("DELETE FROM ingest.event_count WHERE step < ?", oldest)
            + transaction.execute("DELETE FROM ingest.twin_seen WHERE seen_at < ?", oldest));
  }
}
