package org.pilothouse.twins.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
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
import org.pilothouse.platform.web.Json;
import org.pilothouse.platform.web.Revision;
import org.pilothouse.twins.Twin;

/** The twins there are, and what people say of them. */
public final class Twins {
  private final Database database;
  private final TwinFacts facts;
  private final AuditTrail trail;
  private final ModelRules rules;
  private final TwinDevices devices;
  private final Commands commands;
  private final Relationships relationships;
  private final GraphRules graphRules;
  private final Clock clock;
  private final TwinRows rows;
  private final TwinPages pages;

  /**
   * @param folded where reported states are, if not beside the twins
   */
  Twins(
      Database database,
      TwinFacts facts,
      AuditTrail trail,
      ModelRules rules,
      TwinDevices devices,
      Commands commands,
      Relationships relationships,
      GraphRules graphRules,
      Clock clock,
      @Nullable FoldedStates folded) {
    this.database = database;
    this.facts = facts;
    this.trail = trail;
    this.rules = rules;
    this.devices = devices;
    this.commands = commands;
    this.relationships = relationships;
    this.graphRules = graphRules;
    this.clock = clock;
    this.rows = new TwinRows(folded);
    this.pages = new TwinPages(database, rows);
  }

  /** What people say of a twin. */
  public record Definition(Optional<String> model, ObjectNode attributes, ObjectNode desired) {}

  /**
   * Which twins are wanted.
   *
   * @param silentFor those that have not reported for so long
   */
  public record Filter(
      Optional<String> model, Optional<String> text, Optional<Duration> silentFor) {}

  /** A twin, and whether it was there before. */
  public record Put(Twin twin, boolean created) {}

  public Optional<Twin> find(PilotId pilot, TwinId twin) {
    return database.findInPilot(
        pilot,
        rows.select("twins.twin") + " WHERE t.pilot_id = ? AND t.twin_id = ?",
        row -> rows.twin(pilot, row),
        pilot.value(),
        twin.value());
  }

  /**
   * Some twins in the order of their ids.
   *
   * @param more whether others follow
   * @param last the id after which they follow
   */
  public record Slice(List<Twin> twins, boolean more, String last) {}

  /** By id, after one; fewer than the limit, or none, where it would take long to find more. */
  public Slice page(PilotId pilot, Filter filter, String after, int limit) {
    return pages.page(
        new TwinPages.Wanted(
            pilot,
            filter.model(),
            filter.text(),
            filter.silentFor().map(clock.instant()::minus),
            limit),
        after);
  }

  /**
   * Creates the twin or says anew what it is.
   *
   * @param ifMatch the header, checked where it is given
   * @param onlyNew whether a twin that is there already is refused
   */
  public Put put(
      Caller caller,
      PilotId pilot,
      TwinId id,
      @Nullable String ifMatch,
      boolean onlyNew,
      Definition definition) {
    refuseUnknownModel(pilot, definition);
    DesiredTelling telling = new DesiredTelling(rules, commands, pilot, devices.of(pilot, id));
    Put put =
        database.inPilot(
            pilot,
            transaction -> {
              Instant now = clock.instant();
              int created =
                  ifMatch != null
                      ? 0
                      : transaction
                          .createUpdate(
                              "INSERT INTO twins.twin (pilot_id, twin_id, model, attributes, desired, revision, created_at, updated_at)"
                                  + " VALUES (:pilot, :twin, :model, :attributes::jsonb, :desired::jsonb, 1, :now, :now) ON CONFLICT DO NOTHING")
                          .bind("pilot", pilot.value())
                          .bind("twin", id.value())
                          .bind("model", definition.model().orElse(null))
                          .bind("attributes", text(definition.attributes()))
                          .bind("desired", text(definition.desired()))
                          .bind("now", Timestamp.from(now))
                          .execute();
              if (created == 0) {
                if (onlyNew) {
                  throw Problem.of(
                      ProblemCode.PRECONDITION_FAILED, "There is a twin of this id already.");
                }
                return new Put(
                    change(transaction, caller, pilot, id, ifMatch, before -> definition, telling),
                    false);
              }
              Definition nothing =
                  new Definition(
                      Optional.empty(),
                      definition.attributes().objectNode(),
                      definition.desired().objectNode());
              Consumer<Handle> tellDesired =
                  telling.desire(transaction, caller, id, nothing, definition, 1);
              ObjectNode data = TwinFacts.data(pilot, id.value(), caller.actor());
              definition.model().ifPresent(model -> data.put("model", model));
              facts.tell(transaction, EventType.TWIN_CREATED, pilot, id.value(), data);
              tellDesired.accept(transaction);
              Twin twin = read(transaction, pilot, id).orElseThrow();
              audit(transaction, caller, pilot, id, "twin.create", Map.of());
              return new Put(twin, true);
            });
    telling.announce();
    return put;
  }

