package org.pilothouse.twins.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Revision;
import org.pilothouse.twins.RelationshipType;

/** The types of relationships that a pilot has: those built in, and its own. */
public final class RelationshipTypes {
  static final int MOST = 200;

  /** A type with more edges cannot be given a rule any more. */
  static final int MOST_CHECKED = 200_000;

  /** How many twins of a cycle are named. */
  private static final int SHOWN = 6;

  private static final String COLUMNS =
      "type, label, inverse, description, acyclic, single_source, revision, created_at, updated_at";

  private final Database database;
  private final AuditTrail trail;
  private final Clock clock;

  RelationshipTypes(Database database, AuditTrail trail, Clock clock) {
    this.database = database;
    this.trail = trail;
    this.clock = clock;
  }

  /** What a pilot says of a type. */
  public record Definition(
      Optional<String> label,
      Optional<String> inverse,
      Optional<String> description,
      RelationshipType.Rules rules) {}

  /** A type, and whether it was there before. */
  public record Put(RelationshipType type, boolean created) {}

  /** By id, after one. */
  public List<RelationshipType> page(PilotId pilot, String after, int limit) {
    List<RelationshipType> all = new ArrayList<>(BuiltInTypes.all());
    all.addAll(
        database.inPilot(
            pilot,
            transaction ->
                transaction
                    .createQuery(
                        "SELECT "
                            + COLUMNS
                            + " FROM twins.relationship_type WHERE pilot_id = :pilot")
                    .bind("pilot", pilot.value())
                    .map((row, context) -> type(row))
                    .list()));
    return all.stream()
        .filter(type -> type.id().compareTo(after) > 0)
        .sorted(Comparator.comparing(RelationshipType::id))
        .limit(limit)
        .toList();
  }

  public Optional<RelationshipType> find(PilotId pilot, String type) {
    return database.inPilot(pilot, transaction -> read(transaction, pilot, type));
  }

  static Optional<RelationshipType> read(Handle transaction, PilotId pilot, String type) {
    return BuiltInTypes.find(type)
        .or(() ->
            transaction
                .createQuery(
                    "SELECT "
                        + COLUMNS
                        + " FROM twins.relationship_type WHERE pilot_id = :pilot AND type = :type")
                .bind("pilot", pilot.value())
                .bind("type", type)
                .map((row, context) -> type(row))
                .findOne());
  }

  /**
   * Creates the type or says anew what it is.
   *
   * @param ifMatch the header, checked where it is given
   * @throws Problem {@code conflict} for a built-in type, for one too many, and where edges that
   *     are there break a rule
   */
  public Put put(
      Caller caller, PilotId pilot, String id, @Nullable String ifMatch, Definition definition) {
    refuseBuiltIn(id);
    return database.inPilot(
        pilot,
        transaction -> {
          GraphLock.take(transaction, pilot);
          Optional<RelationshipType> before = read(transaction, pilot, id);
          if (before.isEmpty()) {
            if (ifMatch != null) {
              throw notFound();
            }
            refuseOneTooMany(transaction, pilot);
          } else {
            if (ifMatch != null) {
              new Revision(before.get().revision()).check(ifMatch);
            }
            if (isAsItWas(before.get(), definition)) {
              return new Put(before.get(), false);
            }
            refuseBrokenRules(transaction, pilot, before.get(), definition.rules());
          }
          store(transaction, pilot, id, definition);
          RelationshipType after = read(transaction, pilot, id).orElseThrow();
          audit(
              transaction,
              caller,
              pilot,
              id,
              before.isEmpty() ? "relationship-type.create" : "relationship-type.update",
              Map.of(
                  "acyclic",
                  Boolean.toString(definition.rules().acyclic()),
                  "single_source",
                  Boolean.toString(definition.rules().singleSource())));
          return new Put(after, before.isEmpty());
        });
  }

  /**
   * @throws Problem {@code conflict} for a built-in type, and while there are relationships of it
   */
  public void delete(Caller caller, PilotId pilot, String id) {
    refuseBuiltIn(id);
    database.runInPilot(
        pilot,
        transaction -> {
          GraphLock.take(transaction, pilot);
          transaction
              .createQuery(
                  "SELECT source, target FROM twins.relationship WHERE pilot_id = :pilot AND type = :type LIMIT 1")
              .bind("pilot", pilot.value())
              .bind("type", id)
              .map((row, context) -> row.getString(1) + " → " + row.getString(2))
              .findOne()
              .ifPresent(edge -> {
                throw Problem.of(
                    ProblemCode.CONFLICT, "There are relationships of this type: " + edge + ".");
              });
          int removed =
              transaction.execute(
                  "DELETE FROM twins.relationship_type WHERE pilot_id = ? AND type = ?",
                  pilot.value(),
                  id);
          if (removed == 0) {
            throw notFound();
          }
          audit(transaction, caller, pilot, id, "relationship-type.delete", Map.of());
        });
  }

