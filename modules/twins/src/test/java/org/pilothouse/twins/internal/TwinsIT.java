package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.models.ActionModel;
import org.pilothouse.models.PropertyModel;
import org.pilothouse.models.ThingModel;
import org.pilothouse.pilots.Device;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.PublishCallback;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.PoisonRecord;
import org.pilothouse.platform.kafka.consume.PositionLost;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;
import org.pilothouse.testkit.TestDatabase;
import org.pilothouse.twins.Command;
import org.pilothouse.twins.Twin;

/** The room on a real PostgreSQL; the backbone is what the test hands in. */
class TwinsIT {
  private static final PilotId AURORA = Telemetry.AURORA;
  private static final TwinId PRESS = new TwinId("press-1");
  private static final Caller.Person ADA =
      new Caller.Person("ada", Set.of("pilot-operator"), AURORA, "c", false);

  private final TestDatabase store = TestDatabase.create(List.of("twins"));
  private final Clock clock = Clock.systemUTC();
  private final Backbone backbone = new Backbone();
  private final List<String> rejected = new ArrayList<>();
  private Map<String, Device> known;
  private StateReader state;
  private HistoryReader historyReader;
  private HistoryStore history;
  private Twins twins;
  private Commands commands;
  private StateStore states;

  @BeforeEach
  void open() {
    TwinRoom room =
        new TwinRoom(
            store.database(), new TwinRoom.NoTrail(), TwinsIT::models, new GraphRules(), clock);
    known = room.known;
    twins = room.twins;
    commands = room.commands;
    states = new StateStore(store.database(), room.facts, clock);
    state =
        new StateReader(
            states,
            room.rules,
            backbone,
            (record, reader, reason, detail) -> rejected.add(reason + ": " + detail),
            EventIds.system(),
            new SimpleMeterRegistry());
    history = new HistoryStore(store.database());
    historyReader = new HistoryReader(history, room.rules);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void report(long offset, String twin, String time, String values) throws Exception {
    var batch = Telemetry.batch(offset, Telemetry.record(offset, twin, time, values));
    state.apply(batch);
    historyReader.apply(batch);
  }

  private Twin press() {
    return twins.find(AURORA, PRESS).orElseThrow();
  }

  @Test
  void shouldMakeATwinOfWhatReports() throws Exception {
    report(0, "press-1", "2026-01-21T10:00:00Z", "{\"t\":1,\"on\":true}");
    report(1, "press-1", "2026-01-21T09:59:00Z", "{\"t\":2,\"u\":\"x\"}");

    assertThat(press().properties())
        .isEqualTo(
            "{\"on\":{\"value\":true,\"time\":\"2026-01-21T10:00:00Z\"},\"t\":{\"value\":1,\"time\":\"2026-01-21T10:00:00Z\"},"
                + "\"u\":{\"value\":\"x\",\"time\":\"2026-01-21T09:59:00Z\"}}");
    assertThat(press().reportedAt()).contains(Instant.parse("2026-01-21T10:00:00Z"));
    assertThat(press().revision()).isEqualTo(1);
    assertThat(outbox()).containsExactly("twin.created");
    assertThat(backbone.published).hasSize(2).allMatch(json -> json.contains("\"press-1\""));
  }

  @Test
  void shouldKeepAStateThatIsLargerThanAnEvent() throws Exception {
    for (int i = 0; i < 20; i++) {
      report(i, "press-1", "2026-01-21T10:00:00Z", "{\"p" + i + "\":\"" + "x".repeat(4000) + "\"}");
    }
    assertThat(press().properties()).hasSizeGreaterThan(80_000).contains("\"p19\"");
    assertThat(backbone.published).allMatch(json -> json.length() < 64 * 1024).hasSize(15);
  }

  @Test
  void shouldSayWhatItHasNoRoomForAndKeepTheRest() throws Exception {
    for (int i = 0; i < 66; i++) {
      report(i, "press-1", "2026-01-21T10:00:00Z", "{\"p" + i + "\":\"" + "x".repeat(4000) + "\"}");
    }
    report(
        66, "press-1", "2026-01-21T10:00:01Z", "{\"p0\":1,\"late\":\"" + "x".repeat(4000) + "\"}");
    assertThat(press().properties()).contains("\"p0\":{\"value\":1,").hasSizeLessThan(300_000);
    assertThat(rejected).isNotEmpty().allMatch(each -> each.startsWith("too_large: "));
  }

  @Test
  void shouldEndAPageEarlyWhenItsTwinsAreLarge() throws Exception {
    StringBuilder values = new StringBuilder("{");
    for (int i = 0; i < 60; i++) {
      values.append(i == 0 ? "" : ",").append("\"p" + i + "\":\"" + "x".repeat(4000) + "\"");
    }
    for (int i = 0; i < 30; i++) {
      report(i, "large-" + (10 + i), "2026-01-21T10:00:00Z", values + "}");
    }
    List<String> seen = new ArrayList<>();
    int pages = 0;
    boolean more = true;
    while (more) {
      Twins.Slice slice =
          twins.page(AURORA, filter(null, null, null), seen.isEmpty() ? "" : seen.getLast(), 500);
      slice.twins().forEach(twin -> seen.add(twin.id().value()));
      more = slice.more();
      pages++;
    }
    assertThat(pages).isEqualTo(2);
    assertThat(seen).hasSize(30).doesNotHaveDuplicates().isSorted();
  }

  @Test
  void shouldKeepToTheBoundsOfAnAnswerWithTheNewestReadings() throws Exception {
    for (int i = 0; i < 20; i++) {
      report(
          i,
          "press-1",
          "2026-01-21T10:00:%02dZ".formatted(i),
          "{\"word\":\"" + "x".repeat(30_000) + "\"}");
    }
    HistoryStore.Part<HistoryStore.Point> part =
        history.readings(AURORA, PRESS, "word", Instant.EPOCH, Instant.now(), 16);
    assertThat(part.truncated()).isTrue();
    assertThat(part.items()).hasSize(8);
    assertThat(part.items().getLast().time()).isEqualTo(Instant.parse("2026-01-21T10:00:19Z"));
    assertThat(history.readings(AURORA, PRESS, "word", Instant.EPOCH, Instant.now(), 1).truncated())
        .isFalse();
  }

  @Test
  void shouldStandStillWhenABatchComesAgain() throws Exception {
    report(0, "press-1", "2026-01-21T10:00:00Z", "{\"t\":1}");
    assertThatThrownBy(() -> report(0, "press-1", "2026-01-21T10:00:00Z", "{\"t\":1}"))
        .isInstanceOf(PositionLost.class);
    assertThat(history.readings(AURORA, PRESS, "t", Instant.EPOCH, Instant.now(), 1).items())
        .hasSize(1);
  }

  @Test
  void shouldFoldTheSameHoweverTheLogIsCut() throws Exception {
    Random random = new Random(7);
    List<LogRecord> log = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      Instant time = Instant.parse("2026-01-21T10:00:00Z").plusSeconds(random.nextInt(500));
      log.add(
          Telemetry.record(
              i,
              "twin-" + random.nextInt(40),
              time.toString(),
              "{\"p" + random.nextInt(5) + "\":" + random.nextInt(1000) + "}"));
    }
    int at = 0;
    while (at < log.size()) {
      int size = Math.min(log.size() - at, 1 + random.nextInt(300));
      state.apply(Telemetry.batch(at, log.subList(at, at + size).toArray(LogRecord[]::new)));
      at += size;
    }
    Map<String, ReportedState> independent = new HashMap<>();
    for (LogRecord record : log) {
      Reading reading = Reading.of(record);
      ReportedState fold =
          independent.computeIfAbsent(reading.twin(), twin -> ReportedState.empty());
      reading.values().forEach(fold::take);
    }
    for (Map.Entry<String, ReportedState> each : independent.entrySet()) {
      assertThat(twins.find(AURORA, new TwinId(each.getKey())).orElseThrow().properties())
          .isEqualTo(each.getValue().json());
    }
  }

