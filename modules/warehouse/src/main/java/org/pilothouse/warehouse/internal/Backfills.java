package org.pilothouse.warehouse.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.warehouse.CloseReason;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.PilotDay;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ranges of days that are closed one after the other. What is to be done stands in rows, so that it
 * goes on after a restart, on whatever node looks first: each step is one transaction under the
 * lock of the backfill's row.
 */
public final class Backfills {
  private static final Logger LOG = LoggerFactory.getLogger(Backfills.class);
  private static final String COLUMNS =
      "b.pilot_id, b.backfill_id, b.from_date, b.to_date, b.state, b.requested_by, b.created_at,"
          + " b.finished_at, now() AS now, (SELECT jsonb_object_agg(d.state, d.n)::text FROM (SELECT"
          + " state, count(*) AS n FROM warehouse.backfill_day WHERE pilot_id = b.pilot_id AND"
          + " backfill_id = b.backfill_id GROUP BY state) d) AS days, (SELECT min(date) FROM"
          + " warehouse.backfill_day WHERE pilot_id = b.pilot_id AND backfill_id = b.backfill_id"
          + " AND state = 'running') AS day_now";

  private final Database database;
  private final Dumps dumps;
  private final PilotDirectory pilots;
  private final AuditTrail trail;
  private final EventIds ids;

  Backfills(Database database, Dumps dumps, PilotDirectory pilots, AuditTrail trail, EventIds ids) {
    this.database = database;
    this.dumps = dumps;
    this.pilots = pilots;
    this.trail = trail;
    this.ids = ids;
  }

