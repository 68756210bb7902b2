package org.pilothouse.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.DumpState;
import org.pilothouse.warehouse.LeaseLost;
import org.pilothouse.warehouse.RunClaim;
import org.pilothouse.warehouse.WarehouseModule;

/** A day from the topic to its pointer, by JBeret, on the stack's engines. */
@Timeout(300)
class ClosedDayIT {
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
  void shouldCloseADayAndPointToItsManifest() throws Exception {
    feed();
    WarehouseModule node = days.node();

    assertThat(node.inside().begin(ClosedDays.ADA, days.pilot(), days.yesterday).now()).isTrue();
    assertThat(node.inside().begin(ClosedDays.ADA, days.pilot(), days.yesterday).now()).isFalse();
    Dump dump = days.await(node, ended());

    assertThat(dump.state()).as("%s", dump).isEqualTo(DumpState.COMPLETE);
    assertThat(dump.events()).isEqualTo(31);
    assertThat(dump.repeats()).isEqualTo(1);
    assertThat(dump.rejected()).isEqualTo(1);
    JsonNode manifest = days.manifest(node);
    assertThat(manifest.path("state").asText()).isEqualTo("complete");
    assertThat(manifest.path("close_reason").asText()).isEqualTo("requested");
    assertThat(manifest.path("partitions")).hasSize(3);
    assertThat(manifest.path("tables").get(0).path("columns").get(0).path("unit").asText())
        .isEqualTo("1/min");
    assertThat(days.rows(node, "model=pump/", "count(*), count(DISTINCT twin), sum(rpm)"))
        .containsExactly(List.of("30", "5", "435.0"));
    assertThat(days.rows(node, "tidy/", "twin, property, number"))
        .containsExactly(List.of("stray", "v", "1.0"));
    assertThat(
            days.sql(
                "SELECT d.state, d.dataset_id, d.object_key LIKE '%/_manifest.json', d.tags ->>"
                    + " 'completeness' FROM datasets.dataset d"))
        .containsExactly(
            List.of("available", String.valueOf(dump.datasetId()), "true", "complete"));
    assertThat(
            days.sql(
                "SELECT headers ->> 'ce_type', convert_from(payload, 'UTF8')::json ->> 'dataset_id'"
                    + " FROM outbox.message"))
        .containsExactly(List.of("dataset.available", String.valueOf(dump.datasetId())));
  }

  @Test
  void shouldGiveBackWhatATwinReported() throws Exception {
    Instant noon = days.noon;
    days.twin("pump-1", "pump");
    days.twin("pump-2", "pump");
    for (int i = 0; i < 50; i++) {
      days.event(
          "pump-1", "a" + i, noon.plusSeconds(i), "{\"rpm\":" + i + ",\"note\":\"n" + i + "\"}");
      days.event("pump-2", "b" + i, noon.plusSeconds(i), "{\"rpm\":-1}");
      days.event(
          "stray",
          "c" + i,
          noon.plusSeconds(i),
          "{\"v\":" + i + ".5,\"on\":true,\"w\":\"x\\\"y\"}");
    }
    WarehouseModule node = days.node();
    var unused = node.inside().begin(ClosedDays.ADA, days.pilot(), days.yesterday);
    assertThat(days.await(node, ended()).state()).isEqualTo(DumpState.COMPLETE);

    assertThat(read(node, "pump-1", Set.of("rpm"), noon.plusSeconds(10), noon.plusSeconds(13)))
        .containsExactly("rpm 10 10.0", "rpm 11 11.0", "rpm 12 12.0");
    assertThat(
            read(node, "pump-1", Set.of("rpm", "note"), noon.plusSeconds(49), noon.plusSeconds(60)))
        .as("what the model does not know is there as well")
        .containsExactly("note 49 \"n49\"", "rpm 49 49.0");
    assertThat(
            read(node, "stray", Set.of("v", "on", "w"), noon.plusSeconds(3), noon.plusSeconds(4)))
        .containsExactly("on 3 true", "v 3 3.5", "w 3 \"x\\\"y\"");
    assertThat(read(node, "stray", Set.of("v"), noon, noon.plusSeconds(3_600))).hasSize(50);
    assertThat(read(node, "nobody", Set.of("v"), noon, noon.plusSeconds(3_600))).isEmpty();
    assertThat(
            read(
                node,
                "stray",
                Set.of("v"),
                noon.plus(Duration.ofDays(1)),
                noon.plus(Duration.ofDays(2))))
        .isEmpty();
  }

