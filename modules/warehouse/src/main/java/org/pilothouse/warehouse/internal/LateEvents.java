package org.pilothouse.warehouse.internal;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.warehouse.RunClaim;

/**
 * The rows about records that came after their day was closed: how far each partition was looked
 * through, and what was counted. It only tells when a correction is worth while; what a correction
 * reads does not depend on it.
 */
public final class LateEvents {
  private final Database database;

  LateEvents(Database database) {
    this.database = database;
  }

  /**
   * A closed day has been read to here: what was counted of it is in, and what came meanwhile is
   * looked through again with that in mind.
   */
  static void readTo(Handle transaction, RunClaim claim, List<Share> shares) {
    for (Share share : shares) {
      transaction
          .createUpdate(
              "INSERT INTO warehouse.late_scan AS s (pilot_id, partition, scanned_to, next_look)"
                  + " VALUES (:pilot, :partition, :to, now()) ON CONFLICT (pilot_id, partition) DO"
                  + " UPDATE SET scanned_to = least(s.scanned_to, excluded.scanned_to), generation ="
                  + " s.generation + 1")
          .bind("pilot", claim.pilot().value())
          .bind("partition", share.partition())
          .bind("to", share.to())
          .execute();
    }
    transaction
        .createUpdate("DELETE FROM warehouse.late WHERE pilot_id = :pilot AND date = :date")
        .bind("pilot", claim.pilot().value())
        .bind("date", claim.date())
        .execute();
  }

  /** Records that wait, by day; both ends included. */
  public Map<LocalDate, Long> waiting(PilotId pilot, LocalDate from, LocalDate to) {
    return database.inPilot(
        pilot,
        transaction -> {
          Map<LocalDate, Long> waiting = new HashMap<>();
          transaction
              .createQuery(
                  "SELECT date, sum(records)::bigint FROM warehouse.late WHERE pilot_id = :pilot AND"
                      + " date BETWEEN :from AND :to GROUP BY date")
              .bind("pilot", pilot.value())
              .bind("from", from)
              .bind("to", to)
              .map((row, context) -> Map.entry(row.getObject(1, LocalDate.class), row.getLong(2)))
              .forEach(entry -> waiting.put(entry.getKey(), entry.getValue()));
          return waiting;
        });
  }

  public long waiting(PilotId pilot, LocalDate date) {
    return waiting(pilot, date, date).getOrDefault(date, 0L);
  }

  /** A partition that somebody should look at. */
  record Due(PilotId pilot, int partition) {}

