package org.pilothouse.twins.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.twins.RelationshipType;

/** What an edge must be so that it may join the others. To be asked under the {@link GraphLock}. */
final class GraphRules {
  /** Of one twin, out and in each. */
  static final int MOST_OF_A_TWIN = 10_000;

  private final int mostOfATwin;

  GraphRules() {
    this(MOST_OF_A_TWIN);
  }

  GraphRules(int mostOfATwin) {
    this.mostOfATwin = mostOfATwin;
  }

  /**
   * @throws Problem {@code not_found} without the source, {@code invalid_value} without the target,
   *     {@code conflict} where a rule or a bound stands against the edge
   */
  void admit(
      Handle transaction, PilotId pilot, RelationshipType type, TwinId source, TwinId target) {
    Map<TwinId, Optional<Level>> levels = hold(transaction, pilot, source, target);
    if (!levels.containsKey(source)) {
      throw Twins.notFound();
    }
    if (!levels.containsKey(target)) {
      throw Problem.at(ProblemCode.INVALID_VALUE, "/target", "The pilot has no twin of this id.");
    }
    refuseTooMany(transaction, pilot, "source", source);
    refuseTooMany(transaction, pilot, "target", target);
    if (type.rules().singleSource()) {
      refuseSecondSource(transaction, pilot, type.id(), target);
    }
    if (type.rules().acyclic()) {
      refuseCycle(transaction, pilot, type.id(), source, target);
    }
    if (type.id().equals(BuiltInTypes.CONTAINS)) {
      refuseTurnedLevels(
          levels.getOrDefault(source, Optional.empty()),
          levels.getOrDefault(target, Optional.empty()));
    }
  }

  /** The levels of the twins that are there; until the commit they are not retired. */
  private static Map<TwinId, Optional<Level>> hold(
      Handle transaction, PilotId pilot, TwinId source, TwinId target) {
    Map<TwinId, Optional<Level>> levels = new HashMap<>();
    transaction
        .createQuery(
            "SELECT twin_id, attributes ->> 'level' FROM twins.twin"
                + " WHERE pilot_id = :pilot AND twin_id IN (:source, :target) ORDER BY twin_id FOR KEY SHARE")
        .bind("pilot", pilot.value())
        .bind("source", source.value())
        .bind("target", target.value())
        .map((row, context) -> Map.entry(new TwinId(row.getString(1)), Level.of(row.getString(2))))
        .forEach(entry -> levels.put(entry.getKey(), entry.getValue()));
    return levels;
  }

  private void refuseTooMany(Handle transaction, PilotId pilot, String end, TwinId twin) {
    int there =
        transaction
            .createQuery(
                "SELECT count(*) FROM (SELECT 1 FROM twins.relationship WHERE pilot_id = :pilot AND "
                    + end
                    + " = :twin LIMIT :most) AS there")
            .bind("pilot", pilot.value())
            .bind("twin", twin.value())
            .bind("most", mostOfATwin)
            .mapTo(Integer.class)
            .one();
    if (there >= mostOfATwin) {
      throw Problem.of(
          ProblemCode.CONFLICT,
          "A twin may be the "
              + end
              + " of "
              + mostOfATwin
              + " relationships; "
              + twin
              + " is already.");
    }
  }

  private static void refuseSecondSource(
      Handle transaction, PilotId pilot, String type, TwinId target) {
    transaction
        .createQuery(
            "SELECT source, relationship_id FROM twins.relationship"
                + " WHERE pilot_id = :pilot AND target = :target AND type = :type LIMIT 1")
        .bind("pilot", pilot.value())
        .bind("target", target.value())
        .bind("type", type)
        .map((row, context) -> row.getString(1) + "/relationships/" + row.getString(2))
        .findOne()
        .ifPresent(other -> {
          throw Problem.at(
              ProblemCode.CONFLICT,
              "/target",
              "A twin has one source of the type "
                  + type
                  + "; "
                  + target
                  + " has it by "
                  + other
                  + ".");
        });
  }

  private static void refuseCycle(
      Handle transaction, PilotId pilot, String type, TwinId source, TwinId target) {
    boolean closes =
        transaction
            .createQuery(
                // Upwards: in a tree that is one chain, however much is below.
                "WITH RECURSIVE above (twin) AS (SELECT :source::text UNION SELECT r.source FROM above"
                    + " JOIN twins.relationship r ON r.pilot_id = :pilot AND r.target = above.twin AND r.type = :type)"
                    + " SELECT EXISTS (SELECT 1 FROM above WHERE twin = :target)")
            .bind("pilot", pilot.value())
            .bind("source", source.value())
            .bind("target", target.value())
            .bind("type", type)
            .mapTo(Boolean.class)
            .one();
    if (closes) {
      throw Problem.at(
          ProblemCode.CONFLICT,
          "/target",
          source.equals(target)
              ? "A twin cannot be related to itself by " + type + "."
              : "This would close a cycle: by "
                  + type
                  + ", "
                  + target
                  + " reaches "
                  + source
                  + " already.");
    }
  }

  private static void refuseTurnedLevels(Optional<Level> source, Optional<Level> target) {
    if (source.isPresent() && target.isPresent() && !source.get().mayContain(target.get())) {
      throw Problem.at(
          ProblemCode.CONFLICT,
          "/target",
          "By ISA-95, one of level "
              + source.get().word()
              + " does not contain one of level "
              + target.get().word()
              + ".");
    }
  }

  /** The level that a twin's attributes name. */
  static Optional<Level> level(ObjectNode attributes) {
    return Level.of(attributes.path(Level.ATTRIBUTE).textValue());
  }

  /**
   * Takes the {@link GraphLock}: until the commit nothing is put above or below the twin.
   *
   * @throws Problem {@code conflict} where the hierarchy stands against the level
   */
  void refuseLevel(Handle transaction, PilotId pilot, TwinId twin, Level level) {
    GraphLock.take(transaction, pilot);
    refuseLevel(transaction, pilot, twin, level, "target", "source", level.notAbove());
    refuseLevel(transaction, pilot, twin, level, "source", "target", level.notBelow());
  }

  private static void refuseLevel(
      Handle transaction,
      PilotId pilot,
      TwinId twin,
      Level level,
      String end,
      String otherEnd,
      List<String> wrong) {
    transaction
        .createQuery(
            "SELECT t.twin_id || ' is of level ' || (t.attributes ->> 'level') FROM twins.relationship r"
                + " JOIN twins.twin t ON t.pilot_id = r.pilot_id AND t.twin_id = r."
                + otherEnd
                + " WHERE r.pilot_id = :pilot AND r."
                + end
                + " = :twin AND r.type = :contains AND t.attributes ->> 'level' = ANY(:wrong) ORDER BY t.twin_id LIMIT 1")
        .bind("pilot", pilot.value())
        .bind("twin", twin.value())
        .bind("contains", BuiltInTypes.CONTAINS)
        .bindArray("wrong", String.class, wrong)
        .mapTo(String.class)
        .findOne()
        .ifPresent(other -> {
          throw Problem.at(
              ProblemCode.CONFLICT,
              "/attributes/level",
              "The hierarchy stands against the level "
                  + level.word()
                  + ": "
                  + (end.equals("target") ? "what contains it, " : "what it contains, ")
                  + other
                  + ".");
        });
  }
}
