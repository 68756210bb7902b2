package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.kafka.BackboneUnavailable;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.PublishCallback;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.testkit.TestDatabase;
import org.pilothouse.twins.Rebuild;

/** Rebuilds on a real PostgreSQL, from a backbone in memory, against an independent fold. */
@Timeout(120)
class RebuildIT {
  private static final PilotId AURORA = Telemetry.AURORA;
  private static final String TELEMETRY = TopicKind.TELEMETRY.of(AURORA);
  private static final String STATES = TopicKind.TWIN_STATE.of(AURORA);
  private static final int PARTITIONS = 3;
  private static final Caller.Person ADA =
      new Caller.Person("ada", Set.of("pilot-admin"), AURORA, "c", false);

  /** Whole, so that the store's and Java's texts of a time are the same. */
  private final Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  private final TestDatabase store = TestDatabase.create(List.of("twins"));
  private final Clock clock = Clock.systemUTC();
  private final Random random = new Random(41);
  private final FakeBacklog backlog = new FakeBacklog(97);
  private final Backbone backbone = new Backbone();
  private final Trail trail = new Trail();
  private final IndependentFold independent = new IndependentFold();
  private final AtomicInteger workers = new AtomicInteger();
  private StateStore states;
  private StateReader state;
  private Twins twins;
  private Rebuilds rebuilds;
  private Digests digests;