  /**
   * Takes the partition that has waited longest; nobody else takes it until then.
   *
   * @param rest how long others leave it alone, should this node end
   */
  Optional<Due> next(Duration rest) {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "UPDATE warehouse.late_scan s SET next_look = now() + make_interval(secs => :rest)"
                    + " FROM (SELECT pilot_id, partition FROM warehouse.late_scan WHERE next_look"
                    + " <= now() ORDER BY next_look LIMIT 1 FOR UPDATE SKIP LOCKED) AS due WHERE"
                    + " (s.pilot_id, s.partition) = (due.pilot_id, due.partition) RETURNING"
                    + " s.pilot_id, s.partition")
            .bind("rest", rest.toSeconds())
            .map((row, context) -> new Due(new PilotId(row.getString(1)), row.getInt(2)))
            .findOne());
  }

  /** The partitions of a pilot that are looked at. */
  List<Integer> partitions(PilotId pilot) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT partition FROM warehouse.late_scan WHERE pilot_id = :pilot ORDER BY"
                        + " partition")
                .bind("pilot", pilot.value())
                .mapTo(Integer.class)
                .list());
  }

  /** A partition that came after a day was closed: all of it is looked through. */
  void add(PilotId pilot, int partition) {
    database.runInPilot(
        pilot,
        transaction ->
            transaction
                .createUpdate(
                    "INSERT INTO warehouse.late_scan (pilot_id, partition, scanned_to, next_look)"
                        + " VALUES (:pilot, :partition, 0, now()) ON CONFLICT DO NOTHING")
                .bind("pilot", pilot.value())
                .bind("partition", partition)
                .execute());
  }

  /** The next look at it comes then. */
  void rest(Due due, Duration pause) {
    database.runInPilot(
        due.pilot(),
        transaction ->
            transaction
                .createUpdate(
                    "UPDATE warehouse.late_scan SET next_look = now() + make_interval(secs =>"
                        + " :pause) WHERE pilot_id = :pilot AND partition = :partition")
                .bind("pause", pause.toMillis() / 1_000.0)
                .bind("pilot", due.pilot().value())
                .bind("partition", due.partition())
                .execute());
  }

  /**
   * A closed day and how far one partition was read for it.
   *
   * @param to the first offset that no revision has read
   * @param countedTo what stands before it is counted already
   */
  record ClosedDay(LocalDate date, Instant start, Instant end, long to, long countedTo) {}

  /** From where to look on, and for what. */
  record Position(long scannedTo, long generation, List<ClosedDay> days) {}

  /** Position and days as they are at one moment; empty where nobody looks at the partition. */
  Optional<Position> position(Due due, int mostDays) {
    return database.inPilot(
        due.pilot(),
        transaction ->
            transaction
                .createQuery(
                    "SELECT scanned_to, generation FROM warehouse.late_scan WHERE pilot_id = :pilot"
                        + " AND partition = :partition FOR UPDATE")
                .bind("pilot", due.pilot().value())
                .bind("partition", due.partition())
                .map((row, context) -> new long[] {row.getLong(1), row.getLong(2)})
                .findOne()
                .map(at -> new Position(at[0], at[1], days(transaction, due, mostDays))));
  }

  private static List<ClosedDay> days(Handle transaction, Due due, int most) {
    return transaction
        .createQuery(
            "SELECT d.date, d.starts_at, d.ends_at, coalesce(s.to_offset, 0), coalesce(l.counted_to,"
                + " 0) FROM (SELECT DISTINCT ON (date) pilot_id, date, revision, starts_at, ends_at"
                + " FROM warehouse.dump WHERE pilot_id = :pilot AND state IN ('complete',"
                + " 'incomplete') ORDER BY date DESC, revision DESC LIMIT :most) d LEFT JOIN"
                + " warehouse.share s ON (s.pilot_id, s.date, s.revision, s.partition) ="
                + " (d.pilot_id, d.date, d.revision, :partition) LEFT JOIN warehouse.late l ON"
                + " (l.pilot_id, l.date, l.partition) = (d.pilot_id, d.date, :partition)")
        .bind("pilot", due.pilot().value())
        .bind("partition", due.partition())
        .bind("most", most)
        .map((row, context) ->
            new ClosedDay(
                row.getObject(1, LocalDate.class),
                DumpRows.instant(row, "starts_at"),
                DumpRows.instant(row, "ends_at"),
                row.getLong(4),
                row.getLong(5)))
        .list();
  }

  /** What was found of a day. */
  record Found(LocalDate date, long records, long countedTo) {}

  /**
   * Notes down how far the look was and what it found, unless a revision was closed meanwhile or
   * somebody else has looked.
   */
  boolean note(Due due, Position from, long scannedTo, List<Found> found) {
    return database.inPilot(
        due.pilot(),
        transaction -> {
          int moved =
              transaction
                  .createUpdate(
                      "UPDATE warehouse.late_scan SET scanned_to = :to WHERE pilot_id = :pilot AND"
                          + " partition = :partition AND scanned_to = :from AND generation ="
                          + " :generation")
                  .bind("to", scannedTo)
                  .bind("from", from.scannedTo())
                  .bind("generation", from.generation())
                  .bind("pilot", due.pilot().value())
                  .bind("partition", due.partition())
                  .execute();
          if (moved == 0) {
            return false;
          }
          for (Found day : found) {
            transaction
                .createUpdate(
                    "INSERT INTO warehouse.late AS l (pilot_id, date, partition, records,"
                        + " counted_to) VALUES (:pilot, :date, :partition, :records, :to) ON"
                        + " CONFLICT (pilot_id, date, partition) DO UPDATE SET records = l.records"
                        + " + excluded.records, counted_to = excluded.counted_to")
                .bind("pilot", due.pilot().value())
                .bind("date", day.date())
                .bind("partition", due.partition())
                .bind("records", day.records())
                .bind("to", day.countedTo())
                .execute();
          }
          return true;
        });
  }

  /** A closed day of which records wait. */
  record Waiting(LocalDate date, long records, Instant finishedAt) {}

  /** The days of a pilot whose newest revision is closed and of which records wait. */
  List<Waiting> correctable(PilotId pilot, int most) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT l.date, l.records, d.finished_at FROM (SELECT date, sum(records)::bigint"
                        + " AS records FROM warehouse.late WHERE pilot_id = :pilot GROUP BY date)"
                        + " l JOIN LATERAL (SELECT state, finished_at FROM warehouse.dump WHERE"
                        + " pilot_id = :pilot AND date = l.date ORDER BY revision DESC LIMIT 1) d"
                        + " ON d.state IN ('complete', 'incomplete') ORDER BY l.date LIMIT :most")
                .bind("pilot", pilot.value())
                .bind("most", most)
                .map((row, context) ->
                    new Waiting(
                        row.getObject(1, LocalDate.class),
                        row.getLong(2),
                        DumpRows.instant(row, "finished_at")))
                .list());
  }
}
