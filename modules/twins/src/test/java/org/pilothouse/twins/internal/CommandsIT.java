package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.models.PropertyModel;
import org.pilothouse.models.ThingModel;
import org.pilothouse.pilots.Device;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;
import org.pilothouse.testkit.TestDatabase;
import org.pilothouse.twins.Command;
import org.pilothouse.twins.Command.State;
import org.pilothouse.twins.internal.Commands.Answer;
import org.pilothouse.twins.internal.Commands.Key;
import org.pilothouse.twins.internal.Commands.Recipient;

/** The bounds of commands, the handing over HTTP and desired changes, on a real PostgreSQL. */
class CommandsIT {
  private static final PilotId AURORA = new PilotId("aurora");
  private static final PilotId BOREAS = new PilotId("boreas");
  private static final TwinId PRESS = new TwinId("press-1");
  private static final Recipient DEVICE = new Recipient(AURORA, new DeviceId("press-1"));
  private static final Caller.Person ADA =
      new Caller.Person("ada", Set.of("pilot-operator"), AURORA, "c", false);
  private static final CommandResult DONE = new CommandResult(true, null, null);
  private static final CommandResult JAMMED = new CommandResult(false, null, "jammed");

  private final TestDatabase store = TestDatabase.create(List.of("twins"));
  private final Hands clock = new Hands();
  private Map<String, Device> known;
  private final List<Recipient> announced = new ArrayList<>();
  private Commands commands;
  private Twins twins;