  private void store(Handle transaction, PilotId pilot, String id, Definition definition) {
    transaction
        .createUpdate(
            "INSERT INTO twins.relationship_type AS t (pilot_id, type, label, inverse, description, acyclic, single_source, revision, created_at, updated_at)"
                + " VALUES (:pilot, :type, :label, :inverse, :description, :acyclic, :single, 1, :now, :now)"
                + " ON CONFLICT (pilot_id, type) DO UPDATE SET label = excluded.label, inverse = excluded.inverse, description = excluded.description,"
                + " acyclic = excluded.acyclic, single_source = excluded.single_source, revision = t.revision + 1, updated_at = excluded.updated_at")
        .bind("pilot", pilot.value())
        .bind("type", id)
        .bind("label", definition.label().orElse(null))
        .bind("inverse", definition.inverse().orElse(null))
        .bind("description", definition.description().orElse(null))
        .bind("acyclic", definition.rules().acyclic())
        .bind("single", definition.rules().singleSource())
        .bind("now", Timestamp.from(clock.instant()))
        .execute();
  }

  private static boolean isAsItWas(RelationshipType before, Definition definition) {
    return new Definition(before.label(), before.inverse(), before.description(), before.rules())
        .equals(definition);
  }

  private static void refuseBuiltIn(String id) {
    if (BuiltInTypes.find(id).isPresent()) {
      throw Problem.of(ProblemCode.CONFLICT, "The type " + id + " is built in: it stays as it is.");
    }
  }

  private static void refuseOneTooMany(Handle transaction, PilotId pilot) {
    int there =
        transaction
            .createQuery("SELECT count(*) FROM twins.relationship_type WHERE pilot_id = :pilot")
            .bind("pilot", pilot.value())
            .mapTo(Integer.class)
            .one();
    if (there >= MOST) {
      throw Problem.of(
          ProblemCode.CONFLICT, "A pilot may have " + MOST + " types of relationships of its own.");
    }
  }

  private static void refuseBrokenRules(
      Handle transaction, PilotId pilot, RelationshipType before, RelationshipType.Rules wanted) {
    if (wanted.singleSource() && !before.rules().singleSource()) {
      refuseSecondSources(transaction, pilot, before.id());
    }
    if (wanted.acyclic() && !before.rules().acyclic()) {
      refuseCycles(transaction, pilot, before.id());
    }
  }

  private static void refuseSecondSources(Handle transaction, PilotId pilot, String type) {
    transaction
        .createQuery(
            "SELECT target FROM twins.relationship WHERE pilot_id = :pilot AND type = :type"
                + " GROUP BY target HAVING count(*) > 1 ORDER BY target LIMIT 1")
        .bind("pilot", pilot.value())
        .bind("type", type)
        .mapTo(String.class)
        .findOne()
        .ifPresent(target -> {
          throw Problem.at(
              ProblemCode.CONFLICT,
              "/single_source",
              "The twin " + target + " is the target of more than one relationship of this type.");
        });
  }

  private static void refuseCycles(Handle transaction, PilotId pilot, String type) {
    CycleSearch search = new CycleSearch();
    int edges =
        transaction
            .createQuery(
                "SELECT source, target FROM twins.relationship WHERE pilot_id = :pilot AND type = :type LIMIT :most")
            .bind("pilot", pilot.value())
            .bind("type", type)
            .bind("most", MOST_CHECKED + 1)
            .setFetchSize(5_000)
            .map((row, context) -> {
              search.add(row.getString(1), row.getString(2));
              return 1;
            })
            .reduce(0, Integer::sum);
    if (edges > MOST_CHECKED) {
      throw Problem.at(
          ProblemCode.CONFLICT,
          "/acyclic",
          "There are more than "
              + MOST_CHECKED
              + " relationships of this type: too many to check.");
    }
    List<String> cycle = search.find();
    if (!cycle.isEmpty()) {
      throw Problem.at(
          ProblemCode.CONFLICT,
          "/acyclic",
          "Relationships of this type form a cycle: " + shown(cycle) + ".");
    }
  }

  static String shown(List<String> cycle) {
    List<String> named = new ArrayList<>(cycle.subList(0, Math.min(SHOWN, cycle.size())));
    if (cycle.size() > SHOWN) {
      named.add("… (" + (cycle.size() - SHOWN) + " more)");
    }
    named.add(cycle.getFirst());
    return String.join(" → ", named);
  }

  private void audit(
      Handle transaction,
      Caller caller,
      PilotId pilot,
      String id,
      String action,
      Map<String, String> detail) {
    trail.record(
        transaction,
        AuditEvent.allowed(caller, pilot, action, "relationship-type:" + pilot + "/" + id)
            .with(detail));
  }

  private static RelationshipType type(ResultSet row) throws SQLException {
    return new RelationshipType(
        row.getString("type"),
        Optional.ofNullable(row.getString("label")),
        Optional.ofNullable(row.getString("inverse")),
        Optional.ofNullable(row.getString("description")),
        new RelationshipType.Rules(row.getBoolean("acyclic"), row.getBoolean("single_source")),
        false,
        row.getLong("revision"),
        instant(row.getTimestamp("created_at")),
        instant(row.getTimestamp("updated_at")));
  }

  private static Optional<Instant> instant(Timestamp time) {
    return Optional.of(time.toInstant());
  }

  public static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such type of relationship.");
  }
}
