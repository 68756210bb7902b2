package org.pilothouse.twins.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.twins.Rebuild;

/** The rebuilds of states as people see them: asked for, watched, called off. */
public final class Rebuilds {
  /** Those of a pilot that are remembered. */
  private static final int MOST_KEPT = 100;

  private static final String COLUMNS =
      "r.rebuild_id, r.apply, r.state, r.started_by, r.created_at, r.ended_at, r.twins, r.differing,"
          + " r.digest_before, r.digest_after, r.error, p.done, p.total FROM twins.rebuild r"
          + " CROSS JOIN LATERAL (SELECT coalesce(sum(position - begins), 0)::bigint AS done,"
          + " coalesce(sum(greatest(ends, position) - begins), 0)::bigint AS total"
          + " FROM twins.rebuild_position p WHERE p.pilot_id = r.pilot_id AND p.rebuild_id = r.rebuild_id) p";

  private final Database database;
  private final AuditTrail trail;
  private final EventIds ids;
  private final Clock clock;
  private final boolean offered;

  /**
   * @param offered whether there are states here that can be rebuilt beside the reader's
   */
  Rebuilds(Database database, AuditTrail trail, EventIds ids, Clock clock, boolean offered) {
    this.offered = offered;
    this.database = database;
    this.trail = trail;
    this.ids = ids;
    this.clock = clock;
  }

  /** Where a page goes on. */
  public record Before(Instant createdAt, String id) {}

  /**
   * @throws Problem {@code conflict} while another one of the pilot runs, and where the backbone
   *     alone keeps the states
   */
  public Rebuild start(Caller caller, PilotId pilot, boolean apply) {
    if (!offered) {
      throw Problem.of(
          ProblemCode.CONFLICT,
          "The states of this installation are kept by the backbone alone; the next number of"
              + " pilothouse.twins.state-fold has all of them folded anew.");
    }
    return database.inPilot(
        pilot,
        transaction -> {
          String id = ids.next().toString();
          Timestamp now = Timestamp.from(clock.instant());
          int created =
              transaction
                  .createUpdate(
                      "INSERT INTO twins.rebuild (pilot_id, rebuild_id, apply, state, started_by, created_at, not_before)"
                          + " VALUES (:pilot, :id, :apply, 'running', :by, :now, now())"
                          + " ON CONFLICT (pilot_id) WHERE state = 'running' DO NOTHING")
                  .bind("pilot", pilot.value())
                  .bind("id", id)
                  .bind("apply", apply)
                  .bind("by", caller.actor())
                  .bind("now", now)
                  .execute();
          if (created == 0) {
            throw Problem.of(
                ProblemCode.CONFLICT, "A rebuild of this pilot's twins is under way already.");
          }
          forget(transaction, pilot);
          trail.record(
              transaction,
              event(caller, pilot, "twins.rebuild", id)
                  .with(Map.of("rebuild", id, "apply", Boolean.toString(apply))));
          return read(transaction, pilot, id).orElseThrow();
        });
  }

  private static void forget(Handle transaction, PilotId pilot) {
    List<String> old =
        transaction
            .createQuery(
                "DELETE FROM twins.rebuild WHERE pilot_id = :pilot AND cleared AND rebuild_id IN"
                    + " (SELECT rebuild_id FROM twins.rebuild WHERE pilot_id = :pilot"
                    + " ORDER BY created_at DESC, rebuild_id DESC OFFSET :kept) RETURNING rebuild_id")
            .bind("pilot", pilot.value())
            .bind("kept", MOST_KEPT)
            .mapTo(String.class)
            .list();
    transaction
        .createUpdate(
            "DELETE FROM twins.rebuild_position WHERE pilot_id = :pilot AND rebuild_id = ANY(:old)")
        .bind("pilot", pilot.value())
        .bindArray("old", String.class, old)
        .execute();
  }

  public Optional<Rebuild> find(PilotId pilot, String id) {
    return database.inPilot(pilot, transaction -> read(transaction, pilot, id));
  }

  /** Newest first, before one. */
  public List<Rebuild> page(PilotId pilot, Optional<Before> before, int limit) {
    return database.inPilot(
        pilot,
        transaction -> {
          var query =
              transaction
                  .createQuery(
                      "SELECT "
                          + COLUMNS
                          + " WHERE r.pilot_id = :pilot"
                          + (before.isPresent()
                              ? " AND (r.created_at, r.rebuild_id) < (:time, :id)"
                              : "")
                          + " ORDER BY r.created_at DESC, r.rebuild_id DESC LIMIT :limit")
                  .bind("pilot", pilot.value())
                  .bind("limit", limit);
          before.ifPresent(
              last -> query.bind("time", Timestamp.from(last.createdAt())).bind("id", last.id()));
          return query.map((row, context) -> rebuild(row)).list();
        });
  }

  /**
   * Ends it; nothing that is stored has changed.
   *
   * @throws Problem {@code not_found}; {@code conflict} where it has ended
   */
  public Rebuild cancel(Caller caller, PilotId pilot, String id) {
    return database.inPilot(
        pilot,
        transaction -> {
          int cancelled =
              transaction.execute(
                  "UPDATE twins.rebuild SET state = 'cancelled', ended_at = ?"
                      + " WHERE pilot_id = ? AND rebuild_id = ? AND state = 'running'",
                  Timestamp.from(clock.instant()),
                  pilot.value(),
                  id);
          Rebuild rebuild = read(transaction, pilot, id).orElseThrow(Rebuilds::notFound);
          if (cancelled == 0) {
            throw Problem.of(ProblemCode.CONFLICT, "The rebuild has ended.");
          }
          trail.record(
              transaction,
              event(caller, pilot, "twins.rebuild.cancel", id).with(Map.of("rebuild", id)));
          return rebuild;
        });
  }

  private static AuditEvent event(Caller caller, PilotId pilot, String action, String id) {
    return AuditEvent.allowed(caller, pilot, action, resource(pilot, id));
  }

  static String resource(PilotId pilot, String id) {
    return "twin-rebuild:" + pilot + "/" + id;
  }

  private static Optional<Rebuild> read(Handle transaction, PilotId pilot, String id) {
    return transaction
        .createQuery("SELECT " + COLUMNS + " WHERE r.pilot_id = :pilot AND r.rebuild_id = :id")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .map((row, context) -> rebuild(row))
        .findOne();
  }

  private static Rebuild rebuild(ResultSet row) throws SQLException {
    return new Rebuild(
        row.getString("rebuild_id"),
        row.getBoolean("apply"),
        Rebuild.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
        row.getString("started_by"),
        row.getTimestamp("created_at").toInstant(),
        Optional.ofNullable(StateStore.instant(row.getTimestamp("ended_at"))),
        row.getLong("done"),
        row.getLong("total"),
        number(row, "twins"),
        number(row, "differing"),
        Optional.ofNullable(row.getString("digest_before")),
        Optional.ofNullable(row.getString("digest_after")),
        Optional.ofNullable(row.getString("error")));
  }

  private static OptionalLong number(ResultSet row, String column) throws SQLException {
    long number = row.getLong(column);
    return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
  }

  public static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such rebuild.");
  }
}