  /**
   * @param ifMatch the header, checked where it is given while the row is held
   */
  public Twin update(
      Caller caller,
      PilotId pilot,
      TwinId id,
      @Nullable String ifMatch,
      UnaryOperator<Definition> change) {
    DesiredTelling telling = new DesiredTelling(rules, commands, pilot, devices.of(pilot, id));
    Twin twin =
        database.inPilot(
            pilot, transaction -> change(transaction, caller, pilot, id, ifMatch, change, telling));
    telling.announce();
    return twin;
  }

  /** Until the commit nobody else changes the twin or counts its commands. */
  static void hold(Handle transaction, PilotId pilot, TwinId twin) {
    transaction
        .createQuery(
            // Not the key: who relates the twin meanwhile holds that, and the graph's lock as well.
            "SELECT 1 FROM twins.twin WHERE pilot_id = :pilot AND twin_id = :twin FOR NO KEY UPDATE")
        .bind("pilot", pilot.value())
        .bind("twin", twin.value())
        .mapTo(Integer.class)
        .findOne();
  }

  private Twin change(
      Handle transaction,
      Caller caller,
      PilotId pilot,
      TwinId id,
      @Nullable String ifMatch,
      UnaryOperator<Definition> change,
      DesiredTelling telling) {
    hold(transaction, pilot, id);
    Twin before = read(transaction, pilot, id).orElseThrow(Twins::notFound);
    if (ifMatch != null) {
      new Revision(before.revision()).check(ifMatch);
    }
    Definition old = new Definition(before.model(), before.attributes(), before.desired());
    Definition wanted = change.apply(old);
    if (!wanted.model().equals(old.model())) {
      refuseUnknownModel(pilot, wanted);
    }
    ObjectNode data = TwinFacts.data(pilot, id.value(), caller.actor());
    ArrayNode changed = data.arrayNode();
    if (!wanted.model().equals(old.model())) {
      changed.add("model");
    }
    if (!wanted.attributes().equals(old.attributes())) {
      changed.add("attributes");
      refuseWrongLevel(transaction, pilot, id, old, wanted);
    }
    if (!wanted.desired().equals(old.desired())) {
      changed.add("desired");
    }
    if (changed.isEmpty()) {
      return before;
    }
    transaction
        .createUpdate(
            "UPDATE twins.twin SET model = :model, attributes = :attributes::jsonb, desired = :desired::jsonb,"
                + " revision = revision + 1, updated_at = :now WHERE pilot_id = :pilot AND twin_id = :twin")
        .bind("pilot", pilot.value())
        .bind("twin", id.value())
        .bind("model", wanted.model().orElse(null))
        .bind("attributes", text(wanted.attributes()))
        .bind("desired", text(wanted.desired()))
        .bind("now", Timestamp.from(clock.instant()))
        .execute();
    Consumer<Handle> tellDesired =
        telling.desire(transaction, caller, id, old, wanted, before.revision() + 1);
    data.put("revision", before.revision() + 1);
    wanted.model().ifPresent(model -> data.put("model", model));
    data.set("changed", changed);
    facts.tell(transaction, EventType.TWIN_CHANGED, pilot, id.value(), data);
    tellDesired.accept(transaction);
    Twin after = read(transaction, pilot, id).orElseThrow();
    audit(
        transaction,
        caller,
        pilot,
        id,
        "twin.update",
        Map.of("revision", Long.toString(after.revision())));
    return after;
  }

