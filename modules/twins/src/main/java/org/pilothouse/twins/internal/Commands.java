package org.pilothouse.twins.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.EventType;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Device;
import org.pilothouse.pilots.DeviceDirectory;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;
import org.pilothouse.twins.Command;
import org.pilothouse.twins.Twin;

/** What twins are told, and what came of it. */
public final class Commands {
  /** A command that found nobody listening is tried again after this. */
  private static final Duration AGAIN = Duration.ofSeconds(2);

  private static final int AT_ONCE = 100;
  private static final String COLUMNS =
      "command_id, pilot_id, twin_id, device, name, input::text AS input, state, output::text AS output, error, sent_by, created_at,"
          + " delivered_at, ended_at, expires_at";

  private final Database database;
  private final TwinFacts facts;
  private final AuditTrail trail;
  private final DeviceDirectory devices;
  private final ModelRules rules;
  private final EventIds ids;
  private final Clock clock;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  Commands(
      Database database,
      TwinFacts facts,
      AuditTrail trail,
      DeviceDirectory devices,
      ModelRules rules,
      EventIds ids,
      Clock clock) {
    this.database = database;
    this.facts = facts;
    this.trail = trail;
    this.devices = devices;
    this.rules = rules;
    this.ids = ids;
    this.clock = clock;
  }

  /** Where a page goes on. */
  public record Before(Instant createdAt, String id) {}

  /** A command and whose it is. */
  record Addressed(PilotId pilot, Command command) {}

  /** What a device says came of a command. */
  record Result(boolean succeeded, @Nullable JsonNode output, @Nullable String error) {}

  /** What became of a device's answer. */
  enum Answer {
    TAKEN,
    /** It ended before: this is a repeat, or it came too late. */
    ENDED_BEFORE,
    /** No such command was sent to this device. */
    UNKNOWN
  }

  /** Called after every commit with a new command in it; must return at once. */
  void onSent(Runnable listener) {
    listeners.add(listener);
  }

  /**
   * @throws Problem {@code not_found} without such a twin; {@code conflict} where no device reports
   *     for it; what the model says against the input
   */
  public Command send(
      Caller caller,
      PilotId pilot,
      TwinId twin,
      String name,
      @Nullable JsonNode input,
      Duration timeout) {
    // Looked up before the transaction: a directory may need a connection of its own.
    Twin known =
        database
            .inPilot(pilot, transaction -> Twins.read(transaction, pilot, twin))
            .orElseThrow(Twins::notFound);
    known.model().ifPresent(model -> rules.checkCommand(pilot, model, name, input));
    DeviceId device = device(pilot, twin);
    Command command =
        database.inPilot(
            pilot,
            transaction -> {
              var there = Twins.read(transaction, pilot, twin).orElseThrow(Twins::notFound);
              Instant now = clock.instant();
              String id = ids.next().toString();
              transaction
                  .createUpdate(
                      "INSERT INTO twins.command (pilot_id, command_id, twin_id, device, name, input, state, sent_by, created_at, expires_at, next_attempt_at)"
                          + " VALUES (:pilot, :id, :twin, :device, :name, :input::jsonb, 'pending', :by, :now, :expires, :now)")
                  .bind("pilot", pilot.value())
                  .bind("id", id)
                  .bind("twin", twin.value())
                  .bind("device", device.value())
                  .bind("name", name)
                  .bind("input", input == null ? null : Twins.text(input))
                  .bind("by", caller.actor())
                  .bind("now", Timestamp.from(now))
                  .bind("expires", Timestamp.from(now.plus(timeout)))
                  .execute();
              Command sent = read(transaction, pilot, twin, id).orElseThrow();
              ObjectNode data = TwinFacts.data(pilot, twin.value(), caller.actor());
              data.put("command_id", id);
              data.put("name", name);
              data.put("device", device.value());
              data.put("expires_at", sent.expiresAt().toString());
              facts.tell(transaction, EventType.COMMAND_SENT, pilot, twin.value(), data);
              trail.record(
                  transaction,
                  AuditEvent.allowed(caller, pilot, "command.send", "twin:" + pilot + "/" + twin)
                      .with(Map.of("command", id, "name", name, "device", device.value())));
              return sent;
            });
    listeners.forEach(Runnable::run);
    return command;
  }