  @Test
  void shouldLeaveOutWhatTheModelRefusesAndKeepTheRest() throws Exception {
    twins.put(ADA, AURORA, PRESS, null, false, definition("press", "{}", "{}"));
    report(0, "press-1", "2026-01-21T10:00:00Z", "{\"t\":1,\"bad\":2}");
    assertThat(press().properties()).contains("\"t\"").doesNotContain("bad");
    assertThat(rejected).containsExactly("out_of_range: bad must be at most 1.");
    Instant from = Instant.parse("2026-01-21T10:00:00Z");
    assertThat(history.steps(AURORA, PRESS, "t", from, from.plusSeconds(60), 60)).hasSize(1);
    assertThat(history.steps(AURORA, PRESS, "bad", from, from.plusSeconds(60), 60)).isEmpty();
  }

  @Test
  void shouldWriteEachReadingOnceThoughALargeBatchBreaksOffBetweenItsTransactions() {
    List<LogRecord> log = new ArrayList<>();
    for (int i = 0; i < 6_000; i++) {
      log.add(Telemetry.record(i, "press-" + i % 50, "2026-01-21T10:00:00Z", "{\"t\":1}"));
    }
    log.set(3_000, Telemetry.record(3_000, "press-7", "2026-01-21T10:00:00Z", "{\"t\":"));
    assertThatThrownBy(() -> historyReader.apply(part(log, 0, 6_000)))
        .isInstanceOf(PoisonRecord.class);
    long written = counted();
    assertThat(written).isPositive().isLessThan(5_999);

    // as a reader goes on, and as one that has read the position anew
    historyReader.apply(part(log, 0, 3_000));
    historyReader.apply(new Batch(Telemetry.PARTITION, List.of(), 3_000, 3_001));
    assertThat(history.positions().positions(Set.of(Telemetry.PARTITION)))
        .containsEntry(Telemetry.PARTITION, 3_001L);
    historyReader.apply(part(log, 3_001, 6_000));

    assertThat(counted()).isEqualTo(5_999);
    assertThat(history.positions().positions(Set.of(Telemetry.PARTITION)))
        .containsEntry(Telemetry.PARTITION, 6_000L);
    assertThatThrownBy(() -> historyReader.apply(part(log, 6_001, 6_001)))
        .as("a batch that leaves something out")
        .isInstanceOf(PositionLost.class);
  }

