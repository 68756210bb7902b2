package org.pilothouse.twins.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.EventType;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Revision;
import org.pilothouse.twins.Relationship;
import org.pilothouse.twins.RelationshipType;

/** The edges of the graph: how they are made, changed and taken away. */
public final class Relationships {
  private static final String COLUMNS =
      "relationship_id, source, type, target, attributes::text AS attributes, revision, created_at, updated_at";

  private final Database database;
  private final TwinFacts facts;
  private final AuditTrail trail;
  private final GraphRules rules;
  private final Clock clock;

  Relationships(
      Database database, TwinFacts facts, AuditTrail trail, GraphRules rules, Clock clock) {
    this.database = database;
    this.facts = facts;
    this.trail = trail;
    this.rules = rules;
    this.clock = clock;
  }

  /** What people say of a relationship. */
  public record Definition(String type, TwinId target, ObjectNode attributes) {}

  /** A relationship, and whether it was there before. */
  public record Put(Relationship relationship, boolean created) {}

  /** Which end of its relationships a twin is. */
  public enum Direction {
    /** The source. */
    OUT,
    /** The target. */
    IN
  }

  /**
   * Which relationships of a twin are wanted.
   *
   * @param type all where empty
   */
  public record Filter(Direction direction, Optional<String> type) {}

  /** Where a page goes on. */
  public record After(String type, String other, String id) {}

  public Optional<Relationship> find(PilotId pilot, TwinId source, String id) {
    return database.inPilot(pilot, transaction -> read(transaction, pilot, source, id));
  }

  /** By type, the other end and id, after one. */
  public List<Relationship> page(
      PilotId pilot, TwinId twin, Filter filter, Optional<After> after, int limit) {
    String end = filter.direction() == Direction.OUT ? "source" : "target";
    String other = filter.direction() == Direction.OUT ? "target" : "source";
    return database.inPilot(
        pilot,
        transaction -> {
          StringBuilder sql =
              new StringBuilder("SELECT ")
                  .append(COLUMNS)
                  .append(" FROM twins.relationship WHERE pilot_id = :pilot AND ")
                  .append(end)
                  .append(" = :twin");
          filter.type().ifPresent(type -> sql.append(" AND type = :type"));
          after.ifPresent(last ->
              sql.append(" AND (type, ")
                  .append(other)
                  .append(", relationship_id) > (:after_type, :after_other, :after_id)"));
          sql.append(" ORDER BY type, ").append(other).append(", relationship_id LIMIT :limit");
          Query query =
              transaction
                  .createQuery(sql.toString())
                  .bind("pilot", pilot.value())
                  .bind("twin", twin.value())
                  .bind("limit", limit);
          filter.type().ifPresent(type -> query.bind("type", type));
          after.ifPresent(last ->
              query
                  .bind("after_type", last.type())
                  .bind("after_other", last.other())
                  .bind("after_id", last.id()));
          return query.map((row, context) -> relationship(row)).list();
        });
  }

  /**
   * Relates two twins, or says anew what is said of their relationship. Type and target stay.
   *
   * @param ifMatch the header, checked where it is given
   * @param onlyNew whether a relationship that is there already is refused
   */
  public Put put(
      Caller caller,
      PilotId pilot,
      TwinId source,
      String id,
      @Nullable String ifMatch,
      boolean onlyNew,
      Definition definition) {
    return database.inPilot(
        pilot,
        transaction -> {
          GraphLock.take(transaction, pilot);
          Optional<Relationship> before = read(transaction, pilot, source, id);
          if (before.isPresent()) {
            if (onlyNew) {
              throw Problem.of(
                  ProblemCode.PRECONDITION_FAILED, "There is a relationship of this id already.");
            }
            check(before.get(), ifMatch);
            refuseOtherEnds(before.get(), definition);
            return new Put(
                change(transaction, caller, pilot, before.get(), definition.attributes()), false);
          }
          if (ifMatch != null) {
            throw notFound();
          }
          RelationshipType type =
              RelationshipTypes.read(transaction, pilot, definition.type())
                  .orElseThrow(() ->
                      Problem.at(
                          ProblemCode.INVALID_VALUE,
                          "/type",
                          "There is no such type of relationship."));
          rules.admit(transaction, pilot, type, source, definition.target());
          Relationship made = insert(transaction, pilot, source, id, definition);
          tell(transaction, EventType.TWIN_RELATED, caller, pilot, List.of(made));
          audit(transaction, caller, pilot, made, "relationship.create");
          return new Put(made, true);
        });
  }

  /**
   * @param ifMatch the header, checked where it is given
   */
  public Relationship update(
      Caller caller,
      PilotId pilot,
      TwinId source,
      String id,
      @Nullable String ifMatch,
      UnaryOperator<ObjectNode> change) {
    return database.inPilot(
        pilot,
        transaction -> {
          GraphLock.take(transaction, pilot);
          Relationship before =
              read(transaction, pilot, source, id).orElseThrow(Relationships::notFound);
          check(before, ifMatch);
          return change(transaction, caller, pilot, before, change.apply(before.attributes()));
        });
  }

  /**
   * @param ifMatch the header, checked where it is given
   */
  public void delete(
      Caller caller, PilotId pilot, TwinId source, String id, @Nullable String ifMatch) {
    database.runInPilot(
        pilot,
        transaction -> {
          GraphLock.take(transaction, pilot);
          Relationship before =
              read(transaction, pilot, source, id).orElseThrow(Relationships::notFound);
          check(before, ifMatch);
          int removed =
              transaction.execute(
                  "DELETE FROM twins.relationship WHERE pilot_id = ? AND source = ? AND relationship_id = ?",
                  pilot.value(),
                  source.value(),
                  id);
          if (removed == 0) {
            // A retirement took it away since it was read.
            throw notFound();
          }
          tell(transaction, EventType.TWIN_UNRELATED, caller, pilot, List.of(before));
          audit(transaction, caller, pilot, before, "relationship.delete");
        });
  }