  /** Who reported for the twin last; else who is bound to it; else who bears its name. */
  private DeviceId device(PilotId pilot, TwinId twin) {
    Optional<DeviceId> last =
        database.inPilot(
            pilot,
            transaction ->
                transaction
                    .createQuery(
                        "SELECT device FROM twins.state WHERE pilot_id = :pilot AND twin_id = :twin AND device IS NOT NULL")
                    .bind("pilot", pilot.value())
                    .bind("twin", twin.value())
                    .mapTo(String.class)
                    .findOne()
                    .map(DeviceId::new));
    return last.flatMap(id -> devices.find(pilot, id))
        .filter(device -> mayAnswerFor(device, twin))
        .or(() -> devices.boundTo(pilot, twin))
        .or(() -> namesake(pilot, twin))
        .map(Device::id)
        .orElseThrow(() ->
            Problem.of(
                ProblemCode.CONFLICT,
                "No device reports for this twin: nobody would get the command."));
  }

  private Optional<Device> namesake(PilotId pilot, TwinId twin) {
    try {
      return devices
          .find(pilot, new DeviceId(twin.value()))
          .filter(device -> mayAnswerFor(device, twin));
    } catch (Problem notADeviceId) {
      return Optional.empty();
    }
  }

  private static boolean mayAnswerFor(Device device, TwinId twin) {
    return device.twins().isEmpty() || device.twins().contains(twin);
  }

  public Optional<Command> find(PilotId pilot, TwinId twin, String id) {
    return database.inPilot(pilot, transaction -> read(transaction, pilot, twin, id));
  }

  /** Newest first, before one. */
  public List<Command> page(PilotId pilot, TwinId twin, Optional<Before> before, int limit) {
    return database.inPilot(
        pilot,
        transaction -> {
          var query =
              transaction
                  .createQuery(
                      "SELECT "
                          + COLUMNS
                          + " FROM twins.command WHERE pilot_id = :pilot AND twin_id = :twin"
                          + (before.isPresent()
                              ? " AND (created_at, command_id) < (:time, :id)"
                              : "")
                          + " ORDER BY created_at DESC, command_id DESC LIMIT :limit")
                  .bind("pilot", pilot.value())
                  .bind("twin", twin.value())
                  .bind("limit", limit);
          before.ifPresent(
              last -> query.bind("time", Timestamp.from(last.createdAt())).bind("id", last.id()));
          return query.map((row, context) -> command(row)).list();
        });
  }