  @Test
  void shouldBeginAgainWithATopicThatWasMadeAnew() throws Exception {
    report(1_000, "press-1", "2026-01-21T10:00:00Z", "{\"t\":1}");
    historyReader.apply(
        new Batch(
            Telemetry.PARTITION,
            List.of(Telemetry.record(0, "press-1", "2026-01-21T10:00:01Z", "{\"t\":2}")),
            1_001,
            1));
    assertThat(counted()).isEqualTo(2);
    assertThat(history.positions().positions(Set.of(Telemetry.PARTITION)))
        .containsEntry(Telemetry.PARTITION, 1L);
  }

  private static Batch part(List<LogRecord> log, int from, int to) {
    return new Batch(
        Telemetry.PARTITION,
        log.subList(Math.min(from, log.size()), Math.min(to, log.size())),
        from,
        to);
  }

  /** How many readings the days have counted. */
  private long counted() {
    return store
        .database()
        .inPilot(
            AURORA,
            transaction ->
                transaction
                    .createQuery(
                        "SELECT coalesce(sum(count), 0)::bigint FROM twins.rollup WHERE step = 86400")
                    .mapTo(Long.class)
                    .one());
  }

  @Test
  void shouldKeepEachSummaryToTheReading() throws Exception {
    for (int i = 0; i < 180; i++) {
      Instant time = Instant.parse("2026-01-21T10:00:00Z").plusSeconds(i);
      report(i, "press-1", time.toString(), "{\"t\":" + i + ",\"word\":\"x\"}");
    }
    Instant from = Instant.parse("2026-01-21T10:00:00Z");
    List<HistoryStore.Step> minutes =
        history.steps(AURORA, PRESS, "t", from, from.plusSeconds(600), 60);
    assertThat(minutes)
        .containsExactly(
            new HistoryStore.Step(from, 0, 29.5, 59, 60),
            new HistoryStore.Step(from.plusSeconds(60), 60, 89.5, 119, 60),
            new HistoryStore.Step(from.plusSeconds(120), 120, 149.5, 179, 60));
    assertThat(history.steps(AURORA, PRESS, "t", from, from.plusSeconds(600), 3600))
        .containsExactly(new HistoryStore.Step(from, 0, 89.5, 179, 180));
    assertThat(history.stepsOfReadings(AURORA, PRESS, "t", from, from.plusSeconds(20), 10))
        .containsExactly(
            new HistoryStore.Step(from, 0, 4.5, 9, 10),
            new HistoryStore.Step(from.plusSeconds(10), 10, 14.5, 19, 10));
    assertThat(history.numericProperties(AURORA, PRESS, 9)).containsExactly("t");
    assertThat(history.readings(AURORA, PRESS, "word", from, from.plusSeconds(3), 1).items())
        .extracting(HistoryStore.Point::literal)
        .containsExactly("\"x\"", "\"x\"", "\"x\"");
    assertThat(history.stateAt(AURORA, PRESS, from.plusSeconds(5), List.of("t", "word")))
        .isEqualTo(
            "{\"t\":{\"value\":5,\"time\":\"2026-01-21T10:00:05Z\"},\"word\":{\"value\":\"x\",\"time\":\"2026-01-21T10:00:05Z\"}}");
    assertThat(history.stateAt(AURORA, PRESS, from.minusSeconds(1), List.of("t"))).isEqualTo("{}");
    assertThat(history.prune(AURORA, Duration.ofDays(1), from.plus(Duration.ofDays(2))))
        .isEqualTo(180);
  }