  private List<String> read(
      WarehouseModule node, String twin, Set<String> properties, Instant from, Instant to) {
    List<String> values = new ArrayList<>();
    long noon = days.noon.getEpochSecond();
    node.closedDays()
        .read(
            days.pilotId,
            new TwinId(twin),
            properties,
            from,
            to,
            new org.pilothouse.warehouse.ClosedDays.Taker() {
              @Override
              public void number(String property, long micros, double value) {
                literal(property, micros, Double.toString(value));
              }

              @Override
              public void literal(String property, long micros, String literal) {
                values.add(property + " " + (micros / 1_000_000 - noon) + " " + literal);
              }
            });
    return values.stream().sorted().toList();
  }

  @Test
  void shouldCloseADayInWhichNothingCame() {
    WarehouseModule node = days.node();

    var unused = node.inside().begin(ClosedDays.ADA, days.pilot(), days.yesterday);
    Dump dump = days.await(node, ended());

    assertThat(dump.state()).as("%s", dump).isEqualTo(DumpState.COMPLETE);
    assertThat(dump.parts()).isZero();
  }

  @Test
  void shouldWriteOnlyTheFailedPartitionAgain() throws Exception {
    feed();
    Map<Integer, AtomicInteger> writes = new ConcurrentHashMap<>();
    WarehouseModule node =
        days.node(
            "one",
            Duration.ofSeconds(30),
            steps ->
                new AroundSteps(steps) {
                  @Override
                  public void write(RunClaim claim, int partition) {
                    int times =
                        writes
                            .computeIfAbsent(partition, n -> new AtomicInteger())
                            .incrementAndGet();
                    if (partition == 1 && times == 1) {
                      throw Problem.of(ProblemCode.UNAVAILABLE, "Object storage is away.");
                    }
                    super.write(claim, partition);
                  }
                },
            engine -> engine);

    var unused = node.inside().begin(ClosedDays.ADA, days.pilot(), days.yesterday);
    Dump dump = days.await(node, ended());

    assertThat(dump.state()).as("%s", dump).isEqualTo(DumpState.COMPLETE);
    assertThat(dump.attempts()).isEqualTo(2);
    assertThat(dump.events()).isEqualTo(31);
    assertThat(writes.get(1)).hasValue(2);
    assertThat(writes.get(0)).hasValue(1);
    assertThat(writes.get(2)).hasValue(1);
  }