  /** Those to be handed to the broker now; each is another node's for a while, or this one's. */
  List<Addressed> due() {
    Instant now = clock.instant();
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "UPDATE twins.command SET next_attempt_at = :again WHERE (pilot_id, command_id) IN"
                    + " (SELECT pilot_id, command_id FROM twins.command WHERE state = 'pending' AND next_attempt_at <= :now"
                    + " AND expires_at > :now ORDER BY next_attempt_at, created_at LIMIT :limit FOR UPDATE SKIP LOCKED)"
                    + " RETURNING "
                    + COLUMNS)
            .bind("now", Timestamp.from(now))
            .bind("again", Timestamp.from(now.plus(AGAIN)))
            .bind("limit", AT_ONCE)
            .map((row, context) ->
                new Addressed(new PilotId(row.getString("pilot_id")), command(row)))
            .list());
  }

  /** The broker has handed it to the device's session. */
  void delivered(PilotId pilot, String id) {
    database.runInPilot(
        pilot,
        transaction ->
            transaction.execute(
                "UPDATE twins.command SET state = 'delivered', delivered_at = ? WHERE pilot_id = ? AND command_id = ? AND state = 'pending'",
                Timestamp.from(clock.instant()),
                pilot.value(),
                id));
  }

  /** The first answer of the device that it was sent to counts, where it comes in time. */
  Answer answered(PilotId pilot, String device, String id, Result result) {
    return database.inPilot(
        pilot,
        transaction -> {
          Optional<Command> held =
              transaction
                  .createQuery(
                      "SELECT "
                          + COLUMNS
                          + " FROM twins.command WHERE pilot_id = :pilot AND command_id = :id AND device = :device FOR UPDATE")
                  .bind("pilot", pilot.value())
                  .bind("id", id)
                  .bind("device", device)
                  .map((row, context) -> command(row))
                  .findOne();
          if (held.isEmpty()) {
            return Answer.UNKNOWN;
          }
          Command command = held.get();
          boolean open =
              command.state() == Command.State.PENDING
                  || command.state() == Command.State.DELIVERED;
          if (!open || !clock.instant().isBefore(command.expiresAt())) {
            return Answer.ENDED_BEFORE;
          }
          Command.State state = result.succeeded() ? Command.State.SUCCEEDED : Command.State.FAILED;
          transaction
              .createUpdate(
                  "UPDATE twins.command SET state = :state, output = :output::jsonb, error = :error, ended_at = :now,"
                      + " delivered_at = coalesce(delivered_at, :now) WHERE pilot_id = :pilot AND command_id = :id")
              .bind("state", state.word())
              .bind("output", result.output() == null ? null : Twins.text(result.output()))
              .bind("error", result.error())
              .bind("now", Timestamp.from(clock.instant()))
              .bind("pilot", pilot.value())
              .bind("id", id)
              .execute();
          tellEnd(transaction, pilot, command, state, "device:" + pilot + "/" + device);
          return Answer.TAKEN;
        });
  }

  /** Ends what nobody answered in time; how many. */
  int expire() {
    Instant now = clock.instant();
    return database.asPlatform(transaction -> {
      List<Addressed> late =
          transaction
              .createQuery(
                  "UPDATE twins.command SET state = 'timed_out', ended_at = :now WHERE (pilot_id, command_id) IN"
                      + " (SELECT pilot_id, command_id FROM twins.command WHERE state IN ('pending', 'delivered') AND expires_at <= :now"
                      + " ORDER BY pilot_id, twin_id LIMIT :limit FOR UPDATE SKIP LOCKED) RETURNING "
                      + COLUMNS)
              .bind("now", Timestamp.from(now))
              .bind("limit", AT_ONCE)
              .map((row, context) ->
                  new Addressed(new PilotId(row.getString("pilot_id")), command(row)))
              .list();
      late.stream()
          .sorted(
              java.util.Comparator.comparing(each -> each.pilot() + "/" + each.command().twin()))
          .forEach(each ->
              tellEnd(
                  transaction, each.pilot(), each.command(), Command.State.TIMED_OUT, "platform"));
      return late.size();
    });
  }

  private void tellEnd(
      Handle transaction, PilotId pilot, Command command, Command.State state, String actor) {
    ObjectNode data = TwinFacts.data(pilot, command.twin().value(), actor);
    data.put("command_id", command.id());
    data.put("name", command.name());
    data.put("state", state.word());
    facts.tell(transaction, EventType.COMMAND_ENDED, pilot, command.twin().value(), data);
  }

  private static Optional<Command> read(Handle transaction, PilotId pilot, TwinId twin, String id) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM twins.command WHERE pilot_id = :pilot AND twin_id = :twin AND command_id = :id")
        .bind("pilot", pilot.value())
        .bind("twin", twin.value())
        .bind("id", id)
        .map((row, context) -> command(row))
        .findOne();
  }

  private static Command command(ResultSet row) throws SQLException {
    return new Command(
        row.getString("command_id"),
        new TwinId(row.getString("twin_id")),
        new DeviceId(row.getString("device")),
        row.getString("name"),
        json(row.getString("input")),
        Command.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
        json(row.getString("output")),
        Optional.ofNullable(row.getString("error")),
        row.getString("sent_by"),
        row.getTimestamp("created_at").toInstant(),
        Optional.ofNullable(StateStore.instant(row.getTimestamp("delivered_at"))),
        Optional.ofNullable(StateStore.instant(row.getTimestamp("ended_at"))),
        row.getTimestamp("expires_at").toInstant());
  }

  private static Optional<JsonNode> json(@Nullable String text) {
    try {
      return text == null ? Optional.empty() : Optional.of(Json.mapper().readTree(text));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored value cannot be read", e);
    }
  }
}