  @Test
  void shouldCountOnlyWhatPeopleChangeAsARevision() throws Exception {
    Twins.Put put = twins.put(ADA, AURORA, PRESS, null, true, definition(null, "{\"a\":1}", "{}"));
    assertThat(put.created()).isTrue();
    report(0, "press-1", "2026-01-21T10:00:00Z", "{\"t\":1}");
    assertThat(press().revision()).isEqualTo(1);

    Twin same = twins.update(ADA, AURORA, PRESS, "\"1\"", before -> before);
    assertThat(same.revision()).isEqualTo(1);
    Twin changed =
        twins.update(
            ADA,
            AURORA,
            PRESS,
            "\"1\"",
            before ->
                new Twins.Definition(before.model(), before.attributes(), object("{\"t\":5}")));
    assertThat(changed.revision()).isEqualTo(2);
    assertThat(changed.desired()).isEqualTo(object("{\"t\":5}"));
    assertProblem(
        ProblemCode.PRECONDITION_FAILED,
        () -> twins.update(ADA, AURORA, PRESS, "\"1\"", before -> before));
    assertProblem(
        ProblemCode.PRECONDITION_FAILED,
        () -> twins.put(ADA, AURORA, PRESS, null, true, definition(null, "{}", "{}")));
    assertProblem(
        ProblemCode.INVALID_VALUE,
        () -> twins.put(ADA, AURORA, PRESS, null, false, definition("none", "{}", "{}")));
    assertThat(outbox()).containsExactly("twin.created", "twin.changed");
  }

  @Test
  void shouldNotBringBackARetiredTwinByWhatItReportedBefore() throws Exception {
    report(0, "press-1", "2026-01-21T10:00:00Z", "{\"t\":1}");
    twins.retire(ADA, AURORA, PRESS);
    assertThat(twins.find(AURORA, PRESS)).isEmpty();

    report(1, "press-1", "2026-01-21T10:00:01Z", "{\"t\":2}");
    assertThat(twins.find(AURORA, PRESS)).isEmpty();
    report(2, "press-1", Instant.now().plusSeconds(5).toString(), "{\"u\":3}");
    assertThat(press().properties()).contains("\"u\"").doesNotContain("\"t\"");
    assertProblem(ProblemCode.NOT_FOUND, () -> twins.retire(ADA, AURORA, new TwinId("nobody")));
  }