  @BeforeEach
  void open() {
    TwinRoom room =
        new TwinRoom(
            store.database(), new TwinRoom.NoTrail(), CommandsIT::models, new GraphRules(), clock);
    known = room.known;
    twins = room.twins;
    commands = room.commands;
    commands.onSent(announced::add);
    known.put("press-1", device("press-1"));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void putPress(@Nullable String model, String desired) {
    var unused =
        twins.put(
            ADA,
            AURORA,
            PRESS,
            null,
            false,
            new Twins.Definition(Optional.ofNullable(model), object("{}"), object(desired)));
  }

  private void desire(String desired) {
    var unused =
        twins.update(
            ADA,
            AURORA,
            PRESS,
            null,
            before -> new Twins.Definition(before.model(), before.attributes(), object(desired)));
  }

  private Command send(TwinId twin) {
    clock.forward(Duration.ofMillis(1));
    return commands.send(ADA, AURORA, twin, "stop", null, Duration.ofMinutes(1));
  }

  private Command now(Command command) {
    return commands.find(AURORA, command.twin(), command.id()).orElseThrow();
  }

  private static Key key(Command command) {
    return Key.of(DEVICE, command.id()).orElseThrow();
  }

  /** All commands of the twin, the newest first. */
  private List<Command> all() {
    return commands.page(AURORA, PRESS, Span.EVER, Optional.empty(), 500);
  }

  @Test
  void shouldKeepNoMoreThanAHundredOpenOfOneTwin() {
    putPress(null, "{\"speed\":1}");
    twins.put(
        ADA,
        AURORA,
        new TwinId("press-2"),
        null,
        false,
        new Twins.Definition(Optional.empty(), object("{}"), object("{}")));
    known.put("press-2", device("press-2"));
    List<Command> sent = new ArrayList<>();
    for (int i = 0; i < Commands.MOST_OPEN; i++) {
      sent.add(send(PRESS));
    }
    assertProblem(ProblemCode.LIMIT_REACHED, () -> send(PRESS));
    assertThat(send(new TwinId("press-2")).state()).isEqualTo(State.PENDING);

    assertThat(commands.answered(key(sent.getFirst()), DONE)).isEqualTo(Answer.TAKEN);
    assertThat(send(PRESS).state()).isEqualTo(State.PENDING);
    assertProblem(ProblemCode.LIMIT_REACHED, () -> send(PRESS));
    clock.forward(Duration.ofMinutes(2));
    assertThat(send(PRESS).state()).as("those out of time do not count").isEqualTo(State.PENDING);
  }

  @Test
  void shouldTryOneThatNobodyHearsEverMoreSeldom() {
    putPress(null, "{}");
    var unused = commands.send(ADA, AURORA, PRESS, "stop", null, Duration.ofDays(1));
    assertThat(commands.due(10)).hasSize(1);
    clock.forward(Duration.ofMillis(1_900));
    assertThat(commands.due(10)).isEmpty();
    clock.forward(Duration.ofMillis(200));
    assertThat(commands.due(10)).hasSize(1);
    clock.forward(Duration.ofHours(1));
    assertThat(commands.due(10)).hasSize(1);
    clock.forward(Duration.ofSeconds(59));
    assertThat(commands.due(10)).isEmpty();
    clock.forward(Duration.ofSeconds(2));
    assertThat(commands.due(10)).hasSize(1);
  }

  @Test
  void shouldRemoveWhatEndedLongAgo() {
    putPress(null, "{}");
    Command ended = send(PRESS);
    Command open = commands.send(ADA, AURORA, PRESS, "stop", null, Duration.ofDays(1));
    commands.answered(key(ended), DONE);
    clock.forward(Commands.KEPT.minusSeconds(1));
    assertThat(commands.prune(AURORA)).isZero();
    clock.forward(Duration.ofSeconds(2));
    assertThat(commands.prune(BOREAS)).isZero();
    assertThat(commands.prune(AURORA)).isEqualTo(1);
    assertThat(commands.find(AURORA, PRESS, ended.id())).isEmpty();
    assertThat(now(open).state()).isEqualTo(State.PENDING);
  }

  @Test
  void shouldFindTheCommandsThatWereOpenInASpan() {
    putPress(null, "{}");
    Instant begin = clock.instant();
    Command ended = send(PRESS);
    clock.forward(Duration.ofSeconds(10));
    commands.answered(key(ended), DONE);
    clock.forward(Duration.ofSeconds(10));
    Command open = send(PRESS);
    assertThat(openIn(begin, begin.plusSeconds(1))).containsExactly(ended.id());
    assertThat(openIn(begin.plusSeconds(5), begin.plusSeconds(6))).containsExactly(ended.id());
    assertThat(openIn(begin.plusSeconds(15), begin.plusSeconds(16))).isEmpty();
    assertThat(openIn(begin.plusSeconds(15), begin.plusSeconds(60))).containsExactly(open.id());
    assertThat(openIn(begin, begin.plusSeconds(60))).containsExactly(open.id(), ended.id());
  }

  private List<String> openIn(Instant from, Instant to) {
    return commands
        .page(AURORA, PRESS, new Span(Optional.of(from), Optional.of(to)), Optional.empty(), 500)
        .stream()
        .map(Command::id)
        .toList();
  }

  @Test
  void shouldHandADeviceItsOwnOpenCommandsAndNobodyElsesTo() {
    putPress(null, "{}");
    Command first = send(PRESS);
    Command second = send(PRESS);
    Recipient stranger = new Recipient(BOREAS, DEVICE.device());
    Recipient neighbour = new Recipient(AURORA, new DeviceId("press-2"));
    assertThat(announced).containsExactly(DEVICE, DEVICE);

    assertThat(commands.expected(List.of(stranger, neighbour, DEVICE))).containsExactly(DEVICE);
    assertThat(commands.hand(stranger)).isEmpty();
    assertThat(commands.hand(neighbour)).isEmpty();
    assertThat(commands.hand(DEVICE))
        .extracting(Command::id)
        .containsExactly(first.id(), second.id());
    assertThat(now(first).state()).isEqualTo(State.DELIVERED);
    assertThat(now(first).deliveredAt()).isPresent();
    assertThat(commands.due(10)).as("the broker gets what nobody has").isEmpty();

    assertThat(commands.expected(List.of(DEVICE))).as("it has them").isEmpty();
    clock.forward(Commands.HANDED_AGAIN);
    assertThat(commands.expected(List.of(DEVICE))).as("it lost them").containsExactly(DEVICE);
    commands.answered(key(first), DONE);
    assertThat(commands.hand(DEVICE)).extracting(Command::id).containsExactly(second.id());
    clock.forward(Duration.ofMinutes(1));
    assertThat(commands.expected(List.of(DEVICE))).isEmpty();
    assertThat(commands.hand(DEVICE)).isEmpty();
  }

  @Test
  void shouldHandTheNewOnesWhereNotAllFit() {
    putPress(null, "{}");
    for (int i = 0; i < Commands.MOST_HANDED; i++) {
      send(PRESS);
    }
    assertThat(commands.hand(DEVICE)).hasSize(Commands.MOST_HANDED);
    Command late = send(PRESS);
    assertThat(commands.hand(DEVICE))
        .hasSize(Commands.MOST_HANDED)
        .extracting(Command::id)
        .contains(late.id());
  }

  @Test
  void shouldTakeAResultOnceAndOnlyInTimeAndFromItsDevice() {
    putPress(null, "{}");
    Command command = send(PRESS);
    Key foreign = new Key(AURORA, new DeviceId("press-2"), command.id());
    Key elsewhere = new Key(BOREAS, DEVICE.device(), command.id());
    assertThat(Key.of(DEVICE, "../" + command.id())).isEmpty();
    assertThat(commands.open(List.of(key(command), foreign, elsewhere)))
        .containsExactly(key(command));
    assertThat(commands.answered(foreign, DONE)).isEqualTo(Answer.UNKNOWN);
    assertThat(commands.answered(elsewhere, DONE)).isEqualTo(Answer.UNKNOWN);
    assertThat(commands.answered(key(command), JAMMED)).isEqualTo(Answer.TAKEN);
    assertThat(commands.answered(key(command), JAMMED)).isEqualTo(Answer.REPEATED);
    assertThat(commands.answered(key(command), DONE)).isEqualTo(Answer.ENDED_BEFORE);
    assertThat(commands.open(List.of(key(command)))).isEmpty();
    assertThat(now(command).error()).contains("jammed");

    Command late = send(PRESS);
    clock.forward(Duration.ofMinutes(2));
    assertThat(commands.answered(key(late), DONE)).isEqualTo(Answer.ENDED_BEFORE);
    assertThat(commands.expire()).isEqualTo(1);
    assertThat(commands.answered(key(late), DONE)).isEqualTo(Answer.ENDED_BEFORE);
  }

  @Test
  void shouldLeaveNamesWithADollarToThePlatform() {
    putPress(null, "{}");
    assertProblem(
        ProblemCode.INVALID_VALUE,
        () -> commands.send(ADA, AURORA, PRESS, Command.DESIRED, null, Duration.ofMinutes(1)));
  }

  @Test
  void shouldTellTheDeviceWhatIsDesired() {
    putPress(null, "{\"speed\":1}");
    assertThat(all()).hasSize(1);
    Command first = all().getFirst();
    assertThat(first.name()).isEqualTo("$desired");
    assertThat(first.input()).contains(object("{\"desired\":{\"speed\":1},\"revision\":1}"));
    assertThat(first.expiresAt()).isEqualTo(first.createdAt().plus(Commands.DESIRED_FOR));
    assertThat(announced).containsExactly(DEVICE);
    commands.answered(key(first), DONE);

    clock.forward(Duration.ofSeconds(1));
    desire("{\"speed\":1,\"mode\":\"eco\"}");
    assertThat(all().getFirst().input())
        .contains(object("{\"desired\":{\"mode\":\"eco\"},\"revision\":2}"));
    twins.update(
        ADA,
        AURORA,
        PRESS,
        null,
        before ->
            new Twins.Definition(before.model(), object("{\"name\":\"P\"}"), before.desired()));
    assertThat(all()).as("attributes are nobody's command").hasSize(2);
  }

  @Test
  void shouldPutTheNewerDesiredChangeInThePlaceOfAnUnconfirmedOne() {
    putPress(null, "{\"speed\":1}");
    Command first = all().getFirst();
    commands.delivered(AURORA, first.id());
    clock.forward(Duration.ofSeconds(1));
    desire("{\"mode\":\"eco\"}");

    Command second = all().getFirst();
    assertThat(now(first).state()).isEqualTo(State.SUPERSEDED);
    assertThat(second.input())
        .contains(object("{\"desired\":{\"speed\":null,\"mode\":\"eco\"},\"revision\":2}"));
    assertThat(commands.hand(DEVICE)).extracting(Command::id).containsExactly(second.id());
    assertThat(commands.answered(key(first), DONE)).isEqualTo(Answer.ENDED_BEFORE);

    clock.forward(Commands.DESIRED_FOR);
    assertThat(commands.expire()).isEqualTo(1);
    desire("{\"mode\":\"fast\"}");
    Command third = all().getFirst();
    assertThat(third.input())
        .as("the device never said that it had the others")
        .contains(object("{\"desired\":{\"speed\":null,\"mode\":\"fast\"},\"revision\":3}"));
    commands.answered(key(third), JAMMED);
    clock.forward(Duration.ofSeconds(1));
    desire("{\"mode\":\"fast\",\"speed\":2}");
    assertThat(all().getFirst().input())
        .as("what it refused is not told again")
        .contains(object("{\"desired\":{\"speed\":2},\"revision\":4}"));
    assertThat(outbox())
        .containsExactly(
            "twin.created",
            "command.sent",
            "twin.changed",
            "command.ended",
            "command.sent",
            "command.ended",
            "twin.changed",
            "command.sent",
            "command.ended",
            "twin.changed",
            "command.sent");
  }

  @Test
  void shouldTellNobodyWhereNoDeviceSpeaksForTheTwin() {
    known.clear();
    putPress(null, "{\"speed\":1}");
    assertThat(all()).isEmpty();
    assertThat(announced).isEmpty();
  }

  @Test
  void shouldHoldWhatIsDesiredAgainstTheModel() {
    putPress("press", "{\"speed\":10,\"unheard/of\":{}}");
    assertProblemAt("/desired/speed", () -> desire("{\"speed\":11}"));
    assertProblemAt("/desired/speed", () -> desire("{\"speed\":\"fast\"}"));
    assertProblemAt("/desired/rpm", () -> desire("{\"rpm\":1}"));
    assertProblemAt(
        "/desired/speed",
        () -> {
          known.put("press-3", device("press-3"));
          twins.put(
              ADA,
              AURORA,
              new TwinId("press-3"),
              null,
              false,
              new Twins.Definition(Optional.of("press"), object("{}"), object("{\"speed\":99}")));
        });
    assertThat(all()).as("what was refused left nothing").hasSize(1);
    assertThat(twins.find(AURORA, new TwinId("press-3"))).isEmpty();

    clock.forward(Duration.ofSeconds(1));
    putPress(null, "{\"speed\":99}");
    assertProblemAt("/desired/speed", () -> putPress("press", "{\"speed\":99}"));
  }

  private List<String> outbox() {
    return store
        .database()
        .asPlatform(transaction ->
            transaction
                .createQuery("SELECT headers ->> 'ce_type' FROM outbox.message ORDER BY sequence")
                .mapTo(String.class)
                .list());
  }

  private static void assertProblem(
      ProblemCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }

  private static void assertProblemAt(
      String path, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> {
              assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE);
              assertThat(problem.path()).isEqualTo(path);
            });
  }

  private static ObjectNode object(String json) {
    try {
      return (ObjectNode) Json.mapper().readTree(json);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Device device(String id) {
    return new Device(
        new DeviceId(id),
        AURORA,
        new HashSet<>(),
        Instant.EPOCH,
        Optional.empty(),
        Optional.empty());
  }

  /** A press has a speed up to 10, and an rpm that can only be read. */
  private static Optional<ThingModel> models(PilotId pilot, String model) {
    JsonNode document = object("{}");
    return model.equals("press")
        ? Optional.of(
            new ThingModel(
                "press",
                1,
                "Press",
                null,
                null,
                Map.of("speed", number("speed", 10.0, false), "rpm", number("rpm", null, true)),
                Map.of(),
                Set.of(),
                document,
                document))
        : Optional.empty();
  }

  private static PropertyModel number(String name, @Nullable Double maximum, boolean readOnly) {
    return new PropertyModel(
        name,
        PropertyModel.Type.NUMBER,
        null,
        null,
        null,
        null,
        maximum,
        null,
        null,
        null,
        null,
        List.of(),
        readOnly,
        value -> List.of());
  }

  /** Stands still until it is moved. */
  private static final class Hands extends Clock {
    private Instant now = Instant.parse("2026-01-21T10:00:00Z");

    void forward(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
