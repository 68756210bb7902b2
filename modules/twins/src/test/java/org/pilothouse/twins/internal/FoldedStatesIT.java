package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.models.PropertyModel;
import org.pilothouse.models.ThingModel;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.pilothouse.platform.kafka.KafkaEventPublisher;
import org.pilothouse.platform.kafka.PublishFailure;
import org.pilothouse.platform.kafka.TopicProvisioner;
import org.pilothouse.platform.kafka.TopicSpec;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.consume.PositionLost;
import org.pilothouse.platform.kafka.consume.ReaderStatus;
import org.pilothouse.platform.kafka.fold.FoldSpec;
import org.pilothouse.platform.kafka.fold.KeyedFold;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.testkit.TestDatabase;
import org.pilothouse.testkit.TestHome;
import org.pilothouse.twins.Twin;

/** States on a real Kafka alone, against those in a real PostgreSQL over the same telemetry. */
@Timeout(480)
class FoldedStatesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PARTITIONS = 3;
  private static final int SHARES = 4;
  private static final String READER = "to-fold";

  @TempDir private Path directory;

  private final Random random = new Random(7);
  private final String run = EventIds.system().next().toString().replace("-", "").substring(14);
  private final PilotId pilot = new PilotId("fold-" + run);
  private final KafkaConfig kafka = KafkaConfig.from(TestHome.settings());
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final SteppingClock clock = new SteppingClock();
  private final List<KeyedFold> folds = new ArrayList<>();
  private final List<String> topicsMade = new ArrayList<>();
  private final Map<Partition, Long> ends = new HashMap<>();
  private final List<String> refusedHere = new CopyOnWriteArrayList<>();
  private final List<String> refusedThere = new CopyOnWriteArrayList<>();
  private TestDatabase here;
  private TestDatabase there;
  private TopicProvisioner topics;
  private KafkaEventPublisher publisher;
  private LogReads reads;
  private StateReader reader;
  private TwinRoom postgres;
  private RouteStore routes;

  /** Time goes on when the test says so. */
  private static final class SteppingClock extends Clock {
    private Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

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

  @BeforeEach
  void open() {
    here = TestDatabase.create(List.of("twins"));
    there = TestDatabase.create(List.of("twins"));
    topics = new TopicProvisioner(kafka);
    publisher =
        new KafkaEventPublisher("fold-it", kafka, KafkaEventPublisher.Purpose.LIVE, metrics);
    reads = new LogReads(kafka, 2);
    states(pilot);
    postgres = new TwinRoom(there.database(), trail(), this::model, new GraphRules(), clock);
    reader =
        new StateReader(
            new StateStore(there.database(), postgres.facts, clock),
            postgres.rules,
            new Deaf(),
            (record, name, reason, detail) -> refusedThere.add(refused(record, reason, detail)),
            EventIds.system(),
            metrics);
    TwinRoom routing = new TwinRoom(here.database(), trail(), this::model, new GraphRules(), clock);
    routes =
        new RouteStore(
            here.database(), new StateStore(here.database(), routing.facts, clock), READER);
  }

  @AfterEach
  void close() {
    folds.forEach(KeyedFold::close);
    topics.remove(topicsMade);
    reads.close();
    publisher.close();
    topics.close();
    here.close();
    there.close();
  }

  private static TwinRoom.NoTrail trail() {
    return new TwinRoom.NoTrail();
  }

  private void states(PilotId of) {
    String topic = TopicKind.TWIN_STATE.of(of);
    topicsMade.add(topic);
    var unused = topics.ensure(List.of(TopicSpec.compacted(topic, 2)));
  }

  private static String refused(LogRecord record, String reason, String detail) {
    assertThat(record.headers().has("route")).isFalse();
    return record.partition() + ":" + record.offset() + " " + reason + " " + detail;
  }

  // --- a node -----------------------------------------------------------------------------------

  private KeyedFold fold(Path at, int threads) {
    FoldSpec spec =
        new FoldSpec(
            "it-fold-" + run,
            SHARES,
            new StateFolding(
                new ModelRules(this::model),
                (record, name, reason, detail) -> refusedHere.add(refused(record, reason, detail)),
                EventIds.system(),
                metrics),
            threads,
            at);
    if (folds.isEmpty()) {
      topicsMade.add(spec.source());
      topicsMade.add(spec.name() + "-states-changelog");
    }
    KeyedFold started =
        KeyedFold.start(
            spec, kafka, topics, publisher, () -> EventIds.system().next().toString(), metrics);
    folds.add(started);
    return started;
  }

  private TwinRoom room(KeyedFold fold) {
    return new TwinRoom(
        here.database(), trail(), this::model, new GraphRules(), clock, folded(fold));
  }

  private FoldedStates folded(KeyedFold fold) {
    return new FoldedStates(fold, here.database(), READER);
  }

  private StateRouter router(KeyedFold fold) {
    await().atMost(PATIENCE).until(fold::takes);
    return new StateRouter(
        routes, new ModelRules(this::model), publisher, fold.source(), fold::takes);
  }

  /** Waits for it, through the time in which it refuses. */
  private static <T> T once(Supplier<T> asked) {
    return await()
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(FoldedStatesIT::isUnavailable)
        .until(asked::get, answer -> true);
  }

  private static boolean isUnavailable(Throwable failure) {
    return failure instanceof Problem problem && problem.code() == ProblemCode.UNAVAILABLE;
  }

  private Optional<ThingModel> model(PilotId of, String id) {
    PropertyModel level =
        new PropertyModel(
            "level",
            PropertyModel.Type.NUMBER,
            null,
            null,
            null,
            null,
            50.0,
            null,
            null,
            null,
            null,
            List.of(),
            false,
            value -> List.of());
    var document = JsonNodeFactory.instance.objectNode();
    return id.equals("tank")
        ? Optional.of(
            new ThingModel(
                "tank",
                1,
                "Tank",
                null,
                null,
                Map.of("level", level),
                Map.of(),
                Set.of(),
                document,
                document))
        : Optional.empty();
  }

  // --- telemetry --------------------------------------------------------------------------------

  private LogRecord report(PilotId of, String twin, Instant time, Instant given, String values) {
    Partition partition =
        new Partition(TopicKind.TELEMETRY.of(of), Math.floorMod(twin.hashCode(), PARTITIONS));
    long offset = ends.merge(partition, 1L, Long::sum) - 1;
    return new LogRecord(
        partition,
        offset,
        given.toEpochMilli(),
        twin.getBytes(UTF_8),
        ("{\"twin\":\"" + twin + "\",\"time\":\"" + time + "\",\"values\":" + values + "}")
            .getBytes(UTF_8),
        new EventHeaders()
            .add(CloudEvents.ID, partition + "-" + offset)
            .add(CloudEvents.SOURCE, "/pilots/x/devices/d-" + random.nextInt(3))
            .add(CloudEvents.TIME, time.toString()));
  }

  /** Late, early, at one time, more than a model takes. */
  private List<LogRecord> telemetry(int records) {
    List<LogRecord> made = new ArrayList<>(records);
    Instant now = clock.instant();
    for (int i = 0; i < records; i++) {
      String twin = "t-" + random.nextInt(60) + (random.nextBoolean() ? ".a" : "_b");
      Instant time = now.plusSeconds(random.nextInt(40) - 30).plusMillis(random.nextInt(2) * 500L);
      Instant given = random.nextInt(8) == 0 ? now.minusSeconds(20) : now.plusMillis(i);
      String values =
          "{\"level\":"
              + random.nextInt(60)
              + ",\"p"
              + random.nextInt(3)
              + "\":\"\\u00e9 "
              + random.nextInt(9)
              + "\",\"on\":"
              + random.nextBoolean()
              + "}";
      made.add(report(pilot, twin, time, given, values));
    }
    return made;
  }

  private List<Batch> batches(List<LogRecord> records) {
    Map<Partition, List<LogRecord>> byPartition = new HashMap<>();
    records.forEach(record ->
        byPartition.computeIfAbsent(record.partition(), p -> new ArrayList<>()).add(record));
    List<Batch> cut = new ArrayList<>();
    byPartition.forEach((partition, all) -> {
      int from = 0;
      while (from < all.size()) {
        int to = Math.min(all.size(), from + 1 + random.nextInt(200));
        long next = all.get(to - 1).offset() + 1;
        cut.add(new Batch(partition, all.subList(from, to), all.get(from).offset(), next));
        from = to;
      }
    });
    return cut;
  }

  private void apply(List<LogRecord> records, StateRouter router) throws Exception {
    for (Batch batch : batches(records)) {
      reader.apply(batch);
      route(batch, router);
      if (random.nextInt(4) == 0) {
        // As after a crash between publishing and moving on.
        await()
            .atMost(PATIENCE.multipliedBy(2))
            .untilAsserted(() ->
                assertThatThrownBy(() -> router.apply(batch)).isInstanceOf(PositionLost.class));
      }
    }
  }

  /** Tried again, as the runtime of the readers does, where the brokers do not answer for a while. */
  private static void route(Batch batch, StateRouter router) {
    await()
        .atMost(PATIENCE.multipliedBy(2))
        .ignoreException(PublishFailure.class)
        .until(() -> {
          router.apply(batch);
          return true;
        });
  }

  private void insert(String twin, String model) {
    for (TestDatabase store : List.of(here, there)) {
      store
          .database()
          .runAsPlatform(transaction ->
              transaction.execute(
                  "INSERT INTO twins.twin (pilot_id, twin_id, model, revision, created_at, updated_at)"
                      + " VALUES (?, ?, ?, 1, now(), now())",
                  pilot.value(),
                  twin,
                  model));
    }
  }

  private List<Twin> all(TwinRoom room, Optional<Duration> silentFor) {
    List<Twin> twins = new ArrayList<>();
    String after = "";
    while (true) {
      Twins.Slice slice =
          room.twins.page(
              pilot, new Twins.Filter(Optional.empty(), Optional.empty(), silentFor), after, 17);
      twins.addAll(slice.twins());
      if (!slice.more()) {
        return twins;
      }
      after = slice.last();
    }
  }

  private static List<String> shown(List<Twin> twins) {
    return twins.stream()
        .map(twin -> twin.id() + " " + twin.model() + twin.properties() + twin.reportedAt())
        .toList();
  }

  /** Of twins that have a state. */
  private List<String> reported(KeyedFold fold) {
    return shown(
        all(room(fold), Optional.empty()).stream()
            .filter(twin -> twin.reportedAt().isPresent())
            .toList());
  }

  private void assertSame(KeyedFold fold) {
    Digests.Digest digest = once(() -> folded(fold).digest(pilot));
    Digests.Digest expected = new Digests(there.database(), null).of(pilot);
    assertThat(digest.twins()).isEqualTo(expected.twins()).isPositive();
    assertThat(shown(all(room(fold), Optional.empty())))
        .isEqualTo(shown(all(postgres, Optional.empty())));
    assertThat(digest.digest()).isEqualTo(expected.digest());
    assertThat(digest.positions()).isEqualTo(expected.positions());
  }

  // --- the tests --------------------------------------------------------------------------------

  @Test
  void shouldComeToWhatPostgresqlComesTo() throws Exception {
    KeyedFold fold = fold(directory, 2);
    StateRouter router = router(fold);
    for (int i = 0; i < 30; i += 3) {
      insert("t-" + i + ".a", "tank");
    }
    apply(telemetry(1_500), router);
    List<LogRecord> many = new ArrayList<>();
    for (int i = 0; i < 1_010; i += 10) {
      StringBuilder values = new StringBuilder("{");
      for (int j = i; j < i + 10; j++) {
        values.append(j == i ? "" : ",").append("\"q").append(j).append("\":").append(j);
      }
      many.add(report(pilot, "large", clock.now, clock.now, values.append('}').toString()));
    }
    apply(many, router);
    assertSame(fold);

    clock.now = clock.now.plusSeconds(5);
    for (String twin : List.of("t-1.a", "t-2_b", "t-3.a", "t-4_b", "t-5.a")) {
      TwinId id = new TwinId(twin);
      room(fold).twins.retire(ada(), pilot, id);
      postgres.twins.retire(ada(), pilot, id);
      assertThat(room(fold).twins.find(pilot, id)).isEmpty();
    }
    assertSame(fold);
    insert("t-1.a", "tank");
    assertThat(room(fold).twins.find(pilot, new TwinId("t-1.a")).orElseThrow().properties())
        .as("of its last life")
        .isEqualTo("{}");
    apply(telemetry(1_500), router);
    assertSame(fold);

    // One may be kept twice where a stretch came twice.
    assertThat(Set.copyOf(refusedHere)).isEqualTo(Set.copyOf(refusedThere)).isNotEmpty();
    assertThat(refusedHere).anyMatch(each -> each.contains("too_large"));
    assertThat(created(here)).isEqualTo(created(there)).isPositive();
    clock.now = clock.now.plusSeconds(5);
    Optional<Duration> silentFor = Optional.of(Duration.ofSeconds(3));
    assertThat(shown(all(room(fold), silentFor)))
        .isEqualTo(shown(all(postgres, silentFor)))
        .isNotEmpty();
    assertToldOfAll(room(fold));
    assertThat(
            here.database()
                .<Integer>asPlatform(transaction ->
                    transaction
                        .createQuery("SELECT count(*) FROM twins.state")
                        .mapTo(Integer.class)
                        .one()))
        .as("states in PostgreSQL")
        .isZero();
  }

  private static long created(TestDatabase store) {
    return store
        .database()
        .<Long>asPlatform(transaction ->
            transaction
                .createQuery(
                    "SELECT count(*) FROM outbox.message WHERE headers ->> 'ce_type' = 'twin.created'")
                .mapTo(Long.class)
                .one());
  }

  private static Caller.Person ada() {
    return new Caller.Person("ada", Set.of("platform-admin"), null, "c", false);
  }

  @Test
  void shouldTellOfNothingWhereNothingChanges() throws Exception {
    KeyedFold fold = fold(directory, 1);
    StateRouter router = router(fold);
    apply(telemetry(200), router);
    assertSame(fold);
    int told = told().records().size();
    assertThat(told).isPositive();

    Instant past = clock.now.minus(Duration.ofDays(1));
    List<LogRecord> late = new ArrayList<>();
    for (Twin twin : all(postgres, Optional.empty())) {
      late.add(report(pilot, twin.id().value(), past, clock.now, "{\"level\":1,\"on\":true}"));
    }
    apply(late, router);
    assertSame(fold);

    assertThat(told().records()).hasSize(told);
  }

  private LogReads.Stretch told() {
    List<String> topic = List.of(TopicKind.TWIN_STATE.of(pilot));
    return reads.read(reads.beginnings(topic), 200_000, PATIENCE);
  }

  /** The compacted topic of the pilot holds each state, in the bytes that the other mode tells. */
  private void assertToldOfAll(TwinRoom room) {
    LogReads.Stretch read = told();
    assertThat(read.complete()).isTrue();
    Map<String, LogRecord> last = new HashMap<>();
    read.records().forEach(record -> last.put(new String(record.key(), UTF_8), record));
    for (Twin twin : all(room, Optional.empty())) {
      byte[] data =
          StateReader.data(
              pilot, twin.id().value(), twin.properties(), twin.reportedAt().orElse(null));
      if (twin.reportedAt().isPresent() && data.length <= StateReader.LARGEST) {
        LogRecord told = last.get(twin.id().value());
        assertThat(told).as(twin.id().value()).isNotNull();
        assertThat(new String(told.value(), UTF_8)).isEqualTo(new String(data, UTF_8));
        assertThat(told.headers().text(CloudEvents.TYPE)).isEqualTo("twin.state");
        assertThat(told.headers().text(CloudEvents.SUBJECT)).isEqualTo(twin.id().value());
        assertThat(told.headers().has("route")).isFalse();
      }
    }
  }

  @Test
  void shouldTakeAPilotThatIsMadeWhileItRuns() throws Exception {
    KeyedFold fold = fold(directory, 1);
    StateRouter router = router(fold);
    apply(telemetry(50), router);
    assertSame(fold);

    PilotId other = new PilotId("late-" + run);
    states(other);
    List<LogRecord> first = List.of(report(other, "t", clock.now, clock.now, "{\"level\":99}"));
    for (Batch batch : batches(first)) {
      route(batch, router);
    }

    assertThat(once(() -> folded(fold).digest(other)).twins()).isEqualTo(1);
    assertThat(room(fold).twins.find(other, new TwinId("t")).orElseThrow().properties())
        .contains("\"level\":{\"value\":99");
    assertSame(fold);
  }

  @Test
  void shouldHoldStillWhenItIsPausedAndServeAllTheSame() throws Exception {
    KeyedFold fold = fold(directory, 1);
    StateRouter router = router(fold);
    apply(telemetry(100), router);
    assertSame(fold);
    List<String> shown = reported(fold);

    fold.pause();
    assertThat(fold.status().state()).isEqualTo(ReaderStatus.State.PAUSED);
    // What is under way when it is paused ends; after that, nothing moves.
    clock.now = clock.now.plusSeconds(60);
    apply(telemetry(100), router);
    assertThatThrownBy(() -> fold.settle(Duration.ofSeconds(3)))
        .matches(FoldedStatesIT::isUnavailable);
    assertThat(reported(fold)).isEqualTo(shown);

    fold.resume();
    assertSame(fold);
  }

  @Test
  void shouldServeAllOnEveryNodeAndHandOver() throws Exception {
    KeyedFold one = fold(directory.resolve("one"), 1);
    StateRouter router = router(one);
    apply(telemetry(300), router);
    KeyedFold two = fold(directory.resolve("two"), 1);
    KeyedFold looking = fold(directory.resolve("three"), 0);
    assertSame(one);
    assertSame(two);
    assertSame(looking);

    // Both fold: each share is on one of them, and both know all.
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(two.status().state().name()).isEqualTo("RUNNING"));
    apply(telemetry(300), router);
    assertSame(one);
    assertSame(two);

    one.close();
    assertThatThrownBy(() -> one.get("x")).matches(FoldedStatesIT::isUnavailable);
    StateRouter onTwo = router(two);
    apply(telemetry(300), onTwo);
    assertSame(two);
    assertSame(looking);
  }

  @Test
  void shouldSayNothingRatherThanNothingThereWhileItReadsBack() throws Exception {
    KeyedFold first = fold(directory.resolve("one"), 1);
    apply(telemetry(500), router(first));
    assertSame(first);
    String twin =
        all(room(first), Optional.empty()).stream()
            .filter(each -> each.reportedAt().isPresent())
            .findFirst()
            .orElseThrow()
            .id()
            .value();
    String key = Routed.prefix(pilot) + twin;
    byte[] known = first.get(key).orElseThrow();
    first.close();

    for (String at : List.of("one", "lost")) {
      KeyedFold again = fold(directory.resolve(at), 1);
      assertThatThrownBy(() -> again.get(key)).as("at once").matches(FoldedStatesIT::isUnavailable);
      Optional<byte[]> answer = once(() -> again.get(key));
      assertThat(answer).as("the first answer").isPresent();
      assertThat(answer.orElseThrow()).isEqualTo(known);
      assertSame(again);
      again.close();
    }
  }
}