  /** More than are looked at one after the other, so that the index is asked as well. */
  @Test
  void shouldFindEachTextInOrderHoweverFarApart() throws Exception {
    many(60_000);
    List<String> known = new ArrayList<>();
    for (int n = 0; n < 60_000; n++) {
      known.add("asset-%05d machine %d works/hall-%d".formatted(n, n, n % 700));
    }
    for (String text :
        List.of(
            "Machine 59999", "hall-699", "set-3", "HALL-1", "e 4242", "9", "q", "no such text")) {
      List<String> expected =
          known.stream()
              .filter(each -> each.contains(text.toLowerCase(Locale.ROOT)))
              .map(each -> each.substring(0, 11))
              .toList();
      assertThat(walk(filter(null, text, null), 500)).as(text).isEqualTo(expected);
    }
    assertThat(twins.page(AURORA, filter(null, "Machine 59999", null), "", 5).twins()).hasSize(1);
    assertThat(twins.page(AURORA, filter(null, "no such text", null), "", 5).more()).isFalse();
    assertThat(walk(filter("press", "hall-69", null), 500))
        .isNotEmpty()
        .isEqualTo(
            walk(filter(null, "hall-69", null), 500).stream()
                .filter(id -> Integer.parseInt(id.substring(6)) % 3 == 0)
                .toList());
  }

  @Test
  void shouldEndAPageShortOfTheSilentWhereTheyAreFarApart() throws Exception {
    many(6_000);
    Instant now = clock.instant();
    store
        .database()
        .runInPilot(
            AURORA,
            transaction ->
                transaction.execute(
                    "INSERT INTO twins.state (pilot_id, twin_id, properties, reported_at)"
                        + " SELECT pilot_id, twin_id, '{}', ?::timestamptz FROM twins.twin"
                        + " WHERE twin_id NOT IN ('asset-00007', 'asset-05999')",
                    now.toString()));
    Twins.Filter silent = filter(null, null, Duration.ofMinutes(10));
    Twins.Slice first = twins.page(AURORA, silent, "", 5);
    assertThat(first.twins()).extracting(twin -> twin.id().value()).containsExactly("asset-00007");
    assertThat(first.more()).isTrue();
    Twins.Slice second = twins.page(AURORA, silent, first.last(), 5);
    assertThat(second.twins()).isEmpty();
    assertThat(second.more()).isTrue();
    assertThat(walk(silent, 5)).containsExactly("asset-00007", "asset-05999");
    assertThat(walk(filter(null, "asset-0599", Duration.ofMinutes(10)), 5))
        .containsExactly("asset-05999");
  }

  private void many(int number) {
    store
        .database()
        .runInPilot(
            AURORA,
            transaction ->
                transaction.execute(
                    "INSERT INTO twins.twin (pilot_id, twin_id, model, attributes, revision, created_at, updated_at)"
                        + " SELECT 'aurora', 'asset-' || to_char(n, 'FM00000'), CASE n % 3 WHEN 0 THEN 'press' END,"
                        + " jsonb_build_object('name', 'Machine ' || n, 'place', 'works/hall-' || n % 700), 1, now(), now()"
                        + " FROM generate_series(0, ? - 1) AS n",
                    number));
  }

  /** Page after page, to the end. */
  private List<String> walk(Twins.Filter filter, int limit) {
    List<String> ids = new ArrayList<>();
    String after = "";
    for (boolean more = true; more; ) {
      Twins.Slice slice = twins.page(AURORA, filter, after, limit);
      slice.twins().forEach(twin -> ids.add(twin.id().value()));
      assertThat(slice.last()).isGreaterThanOrEqualTo(after);
      after = slice.last();
      more = slice.more();
    }
    return ids;
  }

