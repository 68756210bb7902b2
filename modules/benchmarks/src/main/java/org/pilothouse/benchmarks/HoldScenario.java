package org.pilothouse.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.pilothouse.benchmarks.Findings.Group;
import org.pilothouse.benchmarks.Findings.Kind;

/**
 * Faults by turns while files are sent, completed, withdrawn and brought back; then the ledger of
 * what was acknowledged, the pointers on the backbone, the catalogue and the objects are held
 * against each other. Each run has a pilot of its own.
 */
final class HoldScenario {
  /** Longer than any call of the platform to the store may take. */
  private static final Duration STOPPED = Duration.ofSeconds(40);

  private static final int UPLOADERS = 3;
  private static final List<Uploader.Promise> SEEN =
      List.of(Uploader.Promise.AVAILABLE, Uploader.Promise.QUARANTINED, Uploader.Promise.WITHDRAWN);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(4);

  /**
   * @param pointers events on the topic
   * @param findings how often something was not as it must be, by kind
   * @param examples the first of each kind
   */
  record Verdict(
      String name,
      int faults,
      long acknowledged,
      long available,
      long quarantined,
      long withdrawn,
      long pointers,
      long lost,
      long twice,
      long notShown,
      long miscounted,
      Map<String, Long> findings,
      Map<String, List<String>> examples,
      double recoveryMedianSeconds,
      double recoveryLongestSeconds,
      boolean cameBack,
      boolean pass)
      implements Outcome {}

  /** Looks at what one scenario alone is about. */
  @FunctionalInterface
  interface Watch {
    void atEnd(Findings findings, Map<String, List<HoldJudge.Told>> topic);

    /** Called before the first fault. */
    default void begin(String pilot) {}

    /** Called after each fault, when all is back. */
    default void look(Fault fault) throws Exception {}
  }

  private final String name;
  private final Stack stack;
  private final Watch watch;
  private final FaultyProxy store;
  private final List<Fault> faults;
  private final int times;
  private final Random random;
  private final long seed;
  private final String pilot = "chaos-hold-" + Long.toString(System.currentTimeMillis(), 36);

  /**
   * @param store carries the parts
   * @param faults by turns
   */
  HoldScenario(
      String name, Stack stack, FaultyProxy store, List<Fault> faults, int times, long seed) {
    this(name, stack, store, faults, times, seed, (findings, topic) -> {});
  }

  /**
   * @param watch sees more than the usual judge
   */
  HoldScenario(
      String name,
      Stack stack,
      FaultyProxy store,
      List<Fault> faults,
      int times,
      long seed,
      Watch watch) {
    this.watch = watch;
    this.name = name;
    this.stack = stack;
    this.store = store;
    this.faults = List.copyOf(faults);
    this.times = times;
    this.seed = seed;
    this.random = new Random(seed);
  }

  /** Of the deployable, object storage and PostgreSQL. */
  static List<Fault> usual(FaultyProxy store, Random random) {
    return List.of(
        new Fault.Kill("pilothouse"),
        new Fault.Kill("s3"),
        new Fault.Resets(List.of(store), random),
        new Fault.Kill("postgres"),
        new Fault.Kill(List.of("pilothouse", "s3")),
        new Fault.Stop("s3", STOPPED));
  }

  /** The deployable's, ahead and behind, set while it runs and as it starts. */
  static List<Fault> clocks(Path clock) {
    return List.of(
        new Fault.Skew(clock, "+2h"),
        new Fault.Kill("pilothouse"),
        new Fault.Skew(clock, "-2h"),
        new Fault.Kill(List.of("pilothouse", "s3")),
        new Fault.Kill("postgres"),
        new Fault.Skew(clock, "+0h"));
  }

  Verdict run() throws Exception {
    stack.pilot(pilot, 1);
    watch.begin(pilot);
    List<Uploader> uploaders = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < UPLOADERS; i++) {
      Uploader uploader = new Uploader(stack, store.uri(), pilot, seed + i);
      uploaders.add(uploader);
      threads.add(Thread.ofPlatform().name("upload-" + i).start(uploader));
    }
    Scenario.awaitOrFail(
        "the first uploads", LONGEST_WAIT, () -> ledger(uploaders).size() >= UPLOADERS);
    Recoveries recoveries = new Recoveries();
    boolean cameBack = disturb(uploaders, recoveries);
    uploaders.forEach(Uploader::end);
    for (Thread thread : threads) {
      cameBack &= thread.join(LONGEST_WAIT);
    }
    HoldJudge judge = new HoldJudge(stack, pilot);
    Findings findings = judge.findings();
    uploaders.stream()
        .map(Uploader::trouble)
        .filter(trouble -> !trouble.isEmpty())
        .forEach(trouble -> findings.add(Kind.LOST_DATASET, "gave up: " + trouble));
    Map<String, Uploader.Entry> ledger = ledger(uploaders);
    Map<String, List<HoldJudge.Told>> topic = judge.judge(ledger);
    watch.atEnd(findings, topic);
    findings.tell();
    return new Verdict(
        name,
        recoveries.count(),
        ledger.size(),
        HoldJudge.of(ledger, Uploader.Promise.AVAILABLE),
        HoldJudge.of(ledger, Uploader.Promise.QUARANTINED),
        HoldJudge.of(ledger, Uploader.Promise.WITHDRAWN),
        topic.values().stream().mapToLong(List::size).sum(),
        findings.of(Group.LOST),
        findings.of(Group.TWICE),
        findings.of(Group.NOT_SHOWN),
        findings.of(Group.MISCOUNTED),
        findings.counts(),
        findings.examples(),
        recoveries.median(),
        recoveries.longest(),
        cameBack,
        findings.isEmpty() && cameBack && hasSeenAll(ledger));
  }

  private boolean disturb(List<Uploader> uploaders, Recoveries recoveries) throws Exception {
    for (int i = 0; i < times; i++) {
      Thread.sleep(2_000 + random.nextInt(6_000));
      Fault fault = faults.get(i % faults.size());
      Map<String, OptionalLong> before = stack.pids(fault.ends());
      fault.inject(stack);
      long begin = System.nanoTime();
      boolean cameBack = Scenario.await(LONGEST_WAIT, () -> stack.isUpAnew(before));
      long up = System.nanoTime();
      cameBack &=
          Scenario.await(LONGEST_WAIT, () -> uploaders.stream().anyMatch(each -> each.last() > up));
      double recovery = recoveries.since(begin);
      IngestHttp.say(
          "  %s %d of %d (%s): back after %.1f s, %,d acknowledged",
          name, i + 1, times, fault.target(), recovery, ledger(uploaders).size());
      if (!cameBack) {
        return false;
      }
      watch.look(fault);
    }
    return true;
  }

  private static Map<String, Uploader.Entry> ledger(List<Uploader> uploaders) {
    Map<String, Uploader.Entry> all = new TreeMap<>();
    uploaders.forEach(each -> all.putAll(each.ledger()));
    return all;
  }

  /** A run in which something never came up has shown nothing about it. */
  private static boolean hasSeenAll(Map<String, Uploader.Entry> ledger) {
    for (Uploader.Promise promise : SEEN) {
      if (HoldJudge.of(ledger, promise) == 0) {
        IngestHttp.say("  the run was too short: nothing was " + promise);
        return false;
      }
    }
    return true;
  }
}