  private void refuseWrongLevel(
      Handle transaction, PilotId pilot, TwinId id, Definition old, Definition wanted) {
    Optional<Level> level = GraphRules.level(wanted.attributes());
    if (level.isPresent() && !level.equals(GraphRules.level(old.attributes()))) {
      graphRules.refuseLevel(transaction, pilot, id, level.get());
    }
  }

  /**
   * Takes the twin and its relationships away; what it reported until now does not bring it back.
   */
  public void retire(Caller caller, PilotId pilot, TwinId id) {
    database.runInPilot(
        pilot,
        transaction -> {
          Retirement.begin(transaction, pilot);
          lock(transaction, pilot, id);
          int unrelated = relationships.removeAllOf(transaction, caller, pilot, id);
          int removed =
              transaction.execute(
                  "DELETE FROM twins.twin WHERE pilot_id = ? AND twin_id = ?",
                  pilot.value(),
                  id.value());
          if (removed == 0) {
            throw notFound();
          }
          Instant now = clock.instant();
          transaction.execute(
              "DELETE FROM twins.state WHERE pilot_id = ? AND twin_id = ?",
              pilot.value(),
              id.value());
          // What a rebuild has folded of it so far is of before, too.
          transaction.execute(
              "DELETE FROM twins.rebuilt_state WHERE pilot_id = ? AND twin_id = ?",
              pilot.value(),
              id.value());
          transaction.execute(
              "INSERT INTO twins.retired (pilot_id, twin_id, retired_at) VALUES (?, ?, ?)"
                  + " ON CONFLICT (pilot_id, twin_id) DO UPDATE SET retired_at = excluded.retired_at",
              pilot.value(),
              id.value(),
              Timestamp.from(now));
          facts.tell(
              transaction,
              EventType.TWIN_RETIRED,
              pilot,
              id.value(),
              TwinFacts.data(pilot, id.value(), caller.actor()));
          audit(
              transaction,
              caller,
              pilot,
              id,
              "twin.retire",
              Map.of("relationships", Integer.toString(unrelated)));
        });
  }

  /** Waits for whoever relates the twin just now; nobody relates it after that. */
  private static void lock(Handle transaction, PilotId pilot, TwinId id) {
    transaction
        .createQuery(
            "SELECT 1 FROM twins.twin WHERE pilot_id = :pilot AND twin_id = :twin FOR UPDATE")
        .bind("pilot", pilot.value())
        .bind("twin", id.value())
        .mapTo(Integer.class)
        .findOne();
  }

  private void refuseUnknownModel(PilotId pilot, Definition definition) {
    definition
        .model()
        .filter(model -> !rules.exists(pilot, model))
        .ifPresent(model -> {
          throw Problem.at(
              ProblemCode.INVALID_VALUE, "/model", "The pilot has no model of this id.");
        });
  }

  private void audit(
      Handle transaction,
      Caller caller,
      PilotId pilot,
      TwinId id,
      String action,
      Map<String, String> detail) {
    trail.record(
        transaction,
        AuditEvent.allowed(caller, pilot, action, "twin:" + pilot + "/" + id).with(detail));
  }

  private Optional<Twin> read(Handle transaction, PilotId pilot, TwinId twin) {
    return transaction
        .createQuery(rows.select("twins.twin") + " WHERE t.pilot_id = :pilot AND t.twin_id = :twin")
        .bind("pilot", pilot.value())
        .bind("twin", twin.value())
        .map((row, context) -> rows.twin(pilot, row))
        .findOne();
  }

  /** What people say of it; nothing that it reported. */
  static Optional<Twin> readWithoutState(Handle transaction, PilotId pilot, TwinId twin) {
    return transaction
        .createQuery(
            TwinRows.selectWithoutState("twins.twin")
                + " WHERE t.pilot_id = :pilot AND t.twin_id = :twin")
        .bind("pilot", pilot.value())
        .bind("twin", twin.value())
        .map((row, context) -> TwinRows.stored(row))
        .findOne();
  }

  static String text(JsonNode node) {
    try {
      return Json.mapper().writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  public static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such twin.");
  }
}
