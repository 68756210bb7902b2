package org.pilothouse.pilots.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.EventType;
import org.pilothouse.contracts.PilotFact;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotStorage;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Revision;

/** Adds and changes pilots. A change, its event and its entry in the trail are one transaction. */
public final class Pilots implements PilotStorage {
  private static final String COLUMNS =
      "pilot, name, time_zone, storage_model, storage_endpoint, storage_bucket, telemetry_days,"
          + " revision, created_at, updated_at";

  private final Database database;
  private final AuditTrail trail;
  private final Facts facts;
  private final Clock clock;
  private final Runnable changed;
  private volatile Guard guard = (transaction, pilot) -> {};

  /**
   * @param changed called after a commit; must return at once
   */
  public Pilots(Database database, AuditTrail trail, Facts facts, Clock clock, Runnable changed) {
    this.database = database;
    this.trail = trail;
    this.facts = facts;
    this.clock = clock;
    this.changed = changed;
  }

  public Optional<Pilot> find(PilotId pilot) {
    return database.inPilot(pilot, transaction -> read(transaction, pilot, false));
  }

  /** Pilots by id, after one; all of them or the one that is given. */
  public List<Pilot> page(Optional<PilotId> only, String after, int limit) {
    if (only.isPresent()) {
      return find(only.get()).filter(p -> p.id().value().compareTo(after) > 0).stream().toList();
    }
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + " FROM pilots.pilot WHERE pilot > :after"
                    + " ORDER BY pilot LIMIT :limit")
            .bind("after", after)
            .bind("limit", limit)
            .map((row, context) -> pilot(row))
            .list());
  }

  public Pilot create(
      Caller caller,
      PilotId id,
      String name,
      ZoneId zone,
      Pilot.Storage storage,
      Pilot.Retention retention) {
    return database.asPlatform(transaction -> {
      Pilot pilot = insert(transaction, id, name, zone, storage, retention);
      trail.record(
          transaction,
          AuditEvent.allowed(caller, id, "pilot.create", "pilot:" + id)
              .with(Map.of("time_zone", zone.getId(), "storage", model(storage))));
      return pilot;
    });
  }

  /** Also for the first start, which has no caller. */
  Pilot insert(
      Handle transaction,
      PilotId id,
      String name,
      ZoneId zone,
      Pilot.Storage storage,
      Pilot.Retention retention) {
    Instant now = clock.instant();
    int inserted =
        transaction
            .createUpdate(
                "INSERT INTO pilots.pilot (pilot, name, time_zone, storage_model,"
                    + " storage_endpoint, storage_bucket, telemetry_days, created_at, updated_at)"
                    + " VALUES (:pilot, :name, :zone, :model, :endpoint, :bucket, :days, :now, :now)"
                    + " ON CONFLICT DO NOTHING")
            .bind("pilot", id.value())
            .bind("name", name)
            .bind("zone", zone.getId())
            .bind("model", model(storage))
            .bind("endpoint", endpoint(storage))
            .bind("bucket", bucket(storage))
            .bind("days", retention.telemetryDays())
            .bind("now", now.atOffset(ZoneOffset.UTC))
            .execute();
    if (inserted == 0) {
      throw Problem.at(
          ProblemCode.ALREADY_EXISTS, "/pilot_id", "There is a pilot of this id already.");
    }
    Pilot pilot = read(transaction, id, false).orElseThrow();
    facts.tell(transaction, EventType.PILOT_CREATED, id, id.value(), fact(pilot));
    transaction.afterCommit(changed);
    return pilot;
  }

  /**
   * @param ifMatch the header, checked while the row is held
   */
  public Pilot update(
      Caller caller, PilotId id, @Nullable String ifMatch, UnaryOperator<Pilot> change) {
    return database.inPilot(
        id,
        transaction -> {
          Pilot before = read(transaction, id, true).orElseThrow(Pilots::notFound);
          new Revision(before.revision()).check(ifMatch);
          Pilot after = change.apply(before);
          if (!model(before.storage()).equals(model(after.storage()))) {
            guard.check(transaction, id);
          }
          return write(transaction, caller, after);
        });
  }

  private Pilot write(Handle transaction, Caller caller, Pilot after) {
    PilotId id = after.id();
    transaction
        .createUpdate(
            "UPDATE pilots.pilot SET name = :name, time_zone = :zone, storage_model = :model,"
                + " storage_endpoint = :endpoint, storage_bucket = :bucket, telemetry_days ="
                + " :days, revision = revision + 1, updated_at = :now WHERE pilot = :pilot")
        .bind("pilot", id.value())
        .bind("name", after.name())
        .bind("zone", after.timeZone().getId())
        .bind("model", model(after.storage()))
        .bind("endpoint", endpoint(after.storage()))
        .bind("bucket", bucket(after.storage()))
        .bind("days", after.retention().telemetryDays())
        .bind("now", clock.instant().atOffset(ZoneOffset.UTC))
        .execute();
    Pilot stored = read(transaction, id, false).orElseThrow();
    facts.tell(transaction, EventType.PILOT_CHANGED, id, id.value(), fact(stored));
    transaction.afterCommit(changed);
    trail.record(
        transaction,
        AuditEvent.allowed(caller, id, "pilot.update", "pilot:" + id)
            .with(
                Map.of(
                    "revision", Long.toString(stored.revision()),
                    "time_zone", stored.timeZone().getId(),
                    "storage", model(stored.storage()))));
    return stored;
  }

  @Override
  public Pilot.Storage of(Handle transaction, PilotId pilot) {
    return read(transaction, pilot, false).orElseThrow(Pilots::notFound).storage();
  }

  @Override
  public Pilot.Storage hold(Handle transaction, PilotId pilot) {
    return read(transaction, pilot, true).orElseThrow(Pilots::notFound).storage();
  }

  @Override
  public void change(Handle transaction, Caller caller, PilotId pilot, Pilot.Storage storage) {
    Pilot before = read(transaction, pilot, true).orElseThrow(Pilots::notFound);
    if (before.storage().equals(storage)) {
      return;
    }
    var unused =
        write(
            transaction,
            caller,
            new Pilot(
                pilot,
                before.name(),
                before.timeZone(),
                storage,
                before.retention(),
                before.revision(),
                before.createdAt(),
                before.updatedAt()));
  }

  @Override
  public void guardedBy(Guard guard) {
    this.guard = guard;
  }

  /** Those whose newest revision has not been brought to the engines yet. */
  List<Pilot> unprovisioned() {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + " FROM pilots.pilot WHERE provisioned < revision"
                    + " ORDER BY pilot LIMIT 100")
            .map((row, context) -> pilot(row))
            .list());
  }

  void markProvisioned(Pilot pilot) {
    database.runAsPlatform(transaction ->
        transaction
            .createUpdate(
                "UPDATE pilots.pilot SET provisioned = :revision"
                    + " WHERE pilot = :pilot AND provisioned < :revision")
            .bind("revision", pilot.revision())
            .bind("pilot", pilot.id().value())
            .execute());
  }

  private static Optional<Pilot> read(Handle transaction, PilotId pilot, boolean hold) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM pilots.pilot WHERE pilot = :pilot"
                + (hold ? " FOR UPDATE" : ""))
        .bind("pilot", pilot.value())
        .map((row, context) -> pilot(row))
        .findOne();
  }

  private static Pilot pilot(ResultSet row) throws SQLException {
    return new Pilot(
        new PilotId(row.getString("pilot")),
        row.getString("name"),
        ZoneId.of(row.getString("time_zone")),
        "federated".equals(row.getString("storage_model"))
            ? new Pilot.Storage.Federated(
                row.getString("storage_endpoint"),
                Optional.ofNullable(row.getString("storage_bucket")))
            : new Pilot.Storage.Centralized(),
        new Pilot.Retention(row.getInt("telemetry_days")),
        row.getLong("revision"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }

  private static PilotFact fact(Pilot pilot) {
    return new PilotFact(
        pilot.id(),
        pilot.name(),
        pilot.timeZone().getId(),
        model(pilot.storage()),
        pilot.retention().telemetryDays());
  }

  public static String model(Pilot.Storage storage) {
    return switch (storage) {
      case Pilot.Storage.Centralized centralized -> "centralized";
      case Pilot.Storage.Federated federated -> "federated";
    };
  }

  public static @Nullable String endpoint(Pilot.Storage storage) {
    return storage instanceof Pilot.Storage.Federated federated ? federated.endpoint() : null;
  }

  public static @Nullable String bucket(Pilot.Storage storage) {
    return storage instanceof Pilot.Storage.Federated federated
        ? federated.bucket().orElse(null)
        : null;
  }

  static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such pilot.");
  }
}