  @Test
  void shouldFenceANodeThatWakesUpLate() throws Exception {
    feed();
    CountDownLatch asleep = new CountDownLatch(1);
    CountDownLatch awake = new CountDownLatch(1);
    List<Throwable> late = Collections.synchronizedList(new ArrayList<>());
    WarehouseModule sleeper =
        days.node(
            "sleeper",
            Duration.ofSeconds(2),
            steps ->
                new AroundSteps(steps) {
                  @Override
                  public void publish(RunClaim claim) {
                    asleep.countDown();
                    Waits.on(awake);
                    try {
                      super.publish(claim);
                    } catch (RuntimeException e) {
                      late.add(e);
                      throw e;
                    }
                  }
                },
            engine ->
                new AroundEngine(engine) {
                  @Override
                  public Outcome outcome(long execution) {
                    // Nothing is renewed while the process is stopped.
                    if (asleep.getCount() == 0) {
                      Waits.on(awake);
                    }
                    return super.outcome(execution);
                  }
                });
    var unused = sleeper.inside().begin(ClosedDays.ADA, days.pilot(), days.yesterday);
    assertThat(asleep.await(60, TimeUnit.SECONDS)).isTrue();

    WarehouseModule other = days.node();
    Dump dump = days.await(other, ended());
    List<List<String>> parts =
        days.sql("SELECT key, encode(checksum, 'hex') FROM warehouse.part ORDER BY 1");
    awake.countDown();

    org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !late.isEmpty());
    assertThat(late).allSatisfy(each -> assertThat(each).isInstanceOf(LeaseLost.class));
    assertThat(dump.state()).as("%s", dump).isEqualTo(DumpState.COMPLETE);
    assertThat(days.sql("SELECT fence, state FROM warehouse.dump"))
        .containsExactly(List.of("2", "complete"));
    assertThat(days.sql("SELECT count(*) FROM outbox.message")).containsExactly(List.of("1"));
    assertThat(days.sql("SELECT key, encode(checksum, 'hex') FROM warehouse.part ORDER BY 1"))
        .isEqualTo(parts);
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(
                    days.sql(
                        "SELECT count(*) FROM batch.job_execution WHERE batchstatus IN ('STARTED',"
                            + " 'STARTING')"))
                .containsExactly(List.of("0")));
  }

  @Test
  void shouldRunADayOnOneNodeOnly() throws Exception {
    feed();
    Map<String, AtomicInteger> plans = new ConcurrentHashMap<>();
    List<WarehouseModule> nodes = new ArrayList<>();
    for (String name : List.of("one", "two")) {
      nodes.add(
          days.node(
              name,
              Duration.ofSeconds(30),
              steps ->
                  new AroundSteps(steps) {
                    @Override
                    public void plan(RunClaim claim) {
                      plans.computeIfAbsent("all", n -> new AtomicInteger()).incrementAndGet();
                      super.plan(claim);
                    }
                  },
              engine -> engine));
    }

    for (WarehouseModule node : nodes) {
      var unused = node.inside().begin(ClosedDays.ADA, days.pilot(), days.yesterday);
    }
    Dump dump = days.await(nodes.getFirst(), ended());

    assertThat(dump.state()).isEqualTo(DumpState.COMPLETE);
    assertThat(plans.get("all")).hasValue(1);
    assertThat(days.sql("SELECT count(*) FROM batch.job_execution")).containsExactly(List.of("1"));
  }

  @Test
  void shouldSayWhatTheBackboneNoLongerHas() throws Exception {
    feed();
    days.drop(0, 2);
    WarehouseModule node = days.node();

    var unused = node.inside().begin(ClosedDays.ADA, days.pilot(), days.yesterday);
    Dump dump = days.await(node, ended());

    assertThat(dump.state()).as("%s", dump).isEqualTo(DumpState.INCOMPLETE);
    JsonNode missing = days.manifest(node).path("partitions").get(0).path("missing");
    assertThat(missing.toString()).isEqualTo("[{\"from_offset\":0,\"to_offset\":2}]");
    assertThat(days.text("SELECT tags ->> 'completeness' FROM datasets.dataset"))
        .isEqualTo("incomplete");
    assertThatThrownBy(() -> node.inside().restart(ClosedDays.ADA, days.pilotId, days.yesterday))
        .isInstanceOf(Problem.class);

    days.event("stray", "late", days.noon, "{\"v\":9}");
    var asked = node.inside().correct(ClosedDays.ADA, days.pilot(), days.yesterday, false);
    Dump correction = days.await(node, ended().and(newest -> newest.revision() == 2));
    assertThat(correction.state()).as("%s", correction).isEqualTo(DumpState.COMPLETE);
    assertThat(
            node.inside()
                .dumps()
                .wholes(days.pilotId, days.yesterday, days.yesterday)
                .get(days.yesterday)
                .incomplete())
        .as("what was missing stays so")
        .isTrue();
  }

  @Test
  void shouldTakeTheDayAsTheModelsAreWhenItCloses() throws Exception {
    days.twin("pump-0", "pump");
    days.twin("ghost", "gone");
    for (int i = 0; i < 300; i++) {
      // Until noon the property was called something else.
      String values = (i < 150 ? "{\"speed\":" : "{\"rpm\":") + i + "}";
      var unused =
          days.event(
              "pump-0",
              "e" + i,
              days.noon.plusSeconds(i - 150),
              i % 100 == 7 ? "{\"rpm\":\"fast\"}" : values);
    }
    var ofNoModel = days.event("ghost", "g", days.noon, "{\"rpm\":1}");
    var ofTomorrow = days.event("pump-0", "t", days.noon.plusSeconds(86_400), "{\"rpm\":1}");
    var ofLongAgo = days.event("pump-0", "l", Instant.EPOCH, "{\"rpm\":1}");
    WarehouseModule node = days.node();

    var unused = node.inside().begin(ClosedDays.ADA, days.pilot(), days.yesterday);
    Dump dump = days.await(node, ended());

    assertThat(dump.state()).as("%s", dump).isEqualTo(DumpState.COMPLETE);
    assertThat(dump.events()).isEqualTo(298);
    assertThat(dump.rejected()).isEqualTo(3);
    assertThat(days.rows(node, "model=pump/", "count(*), count(rpm), count(other_properties)"))
        .containsExactly(List.of("297", "149", "148"));
    assertThat(days.rows(node, "tidy/", "twin, property, number"))
        .containsExactly(List.of("ghost", "rpm", "1.0"));
  }

  private void feed() {
    for (int i = 0; i < 5; i++) {
      days.twin("pump-" + i, "pump");
    }
    for (int i = 0; i < 30; i++) {
      var unused =
          days.event(
              "pump-" + i % 5, "e" + i, days.noon.plusSeconds(100 - i), "{\"rpm\":" + i + "}");
    }
    var repeat = days.event("pump-0", "e0", days.noon.plusSeconds(200), "{\"rpm\":0}");
    var wrong = days.event("pump-1", "wrong", days.noon, "{\"rpm\":\"fast\"}");
    var other = days.event("pump-1", "today", days.noon.plusSeconds(86_400), "{\"rpm\":1}");
    var stray = days.event("stray", "s", days.noon, "{\"v\":1}");
  }

  private static java.util.function.Predicate<Dump> ended() {
    return dump -> dump.state() != DumpState.RUNNING;
  }
}
