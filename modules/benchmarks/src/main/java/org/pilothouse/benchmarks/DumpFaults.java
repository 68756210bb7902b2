package org.pilothouse.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.pilothouse.benchmarks.Findings.Group;

/**
 * Faults in the middle of the closing of a day, one a run; then the day's files must be the same,
 * byte by byte, as those of a run that nobody disturbed.
 */
final class DumpFaults {
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(4);
  private static final long RECORDS = 400_000;

  /** Longer than a lease, and than any call of the platform to the store may take. */
  private static final Duration STOPPED = Duration.ofSeconds(70);

  private static final int LONGEST_BEFORE_MILLIS = 1_500;

  /**
   * @param acknowledged records on the topic
   */
  record Verdict(
      String name,
      int faults,
      long acknowledged,
      long lost,
      long twice,
      long notShown,
      long miscounted,
      Map<String, Long> findings,
      Map<String, List<String>> examples,
      double recoveryMedianSeconds,
      double recoveryLongestSeconds,
      boolean pass)
      implements Outcome {}

  private final String name;
  private final Stack stack;
  private final List<Fault> faults;
  private final int times;
  private final Random random;

  /**
   * @param faults by turns
   */
  DumpFaults(String name, Stack stack, List<Fault> faults, int times, long seed) {
    this.name = name;
    this.stack = stack;
    this.faults = List.copyOf(faults);
    this.times = times;
    this.random = new Random(seed);
  }

  /** Whoever holds the lease stops for longer than it lasts, and wakes up; so does the store. */
  static List<Fault> usual() {
    return List.of(
        new Fault.Kill("pilothouse"),
        new Fault.Kill("s3"),
        new Fault.Kill("kafka"),
        new Fault.Kill("postgres"),
        new Fault.Stop("s3", STOPPED),
        new Fault.Stop("pilothouse", STOPPED));
  }

  /** The deployable's clock, ahead and behind, as it runs and as it starts. */
  static List<Fault> clocks(Path clock) {
    return List.of(
        new Fault.Skew(clock, "+2h"),
        new Fault.Kill("pilothouse"),
        new Fault.Skew(clock, "-2h"),
        new Fault.Kill("pilothouse"));
  }

  Verdict run() throws Exception {
    Findings findings = new Findings();
    Recoveries recoveries = new Recoveries();
    FedDay day =
        FedDay.of(stack, "chaos-days-" + Long.toString(System.currentTimeMillis(), 36), RECORDS);
    day.closeUndisturbed(findings);
    for (int i = 0; i < times; i++) {
      Fault fault = faults.get(i % faults.size());
      day.beginAgain();
      day.untilAt("write");
      Thread.sleep(random.nextInt(LONGEST_BEFORE_MILLIS));
      Map<String, OptionalLong> before = stack.pids(fault.ends());
      long begin = System.nanoTime();
      fault.inject(stack);
      Scenario.awaitOrFail(fault.target(), LONGEST_WAIT, () -> stack.isUpAnew(before));
      day.untilClosed(findings);
      double took = recoveries.since(begin);
      day.judge(fault.target(), findings);
      IngestHttp.say("  %d of %d, %s: closed after %.1f s", i + 1, times, fault.target(), took);
    }
    day.judgePointers(findings);
    findings.tell();
    return new Verdict(
        name,
        recoveries.count(),
        day.sent(),
        findings.of(Group.LOST),
        findings.of(Group.TWICE),
        findings.of(Group.NOT_SHOWN),
        findings.of(Group.MISCOUNTED),
        findings.counts(),
        findings.examples(),
        recoveries.median(),
        recoveries.longest(),
        findings.isEmpty());
  }
}
