package org.pilothouse.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.pilothouse.benchmarks.Findings.Group;

/**
 * {@code kill -9} of the deployable at every step of the closing of a day: it is held there, ended
 * from outside, and started again; then the day's files must be the same, byte by byte, as those of
 * a run that nobody disturbed.
 */
final class DumpSteps {
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(4);
  private static final long RECORDS = 30_000;

  /** Each step of the deployable is here, or the scenario does not begin. */
  static final List<String> STEPS =
      List.of(
          "run_claimed",
          "execution_begun",
          "dataset_opened",
          "plan_frozen",
          "file_stored",
          "partition_stored",
          "partition_noted",
          "verified",
          "parts_read_back",
          "manifest_stored",
          "published");

  /**
   * @param acknowledged records on the topic
   * @param steps how often the deployable was ended at each
   */
  record Verdict(
      String name,
      int faults,
      Map<String, Integer> steps,
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
  private final Path holdAt;
  private final List<String> wanted;
  private final int times;
  private final Map<String, Integer> ended = new LinkedHashMap<>();

  /**
   * @param holdAt the directory that the deployable looks into
   * @param wanted the steps to end it at; all where none is named
   * @param times how often it is ended at each step
   */
  DumpSteps(String name, Stack stack, Path holdAt, List<String> wanted, int times) {
    this.name = name;
    this.stack = stack;
    this.holdAt = holdAt;
    this.wanted = wanted.isEmpty() ? STEPS : List.copyOf(wanted);
    this.times = times;
  }

  Verdict run() throws Exception {
    List<String> steps = Files.readAllLines(holdAt.resolve("steps"));
    if (!new HashSet<>(steps).equals(new HashSet<>(STEPS))) {
      throw new IllegalStateException(
          "the deployable has the steps " + steps + ", this scenario comes to " + STEPS);
    }
    Findings findings = new Findings();
    Recoveries recoveries = new Recoveries();
    FedDay day =
        FedDay.of(stack, "chaos-days-" + Long.toString(System.currentTimeMillis(), 36), RECORDS);
    day.closeUndisturbed(findings);
    day.beginAgain();
    day.untilClosed(findings);
    day.judge("nothing", findings);
    for (int i = 0; i < times; i++) {
      for (String step : wanted) {
        endAt(step, day, recoveries, findings);
      }
    }
    day.judgePointers(findings);
    findings.tell();
    return new Verdict(
        name,
        recoveries.count(),
        ended,
        day.sent(),
        findings.of(Group.LOST),
        findings.of(Group.TWICE),
        findings.of(Group.NOT_SHOWN),
        findings.of(Group.MISCOUNTED),
        findings.counts(),
        findings.examples(),
        recoveries.median(),
        recoveries.longest(),
        findings.isEmpty() && ended.size() == wanted.size());
  }

  private void endAt(String step, FedDay day, Recoveries recoveries, Findings findings)
      throws Exception {
    HoldSteps.hold(holdAt, step);
    day.beginAgain();
    HoldSteps.awaitHeld(holdAt, step);
    Fault kill = new Fault.Kill("pilothouse");
    Map<String, OptionalLong> before = stack.pids(kill.ends());
    kill.inject(stack);
    long begin = System.nanoTime();
    Scenario.awaitOrFail("the deployable", LONGEST_WAIT, () -> stack.isUpAnew(before));
    // Not before: the thread that is held would go on while the process ends.
    Files.delete(HoldSteps.heldAt(holdAt, step));
    ended.merge(step, 1, Integer::sum);
    day.untilClosed(findings);
    double took = recoveries.since(begin);
    day.judge("kill -9 at " + step, findings);
    IngestHttp.say(
        "  ended at %s: closed after %.1f s, %s",
        step, took, findings.isEmpty() ? "the same bytes" : findings.counts());
  }
}