  /**
   * Takes away all of a twin's relationships; the twin's row must be locked, so that no other
   * comes.
   *
   * @return how many there were
   */
  int removeAllOf(Handle transaction, Caller caller, PilotId pilot, TwinId twin) {
    List<Relationship> removed =
        transaction
            .createQuery(
                "DELETE FROM twins.relationship WHERE pilot_id = :pilot AND (source = :twin OR target = :twin) RETURNING "
                    + COLUMNS)
            .bind("pilot", pilot.value())
            .bind("twin", twin.value())
            .map((row, context) -> relationship(row))
            .list();
    tell(transaction, EventType.TWIN_UNRELATED, caller, pilot, removed);
    return removed.size();
  }

  private static void check(Relationship before, @Nullable String ifMatch) {
    if (ifMatch != null) {
      new Revision(before.revision()).check(ifMatch);
    }
  }

  private static void refuseOtherEnds(Relationship before, Definition definition) {
    if (!before.type().equals(definition.type())) {
      throw Problem.at(
          ProblemCode.CONFLICT, "/type", "It is of the type " + before.type() + ", and stays so.");
    }
    if (!before.target().equals(definition.target())) {
      throw Problem.at(
          ProblemCode.CONFLICT,
          "/target",
          "It leads to " + before.target() + ", and stays so: delete it and relate anew.");
    }
  }

  private Relationship insert(
      Handle transaction, PilotId pilot, TwinId source, String id, Definition definition) {
    transaction
        .createUpdate(
            "INSERT INTO twins.relationship (pilot_id, source, relationship_id, type, target, attributes, revision, created_at, updated_at)"
                + " VALUES (:pilot, :source, :id, :type, :target, :attributes::jsonb, 1, :now, :now)")
        .bind("pilot", pilot.value())
        .bind("source", source.value())
        .bind("id", id)
        .bind("type", definition.type())
        .bind("target", definition.target().value())
        .bind("attributes", Twins.text(definition.attributes()))
        .bind("now", Timestamp.from(clock.instant()))
        .execute();
    return read(transaction, pilot, source, id).orElseThrow();
  }

  private Relationship change(
      Handle transaction,
      Caller caller,
      PilotId pilot,
      Relationship before,
      ObjectNode attributes) {
    if (before.attributes().equals(attributes)) {
      return before;
    }
    transaction
        .createUpdate(
            "UPDATE twins.relationship SET attributes = :attributes::jsonb, revision = revision + 1, updated_at = :now"
                + " WHERE pilot_id = :pilot AND source = :source AND relationship_id = :id")
        .bind("attributes", Twins.text(attributes))
        .bind("now", Timestamp.from(clock.instant()))
        .bind("pilot", pilot.value())
        .bind("source", before.source().value())
        .bind("id", before.id())
        .execute();
    Relationship after =
        read(transaction, pilot, before.source(), before.id()).orElseThrow(Relationships::notFound);
    tell(transaction, EventType.TWIN_RELATED, caller, pilot, List.of(after));
    audit(transaction, caller, pilot, after, "relationship.update");
    return after;
  }

  /** To the threads of both ends. */
  private void tell(
      Handle transaction,
      EventType type,
      Caller caller,
      PilotId pilot,
      List<Relationship> relationships) {
    List<TwinFacts.Fact> told = new ArrayList<>(relationships.size() * 2);
    for (Relationship each : relationships) {
      told.add(fact(type, caller, pilot, each, each.source()));
      if (!each.target().equals(each.source())) {
        told.add(fact(type, caller, pilot, each, each.target()));
      }
    }
    facts.tellOfGraph(transaction, pilot, told);
  }

  private static TwinFacts.Fact fact(
      EventType type, Caller caller, PilotId pilot, Relationship relationship, TwinId twin) {
    ObjectNode data = TwinFacts.data(pilot, twin.value(), caller.actor());
    data.put("relationship_id", relationship.id());
    data.put("type", relationship.type());
    data.put("source", relationship.source().value());
    data.put("target", relationship.target().value());
    data.put("revision", relationship.revision());
    return new TwinFacts.Fact(type, twin.value(), data);
  }

  private void audit(
      Handle transaction, Caller caller, PilotId pilot, Relationship relationship, String action) {
    trail.record(
        transaction,
        AuditEvent.allowed(
                caller,
                pilot,
                action,
                "relationship:" + pilot + "/" + relationship.source() + "/" + relationship.id())
            .with(
                Map.of(
                    "type",
                    relationship.type(),
                    "target",
                    relationship.target().value(),
                    "revision",
                    Long.toString(relationship.revision()))));
  }

  private static Optional<Relationship> read(
      Handle transaction, PilotId pilot, TwinId source, String id) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM twins.relationship WHERE pilot_id = :pilot AND source = :source AND relationship_id = :id")
        .bind("pilot", pilot.value())
        .bind("source", source.value())
        .bind("id", id)
        .map((row, context) -> relationship(row))
        .findOne();
  }

  private static Relationship relationship(ResultSet row) throws SQLException {
    Instant created = row.getTimestamp("created_at").toInstant();
    return new Relationship(
        row.getString("relationship_id"),
        new TwinId(row.getString("source")),
        row.getString("type"),
        new TwinId(row.getString("target")),
        TwinRows.object(row.getString("attributes")),
        row.getLong("revision"),
        created,
        row.getTimestamp("updated_at").toInstant());
  }

  public static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such relationship.");
  }
}