  @BeforeEach
  void open() {
    backlog.create(TELEMETRY, PARTITIONS);
    backlog.create(STATES, 1);
    TwinRoom room =
        new TwinRoom(
            store.database(), trail, (pilot, model) -> Optional.empty(), new GraphRules(), clock);
    states = new StateStore(store.database(), room.facts, clock);
    state =
        new StateReader(
            states,
            noModels(),
            backbone,
            (record, reader, reason, detail) -> {},
            EventIds.system(),
            new SimpleMeterRegistry());
    twins = room.twins;
    rebuilds = new Rebuilds(store.database(), trail, EventIds.system(), clock, true);
    digests = new Digests(store.database(), null);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static ModelRules noModels() {
    return new ModelRules((pilot, model) -> Optional.empty());
  }

  // --- the platform at work ---------------------------------------------------------------------

  private LogRecord report(String twin, Instant time, String values, Instant given) {
    LogRecord record =
        backlog.append(
            TELEMETRY,
            twin,
            ("{\"twin\":\"" + twin + "\",\"time\":\"" + time + "\",\"values\":" + values + "}")
                .getBytes(UTF_8),
            given.toEpochMilli(),
            new EventHeaders()
                .add(CloudEvents.ID, "e")
                .add(CloudEvents.SOURCE, "/pilots/aurora/devices/d-" + twin.length())
                .add(CloudEvents.TIME, time.toString()));
    independent.read(record);
    return record;
  }

  /** Of some hundred twins, out of order, with repeats. */
  private void produce(int records, Instant given) {
    for (int i = 0; i < records; i++) {
      String twin = "twin-" + random.nextInt(300) + (random.nextBoolean() ? ".a" : "_b");
      String value =
          switch (random.nextInt(3)) {
            case 0 -> Integer.toString(random.nextInt(100));
            case 1 -> random.nextInt(9) + ".50";
            default -> "\"\\u00e9 \\\"x\\\" " + random.nextInt(9) + "\"";
          };
      LogRecord record =
          report(
              twin,
              given.plusSeconds(random.nextInt(600) - 500),
              "{\"p" + random.nextInt(4) + "\":" + value + ",\"on\":" + random.nextBoolean() + "}",
              given);
      if (random.nextInt(10) == 0) {
        independent.read(
            backlog.append(
                TELEMETRY, twin, record.value(), given.toEpochMilli(), record.headers()));
      }
    }
  }

  /** The reader of states reads to the end; what it is asked to do again, it does again. */
  private void live() throws Exception {
    for (int number = 0; number < PARTITIONS; number++) {
      Partition partition = new Partition(TELEMETRY, number);
      long end = backlog.ends(TELEMETRY).get(number);
      long at = states.positions().positions(Set.of(partition)).getOrDefault(partition, 0L);
      while (at < end) {
        List<LogRecord> records =
            backlog.stored(partition, at, Math.min(end, at + 1 + random.nextInt(200)));
        long next = at + records.size();
        try {
          state.apply(new Batch(partition, records, at, next));
          at = next;
        } catch (Problem e) {
          assertThat(e.code()).isEqualTo(ProblemCode.UNAVAILABLE);
        }
      }
    }
  }

  private Rebuilder worker() {
    return worker(backlog);
  }

  private Rebuilder worker(Backlog log) {
    return new Rebuilder(
        store.database(),
        new RebuildStore(store.database(), clock, "worker-" + workers.incrementAndGet()),
        states,
        log,
        noModels(),
        trail,
        clock);
  }

  private Rebuild rebuild(boolean apply) {
    Rebuild begun = rebuilds.start(ADA, AURORA, apply);
    try (Rebuilder worker = worker()) {
      workOff(worker);
    }
    return rebuilds.find(AURORA, begun.id()).orElseThrow();
  }

  private static void workOff(Rebuilder worker) {
    int steps = 0;
    while (worker.work()) {
      assertThat(++steps).as("steps").isLessThan(2_000);
    }
  }

  private void sql(String statement) {
    store.database().runAsPlatform(transaction -> transaction.execute(statement));
  }

  private <T> T one(Class<T> type, String query) {
    return store
        .database()
        .asPlatform(transaction -> transaction.createQuery(query).mapTo(type).one());
  }

  /** As when its node has died. */
  private void letTheLeaseRunOut() {
    sql("UPDATE twins.rebuild SET leased_until = now() - interval '1 second'");
  }

  private void letThePauseEnd() {
    sql("UPDATE twins.rebuild SET not_before = now() - interval '1 second'");
  }

  /** Ten rows that differ: values, times, a row too few, two rows too many. */
  private void corrupt() {
    sql(
        "UPDATE twins.state SET properties = replace(properties, '\"value\":', '\"value\": ') WHERE twin_id IN"
            + " (SELECT twin_id FROM twins.state ORDER BY twin_id LIMIT 5)");
    sql(
        "UPDATE twins.state SET properties = '{\"p0\":{\"value\":666,\"time\":\"2099-01-01T00:00:00Z\"}}' WHERE twin_id IN"
            + " (SELECT twin_id FROM twins.state ORDER BY twin_id DESC LIMIT 1)");
    sql(
        "UPDATE twins.state SET reported_at = now() + interval '1 year' WHERE twin_id IN"
            + " (SELECT twin_id FROM twins.state ORDER BY twin_id OFFSET 10 LIMIT 1)");
    sql(
        "DELETE FROM twins.state WHERE twin_id IN (SELECT twin_id FROM twins.state ORDER BY twin_id OFFSET 12 LIMIT 1)");
    sql(
        "INSERT INTO twins.state VALUES ('aurora', 'aaa-ghost', '{\"g\":1}', now()), ('aurora', 'zzz-ghost', 'no JSON', now())");
  }

  private static final int CORRUPTED = 10;

  private void assertRight() {
    Digests.Digest digest = digests.of(AURORA);
    assertThat(digest.twins()).isEqualTo(independent.twins());
    assertThat(digest.digest()).isEqualTo(independent.digest());
  }

  // --- the tests --------------------------------------------------------------------------------

  @Test
  void shouldFindNothingWhereNothingIsWrong() throws Exception {
    produce(3_000, start);
    live();
    assertRight();

    Rebuild checked = rebuild(false);

    assertThat(checked.state()).isEqualTo(Rebuild.State.SUCCEEDED);
    assertThat(checked.differing()).hasValue(0);
    assertThat(checked.twins()).hasValue(independent.twins());
    assertThat(checked.digestBefore()).contains(independent.digest());
    assertThat(checked.digestAfter()).contains(independent.digest());
    long records = backlog.ends(TELEMETRY).values().stream().mapToLong(Long::longValue).sum();
    assertThat(checked.recordsRead()).isEqualTo(records);
    assertThat(checked.recordsTotal()).isEqualTo(records);
    assertThat(digests.of(AURORA).positions()).isEqualTo(backlog.ends(TELEMETRY));
  }

  @Test
  void shouldOnlyCompareUnlessItIsToApply() throws Exception {
    produce(3_000, start);
    live();
    corrupt();
    String wrong = digests.of(AURORA).digest();
    int told = backbone.published.get();

    Rebuild checked = rebuild(false);
    assertThat(checked.differing()).hasValue(CORRUPTED);
    assertThat(checked.digestBefore()).contains(wrong);
    assertThat(checked.digestAfter()).contains(independent.digest());
    assertThat(digests.of(AURORA).digest()).as("unchanged").isEqualTo(wrong);

    Rebuild applied = rebuild(true);
    assertThat(applied.differing()).hasValue(CORRUPTED);
    assertThat(applied.digestBefore()).contains(wrong);
    assertThat(applied.digestAfter()).contains(independent.digest());
    assertRight();
    assertThat(rebuild(false).differing()).hasValue(0);
    assertThat(backbone.published.get()).as("nothing of the past is told").isEqualTo(told);
    assertThat(one(Integer.class, "SELECT count(*) FROM twins.rebuilt_state")).isZero();
    assertThat(trail.actions)
        .containsExactly("twins.rebuild", "twins.rebuild", "twins.rebuild.apply", "twins.rebuild");
  }

  @Test
  void shouldBringBackEveryStateAndTwinThatWasLost() throws Exception {
    produce(2_000, start);
    live();
    String device = one(String.class, "SELECT min(device) FROM twins.state");
    sql("DELETE FROM twins.state");
    sql("DELETE FROM twins.twin");

    assertThat(rebuild(true).differing()).hasValue(independent.twins());

    assertRight();
    assertThat(one(Integer.class, "SELECT count(*) FROM twins.twin"))
        .isEqualTo(independent.twins());
    assertThat(one(String.class, "SELECT min(device) FROM twins.state")).isEqualTo(device);
  }

  @Test
  void shouldGoOnWhereADeadWorkerHasEnded() throws Exception {
    produce(3_000, start);
    live();
    corrupt();
    Rebuild begun = rebuilds.start(ADA, AURORA, true);
    Rebuilder dead = worker();
    for (int step = 0; step < 12; step++) {
      assertThat(dead.work()).isTrue();
    }
    long done = rebuilds.find(AURORA, begun.id()).orElseThrow().recordsRead();
    assertThat(done).isPositive();
    try (Rebuilder early = worker()) {
      assertThat(early.work()).as("the lease has not run out").isFalse();
    }
    letTheLeaseRunOut();

    AtomicInteger reads = new AtomicInteger();
    try (Rebuilder next = worker(counting(reads))) {
      workOff(next);
    }

    assertThat(rebuilds.find(AURORA, begun.id()).orElseThrow().state())
        .isEqualTo(Rebuild.State.SUCCEEDED);
    assertRight();
    long records = backlog.ends(TELEMETRY).values().stream().mapToLong(Long::longValue).sum();
    assertThat(reads.get()).as("reads of what was left").isLessThan((int) (records / 97));
  }

  @Test
  void shouldLeaveNothingOfASwapThatDiedBeforeItsCommit() throws Exception {
    produce(2_000, start);
    live();
    corrupt();
    String wrong = digests.of(AURORA).digest();
    Rebuild begun = rebuilds.start(ADA, AURORA, true);
    trail.failing.set(true);
    Rebuilder worker = worker();
    workOff(worker);
    assertThat(digests.of(AURORA).digest()).isEqualTo(wrong);
    assertThat(rebuilds.find(AURORA, begun.id()).orElseThrow().state())
        .isEqualTo(Rebuild.State.RUNNING);

    trail.failing.set(false);
    letTheLeaseRunOut();
    letThePauseEnd();
    try (Rebuilder next = worker()) {
      workOff(next);
    }
    assertThat(rebuilds.find(AURORA, begun.id()).orElseThrow().differing()).hasValue(CORRUPTED);
    assertRight();
  }

  @Test
  void shouldNotLetAWorkerThatWakesUpLateTouchAnything() throws Exception {
    produce(2_000, start);
    live();
    corrupt();
    Rebuild begun = rebuilds.start(ADA, AURORA, true);
    Rebuilder late = worker();
    for (int step = 0; step < 4; step++) {
      assertThat(late.work()).isTrue();
    }
    backlog.beforeNextRead(() -> {
      letTheLeaseRunOut();
      try (Rebuilder other = worker()) {
        workOff(other);
      }
    });
    workOff(late);

    assertThat(rebuilds.find(AURORA, begun.id()).orElseThrow().state())
        .isEqualTo(Rebuild.State.SUCCEEDED);
    assertRight();
    assertThat(one(Integer.class, "SELECT count(*) FROM twins.rebuilt_state")).isZero();
  }

  @Test
  void shouldWaitWhileTheBackboneIsAway() throws Exception {
    produce(1_000, start);
    live();
    Rebuild begun = rebuilds.start(ADA, AURORA, false);
    try (Rebuilder worker = worker()) {
      assertThat(worker.work()).isTrue();
      backlog.beforeNextRead(() -> {
        throw new BackboneUnavailable("away", new IllegalStateException());
      });
      workOff(worker);
      assertThat(rebuilds.find(AURORA, begun.id()).orElseThrow().state())
          .isEqualTo(Rebuild.State.RUNNING);
      letThePauseEnd();
      workOff(worker);
    }
    assertThat(rebuilds.find(AURORA, begun.id()).orElseThrow().differing()).hasValue(0);
  }

  @Test
  void shouldLoseNothingOfWhatComesInMeanwhile() throws Exception {
    produce(3_000, start);
    live();
    // A rebuild is as fast as the reader, or it never gets to where that is.
    backlog.atOnce(Rebuilder.BATCH);
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> reporting =
        CompletableFuture.runAsync(() -> {
          int seconds = 0;
          while (!done.get()) {
            produce(150, start.plusSeconds(++seconds));
            try {
              live();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }
        });
    for (int i = 0; i < 4; i++) {
      sql(
          "UPDATE twins.state SET properties = '{\"p0\":{\"value\":666,\"time\":\"2099-01-01T00:00:00Z\"}}' WHERE twin_id = 'twin-"
              + random.nextInt(300)
              + ".a'");
      Rebuild begun = rebuilds.start(ADA, AURORA, true);
      try (Rebuilder worker = worker()) {
        for (int step = 0; isRunning(begun); step++) {
          assertThat(step).isLessThan(500);
          letThePauseEnd();
          boolean more = worker.work();
        }
      }
      assertThat(rebuilds.find(AURORA, begun.id()).orElseThrow().state())
          .isEqualTo(Rebuild.State.SUCCEEDED);
    }
    done.set(true);
    reporting.get(60, TimeUnit.SECONDS);

    assertRight();
    assertThat(rebuild(false).differing()).hasValue(0);
  }

  @Test
  void shouldTakeWhatComesInWhileItLooksForNothingThatWasLost() throws Exception {
    produce(500, start);
    live();
    backlog.afterNextEnds(() -> {
      produce(500, start.plusSeconds(1));
      try {
        live();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });

    assertThat(rebuild(true).state()).isEqualTo(Rebuild.State.SUCCEEDED);

    assertRight();
  }

  private boolean isRunning(Rebuild rebuild) {
    return rebuilds.find(AURORA, rebuild.id()).orElseThrow().state() == Rebuild.State.RUNNING;
  }

  @Test
  void shouldNotStoreAFoldThatBeganUponWhatWasReplaced() throws Exception {
    report("press-1", start, "{\"t\":1}", start);
    live();
    sql(
        "UPDATE twins.state SET properties = '{\"x\":{\"value\":666,\"time\":\"2099-01-01T00:00:00Z\"}}'");
    report("press-1", start.plusSeconds(1), "{\"u\":2}", start);
    backbone.meanwhile = () -> assertThat(rebuild(true).differing()).hasValue(1);

    live();

    assertThat(backbone.meanwhile).isNull();
    assertRight();
  }

  @Test
  void shouldNotPassOverWhatOnlyAWrongStateHadMadeOld() throws Exception {
    report("press-1", start, "{\"t\":1}", start);
    report("press-2", start, "{\"t\":1}", start);
    live();
    sql(
        "UPDATE twins.state SET properties = '{\"t\":{\"value\":666,\"time\":\"2099-01-01T00:00:00Z\"}}' WHERE twin_id = 'press-1'");
    report("press-1", start.plusSeconds(1), "{\"t\":2}", start);
    LogRecord other = backlog.last(TELEMETRY, "press-1");
    StateStore.Read read = states.read(AURORA, List.of("press-1"));
    assertThat(rebuild(true).differing()).hasValue(1);

    assertThatThrownBy(() ->
            states.write(
                AURORA,
                other.partition(),
                other.offset(),
                other.offset() + 1,
                read.generation(),
                List.of()))
        .isInstanceOf(Problem.class);
    live();
    assertRight();
  }

  // --- retention --------------------------------------------------------------------------------

  /** Of each partition, what was given to the backbone before. */
  private void retain(Instant from) {
    for (int number = 0; number < PARTITIONS; number++) {
      Partition partition = new Partition(TELEMETRY, number);
      long end = backlog.ends(TELEMETRY).get(number);
      long first =
          backlog.stored(partition, 0, end).stream()
              .filter(record -> record.timestampMillis() >= from.toEpochMilli())
              .mapToLong(LogRecord::offset)
              .findFirst()
              .orElse(end);
      backlog.remove(partition, first);
    }
  }

  private void produceOldAndNew() throws Exception {
    Instant old = start.minus(Duration.ofDays(9));
    produce(1_500, old);
    report("only-old", old, "{\"t\":1.50}", old);
    // What the topic of states cannot hold.
    for (int i = 0; i < 20; i++) {
      report("large", old, "{\"l" + i + "\":\"" + "x".repeat(4_000) + "\"}", old);
    }
    live();
    produce(300, start.minus(Duration.ofDays(3)));
    produce(1_500, start);
    report("large", start, "{\"t\":1}", start);
    live();
  }

  @Test
  void shouldTakeWhatRetentionHasRemovedFromTheTopicOfStates() throws Exception {
    produceOldAndNew();
    retain(start.minus(Duration.ofDays(7)));
    assertThat(rebuild(false).differing()).hasValue(0);
    corrupt();

    Rebuild applied = rebuild(true);

    assertThat(applied.differing()).hasValue(CORRUPTED);
    assertThat(applied.digestAfter()).contains(independent.digest());
    assertRight();
  }

  @Test
  void shouldHealWhatAWrongStateHadCarriedIntoTheTopicOfStates() throws Exception {
    produceOldAndNew();
    String twin =
        one(String.class, "SELECT min(twin_id) FROM twins.state WHERE twin_id LIKE 'twin-%'");
    sql(
        "UPDATE twins.state SET properties = '{\"p0\":{\"value\":666,\"time\":\""
            + start.plusSeconds(3_600)
            + "\"}}' WHERE twin_id = '"
            + twin
            + "'");
    report(twin, start.plusSeconds(60), "{\"p0\":1,\"p1\":1,\"p2\":1,\"p3\":1,\"on\":true}", start);
    live();
    assertThat(backbone.last).containsEntry(twin, true);
    retain(start.minus(Duration.ofDays(7)));

    assertThat(rebuild(true).differing()).hasValue(1);
    assertRight();
  }

  @Test
  void shouldBeginAnewWhenRetentionIsFaster() throws Exception {
    produceOldAndNew();
    corrupt();
    Rebuild begun = rebuilds.start(ADA, AURORA, true);
    try (Rebuilder worker = worker()) {
      for (int step = 0; step < 3; step++) {
        assertThat(worker.work()).isTrue();
      }
      retain(start.minus(Duration.ofDays(7)));
      workOff(worker);
    }
    assertThat(rebuilds.find(AURORA, begun.id()).orElseThrow().state())
        .isEqualTo(Rebuild.State.SUCCEEDED);
    assertThat(one(Integer.class, "SELECT restarts FROM twins.rebuild")).isEqualTo(1);
    assertRight();
  }

  // --- retired, lost, called off
  // ------------------------------------------------------------------

  @Test
  void shouldNotBringBackATwinThatWasRetired() throws Exception {
    produce(500, start.minusSeconds(60));
    Instant ahead = Instant.now().plus(Duration.ofHours(20));
    report("press-1", ahead, "{\"t\":1}", Instant.now().minusSeconds(1));
    report("press-2", start, "{\"t\":1}", start.minusSeconds(1));
    live();
    twins.retire(ADA, AURORA, new TwinId("press-1"));
    independent.forget("press-1");
    assertThat(rebuild(false).differing()).hasValue(0);

    Rebuild begun = rebuilds.start(ADA, AURORA, true);
    try (Rebuilder worker = worker()) {
      for (int step = 0; step < 9; step++) {
        assertThat(worker.work()).isTrue();
      }
      twins.retire(ADA, AURORA, new TwinId("press-2"));
      independent.forget("press-2");
      Instant later = Instant.now().plusSeconds(1);
      report("press-1", later, "{\"u\":1}", later);
      live();
      workOff(worker);
    }
    assertThat(rebuilds.find(AURORA, begun.id()).orElseThrow().differing()).hasValue(0);
    assertRight();
    assertThat(independent.properties("press-1")).contains("\"u\"").doesNotContain("\"t\"");
  }

  @Test
  void shouldFailWhereTheBackboneKnowsLessThanTheStore() throws Exception {
    produce(500, start);
    live();
    String before = digests.of(AURORA).digest();
    backlog.lose(new Partition(TELEMETRY, 1), 1);

    Rebuild failed = rebuild(true);

    assertThat(failed.state()).isEqualTo(Rebuild.State.FAILED);
    assertThat(failed.error().orElseThrow()).contains("telemetry/1 ends at", "lost records");
    assertThat(digests.of(AURORA).digest()).isEqualTo(before);
  }

  @Test
  void shouldGiveUpAfterManyFailures() throws Exception {
    produce(10, start);
    live();
    Rebuild begun = rebuilds.start(ADA, AURORA, true);
    backlog.create(TELEMETRY, 0);
    try (Rebuilder worker = worker()) {
      for (int i = 0; i < 30; i++) {
        letThePauseEnd();
        boolean more = worker.work();
      }
    }
    Rebuild failed = rebuilds.find(AURORA, begun.id()).orElseThrow();
    assertThat(failed.state()).isEqualTo(Rebuild.State.FAILED);
    assertThat(failed.error()).contains("there is no topic " + TELEMETRY);
  }

  @Test
  void shouldEndWhenItIsCalledOff() throws Exception {
    produce(1_000, start);
    live();
    corrupt();
    String wrong = digests.of(AURORA).digest();
    Rebuild begun = rebuilds.start(ADA, AURORA, true);
    try (Rebuilder worker = worker()) {
      for (int step = 0; step < 5; step++) {
        assertThat(worker.work()).isTrue();
      }
      backlog.beforeNextRead(() -> {
        var cancelled = rebuilds.cancel(ADA, AURORA, begun.id());
      });
      workOff(worker);
    }
    assertThat(rebuilds.find(AURORA, begun.id()).orElseThrow().state())
        .isEqualTo(Rebuild.State.CANCELLED);
    assertThat(digests.of(AURORA).digest()).isEqualTo(wrong);
    assertThat(one(Integer.class, "SELECT count(*) FROM twins.rebuilt_state")).isZero();
    assertProblem(ProblemCode.CONFLICT, () -> rebuilds.cancel(ADA, AURORA, begun.id()));
    assertProblem(ProblemCode.NOT_FOUND, () -> rebuilds.cancel(ADA, AURORA, "nobody"));
  }

  @Test
  void shouldRunOneRebuildOfAPilotAtATimeAndShowItToNobodyElse() {
    PilotId boreas = new PilotId("boreas");
    Rebuild first = rebuilds.start(ADA, AURORA, false);
    assertProblem(ProblemCode.CONFLICT, () -> rebuilds.start(ADA, AURORA, true));
    Rebuild theirs = rebuilds.start(ADA, boreas, false);

    assertThat(rebuilds.find(boreas, first.id())).isEmpty();
    assertProblem(ProblemCode.NOT_FOUND, () -> rebuilds.cancel(ADA, boreas, first.id()));
    assertThat(rebuilds.page(boreas, Optional.empty(), 10))
        .extracting(Rebuild::id)
        .containsExactly(theirs.id());
    var cancelled = rebuilds.cancel(ADA, AURORA, first.id());
    Rebuild second = rebuilds.start(ADA, AURORA, true);
    assertThat(rebuilds.page(AURORA, Optional.empty(), 1))
        .extracting(Rebuild::id)
        .containsExactly(second.id());
    assertThat(
            rebuilds.page(
                AURORA, Optional.of(new Rebuilds.Before(second.createdAt(), second.id())), 10))
        .extracting(Rebuild::id)
        .containsExactly(first.id());
  }

  private static void assertProblem(
      ProblemCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }

  private Backlog counting(AtomicInteger reads) {
    return new Backlog() {
      @Override
      public java.util.SortedMap<Integer, Long> beginnings(String topic) {
        return backlog.beginnings(topic);
      }

      @Override
      public java.util.SortedMap<Integer, Long> ends(String topic) {
        return backlog.ends(topic);
      }

      @Override
      public Stretch read(Partition partition, long from, long to, int limit) {
        reads.incrementAndGet();
        return backlog.read(partition, from, to, limit);
      }
    };
  }

  private static final class Trail implements AuditTrail {
    final List<String> actions = new ArrayList<>();
    final AtomicBoolean failing = new AtomicBoolean();

    @Override
    public void record(AuditEvent event) {
      actions.add(event.action());
    }

    @Override
    public void record(Handle transaction, AuditEvent event) {
      if (failing.get()) {
        throw new IllegalStateException("as if it had died");
      }
      actions.add(event.action());
    }
  }

  /** Keeps what is told of states where a rebuild finds it. */
  private final class Backbone extends Deaf {
    final AtomicInteger published = new AtomicInteger();
    final Map<String, Boolean> last = new java.util.concurrent.ConcurrentHashMap<>();
    @Nullable Runnable meanwhile;

    @Override
    public void publish(
        String topic,
        byte @Nullable [] key,
        byte @Nullable [] value,
        EventHeaders headers,
        PublishCallback callback) {
      Runnable task = meanwhile;
      meanwhile = null;
      if (task != null) {
        task.run();
      }
      String twin = new String(key, UTF_8);
      last.put(twin, new String(value, UTF_8).contains("666"));
      LogRecord record =
          backlog.append(topic, twin, value, System.currentTimeMillis(), headers.copy());
      published.incrementAndGet();
      callback.acknowledged(record.partition().number(), record.offset());
    }
  }
}