  @Test
  void shouldFindTwinsByModelTextAndSilence() throws Exception {
    for (int i = 0; i < 5; i++) {
      twins.put(
          ADA,
          AURORA,
          new TwinId("press-" + i),
          null,
          false,
          definition(
              i % 2 == 0 ? "press" : null, "{\"name\":\"Press 10%\",\"place\":\"a/b\"}", "{}"));
    }
    report(0, "press-3", Instant.now().toString(), "{\"t\":1}");

    assertThat(ids(filter("press", null, null))).containsExactly("press-0", "press-2", "press-4");
    assertThat(ids(filter(null, "10%", null))).hasSize(5);
    assertThat(ids(filter(null, "10_", null))).isEmpty();
    assertThat(ids(filter(null, "A/B", null))).hasSize(5);
    assertThat(ids(filter(null, "'; DROP TABLE twins.twin; --", null))).isEmpty();
    assertThat(ids(filter(null, null, Duration.ofMinutes(1)))).hasSize(4).doesNotContain("press-3");
    assertThat(twins.page(AURORA, filter(null, null, null), "press-2", 1).twins())
        .singleElement()
        .satisfies(twin -> assertThat(twin.id().value()).isEqualTo("press-3"));
    assertThat(twins.page(new PilotId("boreas"), filter(null, null, null), "", 10).twins())
        .isEmpty();
  }

  @Test
  void shouldLeadACommandThroughItsLife() throws Exception {
    known.put("press-device", device("press-device"));
    report(0, "press-1", "2026-01-21T10:00:00Z", "{\"t\":1}");

    Command sent =
        commands.send(
            ADA,
            AURORA,
            PRESS,
            "stop",
            Json.mapper().readTree("{\"now\":true}"),
            Duration.ofMinutes(1));
    assertThat(sent.state()).isEqualTo(Command.State.PENDING);
    assertThat(sent.device().value()).isEqualTo("press-device");
    assertThat(commands.due(100))
        .singleElement()
        .satisfies(due -> assertThat(due.command().id()).isEqualTo(sent.id()));
    assertThat(commands.due(100)).as("another node's turn, or later").isEmpty();
    commands.delivered(AURORA, sent.id());
    assertThat(read(sent).state()).isEqualTo(Command.State.DELIVERED);

    CommandResult done = new CommandResult(true, object("{\"rpm\":0}"), null);
    assertThat(commands.answered(key(AURORA, "another-device", sent), done))
        .isEqualTo(Commands.Answer.UNKNOWN);
    assertThat(commands.answered(key(new PilotId("boreas"), "press-device", sent), done))
        .isEqualTo(Commands.Answer.UNKNOWN);
    assertThat(commands.answered(key(AURORA, "press-device", sent), done))
        .isEqualTo(Commands.Answer.TAKEN);
    assertThat(
            commands.answered(
                key(AURORA, "press-device", sent), new CommandResult(false, null, "no")))
        .isEqualTo(Commands.Answer.ENDED_BEFORE);
    assertThat(read(sent).state()).isEqualTo(Command.State.SUCCEEDED);
    assertThat(read(sent).output()).contains(object("{\"rpm\":0}"));
    assertThat(outbox()).containsExactly("twin.created", "command.sent", "command.ended");
  }

  @Test
  void shouldEndWhatNobodyAnswersInTime() throws Exception {
    known.put("press-1", device("press-1"));
    twins.put(ADA, AURORA, PRESS, null, false, definition(null, "{}", "{}"));
    Command sent = commands.send(ADA, AURORA, PRESS, "stop", null, Duration.ZERO);

    assertThat(commands.due(100)).isEmpty();
    assertThat(commands.expire()).isEqualTo(1);
    assertThat(commands.expire()).isZero();
    assertThat(read(sent).state()).isEqualTo(Command.State.TIMED_OUT);
    assertThat(commands.answered(key(AURORA, "press-1", sent), new CommandResult(true, null, null)))
        .isEqualTo(Commands.Answer.ENDED_BEFORE);
  }

