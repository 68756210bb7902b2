package org.pilothouse.twins.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Pattern;
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
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.twins.Command;
import org.pilothouse.twins.Twin;

/** What twins are told, and what came of it. */
public final class Commands
    implements CommandCourier.Store, CommandResults.Store, CommandPolls.Store {
  /** Open commands of one twin. */
  static final int MOST_OPEN = 100;

  /** Handed to a device in one answer. */
  static final int MOST_HANDED = 50;

  /** How long an ended command can be looked up. */
  static final Duration KEPT = Duration.ofDays(92);

  /** How long a device may be away and still learn what is desired. */
  static final Duration DESIRED_FOR = Duration.ofDays(7);

  /** A device that fetched a command and does not answer gets it again after this. */
  static final Duration HANDED_AGAIN = Duration.ofSeconds(5);

  private static final int AT_ONCE = 100;
  private static final int PRUNED_AT_ONCE = 20_000;
  private static final String RESERVED = "$";
  private final Database database;
  private final TwinFacts facts;
  private final AuditTrail trail;
  private final TwinDevices devices;
  private final ModelRules rules;
  private final EventIds ids;
  private final Clock clock;
  private final List<SentListener> listeners = new CopyOnWriteArrayList<>();

  Commands(
      Database database,
      TwinFacts facts,
      AuditTrail trail,
      TwinDevices devices,
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
  public record Addressed(PilotId pilot, Command command) {}

  /** A device, whose id is one among its pilot's only. */
  public record Recipient(PilotId pilot, DeviceId device) {}

  /** What a result says it is the result of. */
  public record Key(PilotId pilot, DeviceId device, String id) {
    private static final Pattern FORM =
        Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    /** Empty for an id that no command can have. */
    public static Optional<Key> of(Recipient recipient, String id) {
      return FORM.matcher(id).matches()
          ? Optional.of(new Key(recipient.pilot(), recipient.device(), id))
          : Optional.empty();
    }
  }

  /** Hears of each new command after its commit; must return at once. */
  interface SentListener {
    void sent(Recipient recipient);
  }

  /** What became of a device's answer. */
  public enum Answer {
    TAKEN,
    /** The device said the same before. */
    REPEATED,
    /** It ended otherwise before, or its time is up. */
    ENDED_BEFORE,
    /** No such command was sent to this device. */
    UNKNOWN
  }

  void onSent(SentListener listener) {
    listeners.add(listener);
  }

  /** To be called after the commit of a new command. */
  void announce(PilotId pilot, DeviceId device) {
    Recipient recipient = new Recipient(pilot, device);
    listeners.forEach(listener -> listener.sent(recipient));
  }

  /**
   * @throws Problem {@code not_found} without such a twin; {@code conflict} where no device reports
   *     for it; {@code limit_reached} where too many are open; what the model says against the
   *     input
   */
  public Command send(
      Caller caller,
      PilotId pilot,
      TwinId twin,
      String name,
      @Nullable JsonNode input,
      Duration timeout) {
    if (name.startsWith(RESERVED)) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE, "/name", "Names that begin with $ are the platform's own.");
    }
    // Looked up before the transaction: a directory may need a connection of its own.
    Twin known =
        database
            .inPilot(pilot, transaction -> Twins.readWithoutState(transaction, pilot, twin))
            .orElseThrow(Twins::notFound);
    known.model().ifPresent(model -> rules.checkCommand(pilot, model, name, input));
    DeviceId device =
        devices
            .of(pilot, twin)
            .orElseThrow(() ->
                Problem.of(
                    ProblemCode.CONFLICT,
                    "No device reports for this twin: nobody would get the command."));
    Command command =
        database.inPilot(
            pilot,
            transaction -> {
              Twins.hold(transaction, pilot, twin);
              var there =
                  Twins.readWithoutState(transaction, pilot, twin).orElseThrow(Twins::notFound);
              Instant now = clock.instant();
              refuseWhereTooManyAreOpen(transaction, pilot, twin, now);
              Command sent =
                  insert(
                      transaction,
                      caller,
                      pilot,
                      twin,
                      device,
                      name,
                      input,
                      now,
                      now.plus(timeout));
              tellSent(transaction, caller, pilot, sent);
              trail.record(
                  transaction,
                  AuditEvent.allowed(caller, pilot, "command.send", "twin:" + pilot + "/" + twin)
                      .with(Map.of("command", sent.id(), "name", name, "device", device.value())));
              return sent;
            });
    announce(pilot, device);
    return command;
  }

  /** The twin's row is held: two that send at once count one after the other. */
  private static void refuseWhereTooManyAreOpen(
      Handle transaction, PilotId pilot, TwinId twin, Instant now) {
    int open =
        transaction
            .createQuery(
                "SELECT count(*) FROM (SELECT 1 FROM twins.command WHERE pilot_id = :pilot AND twin_id = :twin"
                    + " AND state IN ('pending', 'delivered') AND expires_at > :now AND name <> :desired LIMIT :most) AS open")
            .bind("pilot", pilot.value())
            .bind("twin", twin.value())
            .bind("now", Timestamp.from(now))
            .bind("desired", Command.DESIRED)
            .bind("most", MOST_OPEN)
            .mapTo(Integer.class)
            .one();
    if (open >= MOST_OPEN) {
      throw Problem.of(
          ProblemCode.LIMIT_REACHED,
          MOST_OPEN + " commands of this twin wait for a result already.");
    }
  }

  /**
   * A change of desired properties, for the device. It takes the place of the one before that the
   * device has not confirmed, and tells of what that told of too. To be called in the transaction
   * of the change, with the twin's row held and before anything is told of the twin.
   *
   * @return how to tell of it, in the same transaction
   */
  Consumer<Handle> desire(
      Handle transaction,
      Caller caller,
      PilotId pilot,
      TwinId twin,
      DeviceId device,
      DesiredChange change) {
    Instant now = clock.instant();
    Optional<Command> last = CommandRows.lastDesired(transaction, pilot, twin);
    Optional<Command> superseded = last.filter(before -> before.state().isOpen());
    superseded.ifPresent(before ->
        transaction.execute(
            "UPDATE twins.command SET state = 'superseded', ended_at = ? WHERE pilot_id = ? AND command_id = ?",
            Timestamp.from(now),
            pilot.value(),
            before.id()));
    DesiredChange told =
        last.filter(Commands::isUnconfirmed)
            .flatMap(Command::input)
            .map(input -> change.after(DesiredChange.of(input)))
            .orElse(change);
    Command sent =
        insert(
            transaction,
            caller,
            pilot,
            twin,
            device,
            Command.DESIRED,
            told.input(),
            now,
            now.plus(DESIRED_FOR));
    return telling -> {
      superseded.ifPresent(
          before -> tellEnd(telling, pilot, before, Command.State.SUPERSEDED, caller.actor()));
      tellSent(telling, caller, pilot, sent);
    };
  }

  /** One that failed is not told again: the device has it, and said no. */
  private static boolean isUnconfirmed(Command command) {
    return switch (command.state()) {
      case PENDING, DELIVERED, TIMED_OUT, SUPERSEDED -> true;
      case SUCCEEDED, FAILED -> false;
    };
  }

  private Command insert(
      Handle transaction,
      Caller caller,
      PilotId pilot,
      TwinId twin,
      DeviceId device,
      String name,
      @Nullable JsonNode input,
      Instant now,
      Instant expires) {
    Command sent =
        new Command(
            ids.next().toString(),
            twin,
            device,
            name,
            Optional.ofNullable(input),
            Command.State.PENDING,
            Optional.empty(),
            Optional.empty(),
            caller.actor(),
            now,
            Optional.empty(),
            Optional.empty(),
            expires);
    return CommandRows.insert(transaction, pilot, sent);
  }

  private void tellSent(Handle transaction, Caller caller, PilotId pilot, Command sent) {
    ObjectNode data = TwinFacts.data(pilot, sent.twin().value(), caller.actor());
    data.put("command_id", sent.id());
    data.put("name", sent.name());
    data.put("device", sent.device().value());
    data.put("expires_at", sent.expiresAt().toString());
    facts.tell(transaction, EventType.COMMAND_SENT, pilot, sent.twin().value(), data);
  }

  public Optional<Command> find(PilotId pilot, TwinId twin, String id) {
    return database.inPilot(pilot, transaction -> CommandRows.read(transaction, pilot, twin, id));
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
                          + CommandRows.COLUMNS
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
          return query.map((row, context) -> CommandRows.command(row)).list();
        });
  }

  /**
   * Those to be handed to the broker now; each is another node's for a while, or this one's. One
   * that nobody listens for is tried again every 2 s at first, and every minute when it is old.
   */
  @Override
  public List<Addressed> due(int most) {
    Instant now = clock.instant();
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "UPDATE twins.command SET next_attempt_at = :now::timestamptz"
                    + " + least(interval '60 s', greatest(interval '2 s', (:now::timestamptz - created_at) / 8))"
                    + " WHERE (pilot_id, command_id) IN"
                    + " (SELECT pilot_id, command_id FROM twins.command WHERE state = 'pending' AND next_attempt_at <= :now"
                    + " AND expires_at > :now ORDER BY next_attempt_at, created_at LIMIT :limit FOR UPDATE SKIP LOCKED)"
                    + " RETURNING "
                    + CommandRows.COLUMNS)
            .bind("now", Timestamp.from(now))
            .bind("limit", most)
            .map((row, context) ->
                new Addressed(new PilotId(row.getString("pilot_id")), CommandRows.command(row)))
            .list());
  }

  /** The broker has handed it to the device's session. */
  @Override
  public void delivered(PilotId pilot, String id) {
    database.runInPilot(
        pilot,
        transaction ->
            transaction.execute(
                "UPDATE twins.command SET state = 'delivered', delivered_at = ? WHERE pilot_id = ? AND command_id = ? AND state = 'pending'",
                Timestamp.from(clock.instant()),
                pilot.value(),
                id));
  }

  /** Of these devices, those who should fetch something now. */
  @Override
  public Set<Recipient> expected(Collection<Recipient> recipients) {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "SELECT pilot_id, device FROM unnest(:pilots, :devices) AS asking (pilot_id, device)"
                    + " WHERE EXISTS (SELECT 1 FROM twins.command c WHERE c.pilot_id = asking.pilot_id AND c.device = asking.device"
                    + " AND c.state IN ('pending', 'delivered') AND c.expires_at > :now"
                    + " AND (c.state = 'pending' OR c.next_attempt_at <= :now))")
            .bindArray(
                "pilots",
                String.class,
                recipients.stream().map(each -> each.pilot().value()).toList())
            .bindArray(
                "devices",
                String.class,
                recipients.stream().map(each -> each.device().value()).toList())
            .bind("now", Timestamp.from(clock.instant()))
            .map((row, context) ->
                new Recipient(
                    new PilotId(row.getString("pilot_id")), new DeviceId(row.getString("device"))))
            .set());
  }

  /**
   * The open commands of a device that fetches them, the oldest first; those it has not had before
   * come before the others when there are more than fit.
   */
  @Override
  public List<Command> hand(Recipient recipient) {
    Instant now = clock.instant();
    List<Command> handed =
        database.inPilot(
            recipient.pilot(),
            transaction ->
                transaction
                    .createQuery(
                        "UPDATE twins.command SET state = 'delivered', delivered_at = coalesce(delivered_at, :now), next_attempt_at = :again"
                            + " WHERE (pilot_id, command_id) IN (SELECT pilot_id, command_id FROM twins.command"
                            + " WHERE pilot_id = :pilot AND device = :device AND state IN ('pending', 'delivered') AND expires_at > :now"
                            + " ORDER BY state DESC, created_at, command_id LIMIT :limit FOR UPDATE) RETURNING "
                            + CommandRows.COLUMNS)
                    .bind("pilot", recipient.pilot().value())
                    .bind("device", recipient.device().value())
                    .bind("now", Timestamp.from(now))
                    .bind("again", Timestamp.from(now.plus(HANDED_AGAIN)))
                    .bind("limit", MOST_HANDED)
                    .map((row, context) -> CommandRows.command(row))
                    .list());
    return handed.stream()
        .sorted(Comparator.comparing(Command::createdAt).thenComparing(Command::id))
        .toList();
  }

  /** Of what results name, what is open; one question for all of them. */
  @Override
  public Set<Key> open(List<Key> keys) {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "SELECT c.pilot_id, c.device, c.command_id FROM unnest(:pilots, :devices, :ids) AS named (pilot_id, device, command_id)"
                    + " JOIN twins.command c USING (pilot_id, device, command_id) WHERE c.state IN ('pending', 'delivered')")
            .bindArray(
                "pilots", String.class, keys.stream().map(key -> key.pilot().value()).toList())
            .bindArray(
                "devices", String.class, keys.stream().map(key -> key.device().value()).toList())
            .bindArray("ids", String.class, keys.stream().map(Key::id).toList())
            .map((row, context) ->
                new Key(
                    new PilotId(row.getString("pilot_id")),
                    new DeviceId(row.getString("device")),
                    row.getString("command_id")))
            .set());
  }

  /** The first answer of the device that it was sent to counts, where it comes in time. */
  @Override
  public Answer answered(Key key, CommandResult result) {
    PilotId pilot = key.pilot();
    return database.inPilot(
        pilot,
        transaction -> {
          Optional<Command> held =
              transaction
                  .createQuery(
                      "SELECT "
                          + CommandRows.COLUMNS
                          + " FROM twins.command WHERE pilot_id = :pilot AND command_id = :id AND device = :device FOR UPDATE")
                  .bind("pilot", pilot.value())
                  .bind("id", key.id())
                  .bind("device", key.device().value())
                  .map((row, context) -> CommandRows.command(row))
                  .findOne();
          if (held.isEmpty()) {
            return Answer.UNKNOWN;
          }
          Command command = held.get();
          Command.State state = result.succeeded() ? Command.State.SUCCEEDED : Command.State.FAILED;
          if (command.state() == state) {
            return Answer.REPEATED;
          }
          if (!command.state().isOpen() || !clock.instant().isBefore(command.expiresAt())) {
            return Answer.ENDED_BEFORE;
          }
          transaction
              .createUpdate(
                  "UPDATE twins.command SET state = :state, output = :output::jsonb, error = :error, ended_at = :now,"
                      + " delivered_at = coalesce(delivered_at, :now) WHERE pilot_id = :pilot AND command_id = :id")
              .bind("state", state.word())
              .bind("output", result.output() == null ? null : Twins.text(result.output()))
              .bind("error", result.error())
              .bind("now", Timestamp.from(clock.instant()))
              .bind("pilot", pilot.value())
              .bind("id", key.id())
              .execute();
          tellEnd(transaction, pilot, command, state, "device:" + pilot + "/" + key.device());
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
                      + CommandRows.COLUMNS)
              .bind("now", Timestamp.from(now))
              .bind("limit", AT_ONCE)
              .map((row, context) ->
                  new Addressed(new PilotId(row.getString("pilot_id")), CommandRows.command(row)))
              .list();
      late.stream()
          .sorted(Comparator.comparing(each -> each.pilot() + "/" + each.command().twin()))
          .forEach(each ->
              tellEnd(
                  transaction, each.pilot(), each.command(), Command.State.TIMED_OUT, "platform"));
      return late.size();
    });
  }

  /** Removes what ended long ago; a bounded number of rows a call. */
  int prune(PilotId pilot) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction.execute(
                "DELETE FROM twins.command WHERE ctid = ANY(ARRAY(SELECT ctid FROM twins.command WHERE pilot_id = ? AND ended_at < ? LIMIT ?))",
                pilot.value(),
                Timestamp.from(clock.instant().minus(KEPT)),
                PRUNED_AT_ONCE));
  }

  private void tellEnd(
      Handle transaction, PilotId pilot, Command command, Command.State state, String actor) {
    ObjectNode data = TwinFacts.data(pilot, command.twin().value(), actor);
    data.put("command_id", command.id());
    data.put("name", command.name());
    data.put("state", state.word());
    facts.tell(transaction, EventType.COMMAND_ENDED, pilot, command.twin().value(), data);
  }
}