  /**
   * @throws Problem {@code conflict} while another of the pilot's is under way
   */
  Backfill create(Caller caller, PilotId pilot, LocalDate from, LocalDate to) {
    String id = ids.next().toString();
    return database.inPilot(
        pilot,
        transaction -> {
          int inserted =
              transaction
                  .createUpdate(
                      "INSERT INTO warehouse.backfill (pilot_id, backfill_id, from_date, to_date,"
                          + " state, requested_by, created_at) VALUES (:pilot, :id, :from, :to,"
                          + " 'running', :by, now()) ON CONFLICT (pilot_id) WHERE state ="
                          + " 'running' DO NOTHING")
                  .bind("pilot", pilot.value())
                  .bind("id", id)
                  .bind("from", from)
                  .bind("to", to)
                  .bind("by", caller.actor())
                  .execute();
          if (inserted == 0) {
            throw Problem.of(
                ProblemCode.CONFLICT, "Another backfill of the pilot is under way: one at a time.");
          }
          PreparedBatch days =
              transaction.prepareBatch(
                  "INSERT INTO warehouse.backfill_day (pilot_id, backfill_id, date, state) VALUES"
                      + " (:pilot, :id, :date, CASE WHEN EXISTS (SELECT 1 FROM warehouse.dump WHERE"
                      + " pilot_id = :pilot AND date = :date AND state IN ('complete',"
                      + " 'incomplete')) THEN 'skipped' ELSE 'waiting' END)");
          for (LocalDate date = from; !date.isAfter(to); date = date.plusDays(1)) {
            days.bind("pilot", pilot.value()).bind("id", id).bind("date", date).add();
          }
          int[] unused = days.execute();
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "backfill.begin", resource(pilot, id))
                  .with(Map.of("from", from.toString(), "to", to.toString())));
          return find(transaction, pilot, id).orElseThrow();
        });
  }

  private static String resource(PilotId pilot, String id) {
    return "backfill:" + pilot + "/" + id;
  }

  public Optional<Backfill> find(PilotId pilot, String id) {
    return database.inPilot(pilot, transaction -> find(transaction, pilot, id));
  }

  private static Optional<Backfill> find(Handle transaction, PilotId pilot, String id) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM warehouse.backfill b WHERE b.pilot_id = :pilot AND b.backfill_id = :id")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .map((row, context) -> backfill(row))
        .findOne();
  }

  /** The newest first, those before that one. */
  public List<Backfill> list(PilotId pilot, @Nullable String before, int limit) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT "
                        + COLUMNS
                        + " FROM warehouse.backfill b WHERE b.pilot_id = :pilot AND (CAST(:before AS"
                        + " text) IS NULL OR b.backfill_id < :before) ORDER BY b.backfill_id DESC"
                        + " LIMIT :limit")
                .bind("pilot", pilot.value())
                .bind("before", before)
                .bind("limit", limit)
                .map((row, context) -> backfill(row))
                .list());
  }

  private static Backfill backfill(ResultSet row) throws SQLException {
    Map<String, Integer> counts = DumpRows.counts(row.getString("days"));
    Backfill.Days days =
        new Backfill.Days(
            counts.values().stream().mapToInt(Integer::intValue).sum(),
            counts.getOrDefault("complete", 0),
            counts.getOrDefault("incomplete", 0),
            counts.getOrDefault("failed", 0),
            counts.getOrDefault("running", 0),
            counts.getOrDefault("waiting", 0),
            counts.getOrDefault("skipped", 0));
    Backfill.State state = Backfill.State.of(row.getString("state"));
    Instant created = DumpRows.instant(row, "created_at");
    return new Backfill(
        new PilotId(row.getString("pilot_id")),
        row.getString("backfill_id"),
        row.getObject("from_date", LocalDate.class),
        row.getObject("to_date", LocalDate.class),
        state,
        row.getString("requested_by"),
        created,
        DumpRows.optionalInstant(row, "finished_at"),
        days,
        row.getObject("day_now", LocalDate.class),
        state == Backfill.State.RUNNING
            ? secondsLeft(days, created, DumpRows.instant(row, "now"))
            : null);
  }

  static @Nullable Long secondsLeft(Backfill.Days days, Instant created, Instant now) {
    int done = days.complete() + days.incomplete() + days.failed();
    if (done == 0) {
      return null;
    }
    long elapsed = java.time.Duration.between(created, now).toSeconds();
    return elapsed * (days.running() + days.waiting()) / done;
  }

  /**
   * Begins no more days, and cancels the one that is being closed.
   *
   * @throws Problem {@code not_found}, {@code conflict}
   */
  public Backfill cancel(Caller caller, PilotId pilot, String id) {
    return database.inPilot(
        pilot,
        transaction -> {
          Backfill open =
              lock(transaction, pilot, id)
                  .orElseThrow(
                      () -> Problem.of(ProblemCode.NOT_FOUND, "There is no such backfill."));
          if (open.state() != Backfill.State.RUNNING) {
            throw Problem.of(
                ProblemCode.CONFLICT, "The backfill has ended: it is " + open.state().word() + ".");
          }
          LocalDate day = open.dayNow();
          if (day != null) {
            Dump newest = Dumps.of(transaction, pilot, day).getFirst();
            if (newest.state() == org.pilothouse.warehouse.DumpState.RUNNING) {
              newest = dumps.cancel(transaction, caller, pilot, day);
            }
            mark(transaction, open, day, newest.state().word());
          }
          end(transaction, open, Backfill.State.CANCELLED);
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "backfill.cancel", resource(pilot, id)));
          return find(transaction, pilot, id).orElseThrow();
        });
  }

  private static Optional<Backfill> lock(Handle transaction, PilotId pilot, String id) {
    return transaction
        .createQuery(
            "SELECT 1 FROM warehouse.backfill WHERE pilot_id = :pilot AND backfill_id = :id FOR"
                + " UPDATE")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .mapTo(Integer.class)
        .findOne()
        .flatMap(locked -> find(transaction, pilot, id));
  }

  private static void mark(Handle transaction, Backfill of, LocalDate date, String state) {
    transaction
        .createUpdate(
            "UPDATE warehouse.backfill_day SET state = :state WHERE pilot_id = :pilot AND"
                + " backfill_id = :id AND date = :date")
        .bind("state", state)
        .bind("pilot", of.pilot().value())
        .bind("id", of.id())
        .bind("date", date)
        .execute();
  }

  private static void end(Handle transaction, Backfill of, Backfill.State state) {
    transaction
        .createUpdate(
            "UPDATE warehouse.backfill SET state = :state, finished_at = now() WHERE pilot_id ="
                + " :pilot AND backfill_id = :id")
        .bind("state", state.word())
        .bind("pilot", of.pilot().value())
        .bind("id", of.id())
        .execute();
  }

  /** Takes each open backfill a step on. */
  void pass() {
    List<Backfill> open =
        database.asPlatform(transaction ->
            transaction
                .createQuery(
                    "SELECT "
                        + COLUMNS
                        + " FROM warehouse.backfill b WHERE b.state = 'running' ORDER BY"
                        + " b.created_at LIMIT 100")
                .map((row, context) -> backfill(row))
                .list());
    for (Backfill each : open) {
      try {
        goOn(each);
      } catch (RuntimeException e) {
        // The others, and the runs of this node, do not wait for it.
        LOG.warn(
            "a backfill does not go on now pilot={} id={} error={}",
            each.pilot(),
            each.id(),
            e.toString());
      }
    }
  }

  private void goOn(Backfill seen) {
    Optional<Pilot> pilot = pilots.find(seen.pilot());
    database.runInPilot(
        seen.pilot(),
        transaction ->
            lock(transaction, seen.pilot(), seen.id())
                .filter(open -> open.state() == Backfill.State.RUNNING)
                .ifPresent(open -> {
                  if (pilot.isEmpty()
                      || !(pilot.get().storage() instanceof Pilot.Storage.Centralized)) {
                    end(transaction, open, Backfill.State.FAILED);
                  } else if (isFree(transaction, open)) {
                    next(transaction, pilot.get(), open);
                  }
                }));
  }

  /** Whether no day of it is being closed any more. */
  private static boolean isFree(Handle transaction, Backfill open) {
    LocalDate day = open.dayNow();
    if (day == null) {
      return true;
    }
    Dump newest = Dumps.of(transaction, open.pilot(), day).getFirst();
    return switch (newest.state()) {
      case RUNNING, OPEN -> false;
      case COMPLETE, INCOMPLETE, FAILED -> {
        mark(transaction, open, day, newest.state().word());
        yield true;
      }
    };
  }

  private void next(Handle transaction, Pilot pilot, Backfill open) {
    Optional<LocalDate> date =
        transaction
            .createQuery(
                "SELECT min(date) FROM warehouse.backfill_day WHERE pilot_id = :pilot AND"
                    + " backfill_id = :id AND state = 'waiting'")
            .bind("pilot", open.pilot().value())
            .bind("id", open.id())
            .map((row, context) -> Optional.ofNullable(row.getObject(1, LocalDate.class)))
            .one();
    if (date.isEmpty()) {
      Backfill now = find(transaction, open.pilot(), open.id()).orElseThrow();
      end(
          transaction,
          open,
          now.days().failed() > 0 ? Backfill.State.FAILED : Backfill.State.COMPLETE);
      return;
    }
    mark(transaction, open, date.get(), close(transaction, pilot, open, date.get()));
  }

  /** How the day stands then. */
  private String close(Handle transaction, Pilot pilot, Backfill open, LocalDate date) {
    List<Dump> revisions = Dumps.of(transaction, pilot.id(), date);
    if (revisions.isEmpty()) {
      Optional<PilotDay> day = PilotDay.of(date, pilot.timeZone());
      if (day.isEmpty()) {
        return "skipped";
      }
      Dumps.Begun unused =
          dumps.begin(
              transaction, pilot, day.get(), CloseReason.REQUESTED, open.requestedBy(), null);
      return "running";
    }
    Dump newest = revisions.getFirst();
    return switch (newest.state()) {
      case COMPLETE, INCOMPLETE -> "skipped";
      case RUNNING, OPEN -> "running";
      case FAILED -> {
        if (newest.isCorrection()) {
          yield "skipped";
        }
        Dump unused = dumps.restart(transaction, open.requestedBy(), null, pilot.id(), date);
        yield "running";
      }
    };
  }
}