  @Test
  void shouldSendNothingWhereNobodyOrTheWrongDeviceWouldGetIt() throws Exception {
    assertProblem(
        ProblemCode.NOT_FOUND,
        () -> commands.send(ADA, AURORA, PRESS, "stop", null, Duration.ofMinutes(1)));
    report(0, "press-1", "2026-01-21T10:00:00Z", "{\"t\":1}");
    assertProblem(
        ProblemCode.CONFLICT,
        () -> commands.send(ADA, AURORA, PRESS, "stop", null, Duration.ofMinutes(1)));
    known.put("press-device", device("press-device", "another-twin"));
    assertProblem(
        ProblemCode.CONFLICT,
        () -> commands.send(ADA, AURORA, PRESS, "stop", null, Duration.ofMinutes(1)));
    known.put("bound", device("bound", "press-1"));
    assertThat(
            commands.send(ADA, AURORA, PRESS, "stop", null, Duration.ofMinutes(1)).device().value())
        .isEqualTo("bound");
    twins.update(ADA, AURORA, PRESS, null, before -> definition("press", "{}", "{}"));
    assertProblem(
        ProblemCode.INVALID_VALUE,
        () -> commands.send(ADA, AURORA, PRESS, "fly", null, Duration.ofMinutes(1)));
  }

  private static Commands.Key key(PilotId pilot, String device, Command command) {
    return new Commands.Key(pilot, new DeviceId(device), command.id());
  }

  private Command read(Command command) {
    return commands.find(AURORA, command.twin(), command.id()).orElseThrow();
  }

  private static Device device(String id, String... twins) {
    Set<TwinId> bound = new java.util.HashSet<>();
    for (String twin : twins) {
      bound.add(new TwinId(twin));
    }
    return new Device(
        new DeviceId(id), AURORA, bound, Instant.EPOCH, Optional.empty(), Optional.empty());
  }

  private static Twins.Filter filter(
      @Nullable String model, @Nullable String text, @Nullable Duration silence) {
    return new Twins.Filter(
        Optional.ofNullable(model), Optional.ofNullable(text), Optional.ofNullable(silence));
  }

  private List<String> ids(Twins.Filter filter) {
    return twins.page(AURORA, filter, "", 100).twins().stream()
        .map(twin -> twin.id().value())
        .toList();
  }

  private static Twins.Definition definition(
      @Nullable String model, String attributes, String desired) {
    return new Twins.Definition(Optional.ofNullable(model), object(attributes), object(desired));
  }

  private static ObjectNode object(String json) {
    try {
      return (ObjectNode) Json.mapper().readTree(json);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void assertProblem(
      ProblemCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }

  /** The types of what waits in the outbox, in order. */
  private List<String> outbox() {
    return store
        .database()
        .asPlatform(transaction ->
            transaction
                .createQuery("SELECT headers ->> 'ce_type' FROM outbox.message ORDER BY sequence")
                .mapTo(String.class)
                .list());
  }

  /** A press takes "bad" up to 1 and can stop. */
  private static Optional<ThingModel> models(PilotId pilot, String model) {
    PropertyModel bad =
        new PropertyModel(
            "bad",
            PropertyModel.Type.NUMBER,
            null,
            null,
            null,
            null,
            1.0,
            null,
            null,
            null,
            null,
            List.of(),
            false,
            value -> List.of());
    ActionModel stop =
        new ActionModel("stop", null, null, null, null, false, false, value -> List.of());
    JsonNode document = object("{}");
    return model.equals("press")
        ? Optional.of(
            new ThingModel(
                "press",
                1,
                "Press",
                null,
                null,
                Map.of("bad", bad),
                Map.of("stop", stop),
                Set.of(),
                document,
                document))
        : Optional.empty();
  }

  private static final class Backbone extends Deaf {
    final List<String> published = new ArrayList<>();

    @Override
    public void publish(
        String topic,
        byte @Nullable [] key,
        byte @Nullable [] value,
        EventHeaders headers,
        PublishCallback callback) {
      published.add(new String(value, UTF_8));
      callback.acknowledged(0, published.size());
    }
  }
}
