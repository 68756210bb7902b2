package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.pilothouse.ctl.api.ApiProblem;

/**
 * One fault, many times, under load; then the ledger is held against the backbone and against what
 * people see.
 */
final class Scenario {
  static final String PILOT = "chaos";
  private static final Duration LONGEST_RECOVERY = Duration.ofSeconds(180);
  private static final Duration LONGEST_SETTLING = Duration.ofSeconds(180);

  /**
   * @param lost acknowledged and not on the backbone
   * @param doubled records of the backbone that repeat an event; allowed there, not where people
   *     see
   * @param streamTwice shown twice by the live stream
   * @param streamMissing acknowledged and not shown by it
   * @param counted what the overview counted, of {@code present} different events on the backbone
   */
  record Verdict(
      String name,
      int faults,
      long attempted,
      long acknowledged,
      long byMqtt,
      long present,
      long lost,
      long doubled,
      long streamTwice,
      long streamMissing,
      long streamGaps,
      long streamCuts,
      long counted,
      double recoveryMedianSeconds,
      double recoveryLongestSeconds,
      boolean cameBack,
      Map<String, Long> unacknowledged,
      boolean pass)
      implements Outcome {
    @Override
    public long twice() {
      return streamTwice;
    }

    @Override
    public long notShown() {
      return streamMissing;
    }

    @Override
    public long miscounted() {
      return counted - present;
    }
  }

  private final String name;
  private final Stack stack;
  private final Fault fault;
  private final int times;
  private final URI http;
  private final URI mqtt;
  private final double httpRate;
  private final double mqttRate;
  private final Random random;

  Scenario(
      String name,
      Stack stack,
      Fault fault,
      int times,
      URI http,
      URI mqtt,
      double httpRate,
      double mqttRate,
      long seed) {
    this.name = name;
    this.stack = stack;
    this.fault = fault;
    this.times = times;
    this.http = http;
    this.mqtt = mqtt;
    this.httpRate = httpRate;
    this.mqttRate = mqttRate;
    this.random = new Random(seed);
  }

  Verdict run() throws Exception {
    List<Stack.Device> devices = new ArrayList<>();
    devices.add(stack.device(PILOT, "chaos-http"));
    devices.add(stack.device(PILOT, "chaos-mqtt-1"));
    devices.add(stack.device(PILOT, "chaos-mqtt-2"));
    String run = Long.toString(System.currentTimeMillis(), 36);
    Path ledgerFile = directory().resolve(name + "-" + run + ".ledger");
    Recoveries recoveries = new Recoveries();
    boolean cameBack = true;
    long before = counted();
    try (Backbone backbone = new Backbone(stack, Stack.telemetryTopic(PILOT), run);
        Stream stream = new Stream(stack, PILOT, run);
        Ledger ledger = new Ledger(ledgerFile);
        Load load = new Load(run, Load.PLAIN, ledger, http, mqtt, httpRate, mqttRate)) {
      awaitOrFail("the live stream", LONGEST_RECOVERY, stream::connected);
      load.start(devices);
      awaitOrFail("the first acknowledgements", LONGEST_RECOVERY, () -> ledger.count() > 1_000);
      for (int i = 1; i <= times && cameBack; i++) {
        Thread.sleep(2_000 + random.nextInt(6_000));
        Map<String, OptionalLong> killed =
            fault instanceof Fault.Kill kill ? stack.pids(kill.processes()) : Map.of();
        long begin = System.nanoTime();
        fault.inject(stack);
        long over = fault instanceof Fault.Kill ? begin : System.nanoTime();
        cameBack =
            await(LONGEST_RECOVERY, () -> stack.isUpAnew(killed))
                && awaitAcknowledgements(load, System.nanoTime());
        double recovery = recoveries.since(over);
        IngestHttp.say(
            "  %s %d of %d: back after %.1f s, %,d acknowledged",
            name, i, times, recovery, ledger.count());
      }
      Thread.sleep(2_000);
      boolean drained = load.drain(LONGEST_RECOVERY.toMillis());
      if (!drained) {
        IngestHttp.say("  not everything that was begun could be acknowledged");
      }
      ledger.close();
      BitSet acknowledged = ledger.read();
      // MQTT acknowledges what the broker has; the bridge may still be bringing it.
      await(LONGEST_SETTLING, () -> missing(acknowledged, backbone.read()) == 0);
      BitSet present = backbone.read();
      await(LONGEST_SETTLING, () -> missing(present, stream.seen()) == 0 || stream.gaps() > 0);
      await(Duration.ofSeconds(60), () -> counted() - before == present.cardinality());
      long lost = missing(acknowledged, present);
      long counted = counted() - before;
      long streamMissing = missing(acknowledged, stream.seen());
      boolean pass =
          lost == 0
              && cameBack
              && drained
              && stream.twice() == 0
              && streamMissing == 0
              && counted == present.cardinality();
      return new Verdict(
          name,
          recoveries.count(),
          load.attempted(),
          acknowledged.cardinality(),
          load.byMqtt(),
          present.cardinality(),
          lost,
          backbone.records() - present.cardinality(),
          stream.twice(),
          streamMissing,
          stream.gaps(),
          stream.cuts(),
          counted,
          recoveries.median(),
          recoveries.longest(),
          cameBack,
          load.unacknowledged(),
          pass);
    }
  }

  /** Both doors have acknowledged since. */
  static boolean awaitAcknowledgements(Load load, long since) throws InterruptedException {
    return await(
        LONGEST_RECOVERY,
        () -> load.lastHttp() > since && (!load.usesMqtt() || load.lastMqtt() > since));
  }

  private long counted() throws InterruptedException {
    for (int attempt = 0; ; attempt++) {
      try {
        return stack
            .platform()
            .get("/api/v1/pilots/" + PILOT + "/overview")
            .path("total_24h")
            .asLong();
      } catch (ApiProblem problem) {
        if (attempt > 60) {
          throw problem;
        }
        if (problem.status() == 401) {
          stack.signInAgain();
        }
        Thread.sleep(1_000);
      }
    }
  }

  static long missing(BitSet wanted, BitSet there) {
    BitSet missing = (BitSet) wanted.clone();
    missing.andNot(there);
    return missing.cardinality();
  }

  /** A question that may fail while the platform is disturbed. */
  interface Condition {
    boolean holds() throws Exception;
  }

  static boolean await(Duration longest, Condition condition) throws InterruptedException {
    long end = System.nanoTime() + longest.toNanos();
    while (System.nanoTime() < end) {
      try {
        if (condition.holds()) {
          return true;
        }
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        // Asked again.
      }
      Thread.sleep(200);
    }
    return false;
  }

  static void awaitOrFail(String what, Duration longest, Condition condition)
      throws InterruptedException {
    if (!await(longest, condition)) {
      throw new IllegalStateException(what + " did not come within " + longest.toSeconds() + " s");
    }
  }

  static Path directory() throws IOException {
    return Files.createDirectories(Stack.repository().resolve("target/chaos"));
  }

  static Path write(Outcome verdict) throws IOException {
    Path file = directory().resolve(verdict.name() + ".json");
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("at", java.time.Instant.now().toString());
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    document.putAll(json.convertValue(verdict, LinkedHashMap.class));
    json.writeValue(file.toFile(), document);
    return file;
  }
}
