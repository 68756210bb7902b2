package org.pilothouse.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.models.PropertyModel;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.DumpState;
import org.pilothouse.warehouse.LeaseLost;
import org.pilothouse.warehouse.RunClaim;
import org.pilothouse.warehouse.WarehouseModule;
import org.pilothouse.warehouse.internal.Backfill;
import org.pilothouse.warehouse.internal.Policy;

/** What comes after a day was closed becomes numbered corrections of it. */
@Timeout(300)
class CorrectionIT {
  private static final Duration SOON = Duration.ofSeconds(120);

  @TempDir Path directory;

  private ClosedDays days;

  @BeforeEach
  void open() throws Exception {
    days = new ClosedDays(ClosedDays.spillsIn(directory));
  }

  @AfterEach
  void close() throws Exception {
    days.close();
    try (Stream<Path> left = Files.list(directory.resolve("spills"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void shouldMakeARevisionOfWhatCameAfter() throws Exception {
    WarehouseModule node = days.node();
    Dump first = closedDay(node);
    late("late-1", "{\"rpm\":7}");
    late("e1", "{\"rpm\":8}");
    late("late-1", "{\"rpm\":9}");
    late("wrong", "{\"rpm\":1}");
    late("late-wrong", "{\"rpm\":\"slow\"}");
    var other = days.event("pump-1", "today", days.noon.plusSeconds(86_400), "{\"rpm\":1}");

    Dump second = correct(node, false);

    assertThat(second.state()).as("%s", second).isEqualTo(DumpState.COMPLETE);
    assertThat(second.revision()).isEqualTo(2);
    assertThat(second.amends()).isEqualTo(new Dump.Amends(1, String.valueOf(first.datasetId())));
    assertThat(second.events()).isEqualTo(1);
    assertThat(second.repeats()).isEqualTo(3);
    assertThat(second.rejected()).isEqualTo(1);
    assertThat(second.rejectsLeft()).isEqualTo(2);
    JsonNode manifest = days.manifest(node);
    assertThat(manifest.path("revision").asInt()).isEqualTo(2);
    assertThat(manifest.path("amends").path("dataset_id").asText()).isEqualTo(first.datasetId());
    assertThat(node.inside().manifest(first).orElseThrow().has("amends")).isFalse();
    assertThat(days.rows(node, "model=pump/", "count(*), count(DISTINCT event_id), max(rpm)"))
        .containsExactly(List.of("11", "11", "9.0"));
    assertThat(
            days.sql(
                "SELECT headers ->> 'ce_type', convert_from(payload, 'UTF8')::json ->> 'dataset_id',"
                    + " convert_from(payload, 'UTF8')::json ->> 'revises',"
                    + " convert_from(payload, 'UTF8')::json -> 'lineage' -> 'inputs' ->> 0"
                    + " FROM outbox.message WHERE headers ->> 'ce_type' = 'dataset.revised'"))
        .containsExactly(
            List.of(
                "dataset.revised",
                String.valueOf(second.datasetId()),
                String.valueOf(first.datasetId()),
                String.valueOf(first.datasetId())));
    assertThat(node.inside().late().waiting(days.pilotId, days.yesterday)).isZero();
    assertConflict(() -> correct(node, false));
  }

  @Test
  void shouldEndWithoutADatasetWhenNothingIsNew() throws Exception {
    WarehouseModule node = days.node();
    Dump first = closedDay(node);
    late("e1", "{\"rpm\":8}");

    Dump second = correct(node, false);

    assertThat(second.state()).isEqualTo(DumpState.COMPLETE);
    assertThat(second.datasetId()).isNull();
    assertThat(second.repeats()).isEqualTo(1);
    assertThat(second.parts()).isZero();
    assertThat(days.manifest(node).path("dataset_id").asText()).isEqualTo(first.datasetId());
    assertThat(days.sql("SELECT count(*) FROM datasets.dataset WHERE state = 'uploading'"))
        .containsExactly(List.of("0"));
    assertThat(
            days.sql(
                "SELECT count(*) FROM outbox.message WHERE headers ->> 'ce_type' LIKE"
                    + " 'dataset.%'"))
        .containsExactly(List.of("1"));
    assertConflict(() -> correct(node, false));
    late("late-1", "{\"rpm\":7}");
    Dump third = correct(node, false);
    assertThat(third.events()).as("%s", third).isEqualTo(1);
    assertThat(third.amends()).isEqualTo(new Dump.Amends(1, String.valueOf(first.datasetId())));
  }

  @Test
  void shouldLoseNothingAndTakeNothingTwiceWhateverComesWhen() throws Exception {
    Set<String> sent = Collections.synchronizedSet(new TreeSet<>());
    AtomicBoolean goOn = new AtomicBoolean(true);
    AtomicInteger number = new AtomicInteger();
    for (int i = 0; i < 5; i++) {
      days.twin("pump-" + i, "pump");
    }
    Thread device =
        Thread.ofPlatform()
            .start(() -> {
              while (goOn.get()) {
                int n = number.getAndIncrement();
                // Every third is one that was sent before, perhaps long ago.
                int id = n % 3 == 2 ? n / 2 : n;
                var unused =
                    days.event(
                        // A device sends an event to the same partition again.
                        "pump-" + id % 5,
                        "e" + id,
                        days.noon.plusSeconds(id % 1_000),
                        "{\"rpm\":" + id + "}");
                sent.add("e" + id);
              }
            });
    try {
      WarehouseModule node = days.node();
      await().atMost(SOON).until(() -> sent.size() > 200);
      var unused = node.inside().begin(ClosedDays.ADA, days.pilot(), days.yesterday);
      assertThat(days.await(node, ended()).state()).isEqualTo(DumpState.COMPLETE);
      for (int round = 0; round < 3; round++) {
        int before = sent.size();
        await().atMost(SOON).until(() -> sent.size() > before + 100);
        Dump dump = correct(node, false);
        assertThat(dump.state()).as("%s", dump).isEqualTo(DumpState.COMPLETE);
        assertThat(dump.events()).isPositive();
      }
      goOn.set(false);
      device.join();
      late("last", "{\"rpm\":1}");
      sent.add("last");
      Dump last = correct(node, false);
      assertThat(last.revision()).isEqualTo(5);

      List<List<String>> rows = days.rows(node, "model=pump/", "event_id, count(*) OVER ()");
      assertThat(rows.stream().map(List::getFirst)).doesNotHaveDuplicates();
      assertThat(new TreeSet<>(rows.stream().map(List::getFirst).toList())).isEqualTo(sent);
      assertThat(
              days.sql(
                  "SELECT count(*) FROM warehouse.share a JOIN warehouse.share b ON a.partition ="
                      + " b.partition AND b.revision = a.revision + 1 WHERE a.to_offset <>"
                      + " b.from_offset"))
          .containsExactly(List.of("0"));
    } finally {
      goOn.set(false);
      device.join();
    }
  }

  @Test
  void shouldBringInWhatWasRejectedTogetherWithWhatCameLate() throws Exception {
    WarehouseModule node = days.node();
    Dump first = closedDay(node);
    assertThat(first.rejectsLeft()).isEqualTo(1);
    late("never", "{\"running\":\"perhaps\"}");
    Dump second = correct(node, false);
    assertThat(second.rejectsLeft()).isEqualTo(2);
    days.rpm = PropertyModel.Type.STRING;
    late("late-1", "{\"rpm\":\"slow\"}");
    late("wrong", "{\"rpm\":\"again\"}");

    Dump third = correct(node, true);

    assertThat(third.state()).as("%s", third).isEqualTo(DumpState.COMPLETE);
    assertThat(third.redriven()).isEqualTo(1);
    assertThat(third.events()).isEqualTo(2);
    assertThat(third.repeats()).isEqualTo(1);
    assertThat(third.rejected()).isZero();
    assertThat(third.rejectsLeft()).isEqualTo(1);
    JsonNode redrive = days.manifest(node).path("redrive");
    assertThat(redrive.toString()).isEqualTo("{\"taken\":2,\"events\":1,\"rejected\":1}");
    assertThat(
            days.rows(node, "model=pump/", "event_id, rpm").stream()
                .filter(row -> row.get(0).equals("wrong") || row.get(0).equals("late-1")))
        .containsExactlyInAnyOrder(List.of("wrong", "fast"), List.of("late-1", "slow"));
    assertThat(node.inside().rejects(third, 0, 0, 10).lines())
        .singleElement()
        .satisfies(line -> assertThat(line.eventId()).isEqualTo("never"));

    Dump fourth = correct(node, true);
    assertThat(fourth.datasetId()).isNull();
    assertThat(fourth.rejectsLeft()).isEqualTo(1);
    days.rpm = PropertyModel.Type.NUMBER;
    late("late-2", "{\"rpm\":3}");
    Dump fifth = correct(node, true);
    assertThat(fifth.events()).isEqualTo(1);
    assertThat(fifth.rejectsLeft()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"plan", "write", "verify", "publish"})
  void shouldMakeTheSameOfACorrectionThatANodeHasDiedIn(String where) throws Exception {
    CountDownLatch asleep = new CountDownLatch(1);
    CountDownLatch awake = new CountDownLatch(1);
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    WarehouseModule dying = dying(where, asleep, awake, failures);
    Dump first = closedDay(dying);
    for (int i = 0; i < 40; i++) {
      late("late-" + i, "{\"rpm\":" + i + "}");
    }
    var begun = dying.inside().correct(ClosedDays.ADA, days.pilot(), days.yesterday, false);
    assertThat(asleep.await(120, TimeUnit.SECONDS)).isTrue();
    WarehouseModule other = days.node();
    Dump second = days.await(other, dump -> dump.revision() == 2 && !isRunning(dump));
    List<List<String>> files = files();
    awake.countDown();

    assertThat(second.state()).as("%s", second).isEqualTo(DumpState.COMPLETE);
    assertThat(second.events()).isEqualTo(40);
    assertThat(second.amends()).isEqualTo(new Dump.Amends(1, String.valueOf(first.datasetId())));
    assertThat(
            days.sql(
                "SELECT count(*) FROM outbox.message WHERE headers ->> 'ce_type' ="
                    + " 'dataset.revised'"))
        .containsExactly(List.of("1"));
    await().atMost(SOON).until(() -> !failures.isEmpty());
    assertThat(failures).allSatisfy(each -> assertThat(each).isInstanceOf(LeaseLost.class));
    assertThat(files()).isEqualTo(files);
    assertThat(begun.revision()).isEqualTo(2);
    List<List<String>> rows = days.rows(other, "model=pump/", "event_id, count(*) OVER ()");
    assertThat(rows.stream().map(List::getFirst)).doesNotHaveDuplicates().hasSize(50);
  }

  /** A node that sleeps before a step for longer than its lease, as one that is stopped does. */
  private WarehouseModule dying(
      String where, CountDownLatch asleep, CountDownLatch awake, List<Throwable> failures) {
    return days.node(
        "dying",
        Duration.ofSeconds(2),
        steps ->
            new AroundSteps(steps) {
              @Override
              public void plan(RunClaim claim) {
                at("plan", claim, () -> super.plan(claim));
              }

              @Override
              public void write(RunClaim claim, int partition) {
                at("write", claim, () -> super.write(claim, partition));
              }

              @Override
              public void verify(RunClaim claim) {
                at("verify", claim, () -> super.verify(claim));
              }

              @Override
              public void publish(RunClaim claim) {
                at("publish", claim, () -> super.publish(claim));
              }

              private void at(String step, RunClaim claim, Runnable work) {
                if (!step.equals(where) || claim.revision() == 1) {
                  work.run();
                  return;
                }
                asleep.countDown();
                Waits.on(awake);
                try {
                  work.run();
                } catch (RuntimeException e) {
                  failures.add(e);
                  throw e;
                }
              }
            },
        engine ->
            new AroundEngine(engine) {
              @Override
              public Outcome outcome(long execution) {
                if (asleep.getCount() == 0) {
                  Waits.on(awake);
                }
                return super.outcome(execution);
              }
            });
  }

  @Test
  void shouldWriteTheSameBytesAgain() throws Exception {
    List<List<String>> before = Collections.synchronizedList(new ArrayList<>());
    AtomicBoolean forget = new AtomicBoolean();
    WarehouseModule node =
        days.node(
            "one",
            Duration.ofSeconds(30),
            steps ->
                new AroundSteps(steps) {
                  @Override
                  public void verify(RunClaim claim) {
                    if (forget.compareAndSet(true, false)) {
                      // The objects are there, and the rows that tell of them were never written.
                      before.addAll(files());
                      change(
                          "DELETE FROM warehouse.part WHERE revision = 2",
                          "UPDATE warehouse.share SET state = 'waiting', read_to = from_offset WHERE"
                              + " revision = 2");
                      throw Problem.of(ProblemCode.UNAVAILABLE, "The node dies here.");
                    }
                    super.verify(claim);
                  }
                },
            engine -> engine);
    var closed = closedDay(node);
    for (int i = 0; i < 40; i++) {
      late("late-" + i, "{\"rpm\":" + i + "}");
    }
    late("late-wrong", "{\"rpm\":\"slow\"}");
    forget.set(true);

    Dump second = correct(node, true);

    assertThat(second.state()).as("%s", second).isEqualTo(DumpState.COMPLETE);
    assertThat(second.attempts()).isEqualTo(2);
    assertThat(before).isNotEmpty();
    assertThat(files()).isEqualTo(before);
    assertThat(closed.revision()).isEqualTo(1);
  }

  private List<List<String>> files() {
    try {
      return days.sql(
          "SELECT key, rows, size_bytes, encode(checksum, 'hex') FROM warehouse.part WHERE revision"
              + " = 2 ORDER BY key");
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void change(String... statements) {
    try {
      days.change(statements);
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldBeginACorrectionOnceHoweverManyAsk() throws Exception {
    WarehouseModule one = days.node();
    WarehouseModule two = days.node("two", Duration.ofSeconds(30), steps -> steps, e -> e);
    var closed = closedDay(one);
    late("late-1", "{\"rpm\":7}");

    List<Object> answers = Collections.synchronizedList(new ArrayList<>());
    List<Thread> askers = new ArrayList<>();
    for (WarehouseModule node : List.of(one, two, one, two)) {
      askers.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  answers.add(
                      node.inside().correct(ClosedDays.ADA, days.pilot(), days.yesterday, false));
                } catch (Problem e) {
                  answers.add(e);
                }
              }));
    }
    for (Thread asker : askers) {
      asker.join();
    }
    Dump second = days.await(one, dump -> dump.revision() == 2 && !isRunning(dump));

    assertThat(answers).filteredOn(Dump.class::isInstance).hasSize(1);
    assertThat(answers)
        .filteredOn(Problem.class::isInstance)
        .hasSize(3)
        .allSatisfy(e -> assertThat(((Problem) e).code()).isEqualTo(ProblemCode.CONFLICT));
    assertThat(second.events()).isEqualTo(1);
    assertThat(closed.revision()).isEqualTo(1);
  }

  @Test
  void shouldCancelARunAndGoOnWithIt() throws Exception {
    CountDownLatch asleep = new CountDownLatch(1);
    CountDownLatch awake = new CountDownLatch(1);
    AtomicBoolean hold = new AtomicBoolean();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    WarehouseModule node =
        days.node(
            "one",
            Duration.ofSeconds(4),
            steps ->
                new AroundSteps(steps) {
                  @Override
                  public void verify(RunClaim claim) {
                    if (hold.compareAndSet(true, false)) {
                      asleep.countDown();
                      Waits.on(awake);
                    }
                    try {
                      super.verify(claim);
                    } catch (RuntimeException e) {
                      failures.add(e);
                      throw e;
                    }
                  }
                },
            engine -> engine);
    var closed = closedDay(node);
    late("late-1", "{\"rpm\":7}");
    hold.set(true);
    var begun = node.inside().correct(ClosedDays.ADA, days.pilot(), days.yesterday, false);
    assertThat(asleep.await(60, TimeUnit.SECONDS)).isTrue();

    Dump cancelled = node.inside().cancel(ClosedDays.ADA, days.pilotId, days.yesterday);
    awake.countDown();

    assertThat(cancelled.state()).isEqualTo(DumpState.FAILED);
    assertThat(cancelled.failure().code()).isEqualTo("cancelled");
    await().atMost(SOON).until(() -> !failures.isEmpty());
    assertThat(failures).allSatisfy(each -> assertThat(each).isInstanceOf(LeaseLost.class));
    assertConflict(() -> node.inside().cancel(ClosedDays.ADA, days.pilotId, days.yesterday));
    assertConflict(() -> correct(node, false));
    Dump again = node.inside().restart(ClosedDays.ADA, days.pilotId, days.yesterday);
    assertThat(again.state()).isEqualTo(DumpState.RUNNING);
    Dump second = days.await(node, dump -> dump.revision() == 2 && !isRunning(dump));
    assertThat(second.state()).as("%s", second).isEqualTo(DumpState.COMPLETE);
    assertThat(second.events()).isEqualTo(1);
    assertThat(
            node.inside().log().read(days.pilotId, days.yesterday, 2, 0, 500).stream()
                .map(line -> line.text()))
        .anySatisfy(text -> assertThat(text).startsWith("Cancelled by"))
        .anySatisfy(text -> assertThat(text).startsWith("Restarted by"))
        .anySatisfy(text -> assertThat(text).startsWith("Closed"));
    assertThat(closed.revision() + begun.revision()).isEqualTo(3);
  }

  @Test
  void shouldCorrectByItselfAsThePolicySays() throws Exception {
    days.nightly = true;
    WarehouseModule node = days.node();
    var closed = closedDay(node);
    node.inside()
        .policies()
        .put(ClosedDays.ADA, days.pilotId, "\"0\"", Policy.Corrections.THRESHOLD, 3L);
    late("late-1", "{\"rpm\":1}");
    late("late-2", "{\"rpm\":2}");
    await()
        .atMost(SOON)
        .until(() -> node.inside().late().waiting(days.pilotId, days.yesterday) == 2);
    assertThat(days.await(node, ended()).revision()).isEqualTo(1);
    late("late-3", "{\"rpm\":3}");

    Dump second = days.await(node, dump -> dump.revision() == 2 && !isRunning(dump));

    assertThat(second.state()).as("%s", second).isEqualTo(DumpState.COMPLETE);
    assertThat(second.events()).isEqualTo(3);
    assertThat(second.closeReason().word()).isEqualTo("late_events");
    assertThat(second.requestedBy()).isEqualTo("platform");
    assertThat(closed.revision()).isEqualTo(1);
    node.inside()
        .policies()
        .put(ClosedDays.ADA, days.pilotId, "\"1\"", Policy.Corrections.HOURLY, null);
    late("late-4", "{\"rpm\":4}");
    await()
        .atMost(SOON)
        .until(() -> node.inside().late().waiting(days.pilotId, days.yesterday) == 1);
    change(
        "UPDATE warehouse.dump SET finished_at = finished_at - interval '1 hour' WHERE revision ="
            + " 2");
    Dump third = days.await(node, dump -> dump.revision() == 3 && !isRunning(dump));
    assertThat(third.events()).as("%s", third).isEqualTo(1);
  }

  @Test
  void shouldFillARangeOneDayAfterTheOtherOnWhateverNodeThereIs() throws Exception {
    LocalDate from = days.yesterday.minusDays(3);
    CountDownLatch second = new CountDownLatch(1);
    CountDownLatch awake = new CountDownLatch(1);
    WarehouseModule stopping =
        days.node(
            "stopping",
            Duration.ofSeconds(2),
            steps ->
                new AroundSteps(steps) {
                  @Override
                  public void verify(RunClaim claim) {
                    if (claim.date().equals(from.plusDays(2))) {
                      second.countDown();
                      Waits.on(awake);
                    }
                    super.verify(claim);
                  }
                },
            engine ->
                new AroundEngine(engine) {
                  @Override
                  public Outcome outcome(long execution) {
                    if (second.getCount() == 0) {
                      Waits.on(awake);
                    }
                    return super.outcome(execution);
                  }
                });
    var before = stopping.inside().begin(ClosedDays.ADA, days.pilot(), from.plusDays(1));
    await()
        .atMost(SOON)
        .until(() ->
            stopping.inside().dumps().of(days.pilotId, from.plusDays(1)).getFirst().isClosed());

    Backfill begun = stopping.inside().fill(ClosedDays.ADA, days.pilot(), from, days.yesterday);
    assertThat(begun.days().skipped()).isEqualTo(1);
    assertConflict(
        () -> stopping.inside().fill(ClosedDays.ADA, days.pilot(), from, days.yesterday));
    assertThat(second.await(120, TimeUnit.SECONDS)).isTrue();
    WarehouseModule other = days.node();
    await()
        .atMost(SOON)
        .until(() ->
            other.inside().backfills().find(days.pilotId, begun.id()).orElseThrow().state()
                != Backfill.State.RUNNING);
    awake.countDown();

    Backfill ended = other.inside().backfills().find(days.pilotId, begun.id()).orElseThrow();
    assertThat(ended.state()).as("%s", ended).isEqualTo(Backfill.State.COMPLETE);
    assertThat(ended.days()).isEqualTo(new Backfill.Days(4, 3, 0, 0, 0, 0, 1));
    assertThat(before.now()).isTrue();
    assertThat(
            days.sql(
                "SELECT count(*) FROM warehouse.dump a JOIN warehouse.dump b ON b.date > a.date AND"
                    + " b.created_at < a.finished_at WHERE a.date <> '"
                    + from.plusDays(1)
                    + "' AND b.date <> '"
                    + from.plusDays(1)
                    + "'"))
        .as("days that were closed at the same time")
        .containsExactly(List.of("0"));
  }

  @Test
  void shouldStopABackfill() throws Exception {
    LocalDate from = days.yesterday.minusDays(2);
    CountDownLatch asleep = new CountDownLatch(1);
    CountDownLatch awake = new CountDownLatch(1);
    WarehouseModule node =
        days.node(
            "one",
            Duration.ofSeconds(30),
            steps ->
                new AroundSteps(steps) {
                  @Override
                  public void verify(RunClaim claim) {
                    asleep.countDown();
                    Waits.on(awake);
                    super.verify(claim);
                  }
                },
            engine -> engine);
    Backfill begun = node.inside().fill(ClosedDays.ADA, days.pilot(), from, days.yesterday);
    assertThat(asleep.await(120, TimeUnit.SECONDS)).isTrue();

    Backfill cancelled = node.inside().backfills().cancel(ClosedDays.ADA, days.pilotId, begun.id());
    awake.countDown();

    assertThat(cancelled.state()).isEqualTo(Backfill.State.CANCELLED);
    assertThat(cancelled.days()).isEqualTo(new Backfill.Days(3, 0, 0, 1, 0, 2, 0));
    assertThat(node.inside().dumps().of(days.pilotId, from).getFirst().failure().code())
        .isEqualTo("cancelled");
    assertThat(node.inside().dumps().of(days.pilotId, days.yesterday)).isEmpty();
    assertConflict(
        () -> node.inside().backfills().cancel(ClosedDays.ADA, days.pilotId, begun.id()));
  }

  /** Ten events of five pumps, and one that has no row. */
  private Dump closedDay(WarehouseModule node) {
    for (int i = 0; i < 5; i++) {
      days.twin("pump-" + i, "pump");
    }
    for (int i = 0; i < 10; i++) {
      var unused = days.event("pump-" + i % 5, "e" + i, days.noon, "{\"rpm\":" + i + "}");
    }
    var wrong = days.event("pump-1", "wrong", days.noon, "{\"rpm\":\"fast\"}");
    var begun = node.inside().begin(ClosedDays.ADA, days.pilot(), days.yesterday);
    Dump dump = days.await(node, ended());
    assertThat(dump.state()).as("%s", dump).isEqualTo(DumpState.COMPLETE);
    assertThat(dump.events()).isEqualTo(10);
    return dump;
  }

  private void late(String id, String values) {
    var unused = days.event("pump-1", id, days.noon.plusSeconds(5), values);
  }

  private Dump correct(WarehouseModule node, boolean redrive) {
    Dump begun = node.inside().correct(ClosedDays.ADA, days.pilot(), days.yesterday, redrive);
    return days.await(node, dump -> dump.revision() == begun.revision() && !isRunning(dump));
  }

  private static java.util.function.Predicate<Dump> ended() {
    return dump -> !isRunning(dump);
  }

  private static boolean isRunning(Dump dump) {
    return dump.state() == DumpState.RUNNING;
  }

  private static void assertConflict(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.code()).isEqualTo(ProblemCode.CONFLICT));
  }
}
