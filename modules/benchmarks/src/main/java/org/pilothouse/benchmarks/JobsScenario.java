package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.pilothouse.benchmarks.Findings.Group;
import org.pilothouse.benchmarks.Findings.Kind;
import org.pilothouse.ctl.api.ApiProblem;

/**
 * Faults by turns while jobs are asked for and done by two nodes: the deployable, RabbitMQ and
 * PostgreSQL are killed, and a worker is stopped past its leases and goes on. Then the ledger of
 * what was acknowledged is held against what people see: each job has ended, once, with the result
 * of the one attempt that succeeded; and every end that came too late was refused and counted.
 */
final class JobsScenario {
  /** What the stack must be started with. */
  static final Map<String, String> SETTINGS =
      Map.of(
          "PILOTHOUSE_JOBS_NOOP", "true",
          "PILOTHOUSE_JOBS_LEASE", "PT5S",
          "PILOTHOUSE_JOBS_FIRST_RETRY", "PT1S");

  private static final Duration STOPPED = Duration.ofSeconds(9);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private static final int PEOPLE = 4;
  private static final int LONGEST_JOB_MILLIS = 2_500;

  private static final List<Turn> TURNS = List.of(Turn.values());

  /** What is done. */
  private enum Turn {
    DEPLOYABLE,
    STOP_WORKER,
    BROKER,
    STORE;

    String process() {
      return switch (this) {
        case DEPLOYABLE -> "pilothouse";
        case BROKER -> "rabbitmq";
        case STORE -> "postgres";
        case STOP_WORKER -> SecondNode.NAME;
      };
    }
  }

  /**
   * @param acknowledged jobs
   * @param attempts at them
   * @param lostAttempts of workers that were not heard of
   * @param fenced ends that came too late
   */
  record Verdict(
      String name,
      int faults,
      long acknowledged,
      long attempts,
      long lostAttempts,
      long fenced,
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

  private final String name;
  private final Stack stack;
  private final SecondNode second;
  private final int times;
  private final long least;
  private final Random random;
  private final String pilot = "chaos-jobs-" + Long.toString(System.currentTimeMillis(), 36);
  private final String jobs = "/api/v1/pilots/" + pilot + "/jobs";
  private final Findings findings = new Findings();
  private final Path ledger;
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());
  private volatile boolean ended;

  /**
   * @param times of each fault
   * @param least jobs there must be before it ends
   */
  JobsScenario(String name, Stack stack, SecondNode second, int times, long least, long seed)
      throws IOException {
    this.name = name;
    this.stack = stack;
    this.second = second;
    this.times = times;
    this.least = least;
    this.random = new Random(seed);
    this.ledger = Scenario.directory().resolve(name + "-" + pilot + ".ledger");
  }

  Verdict run() throws Exception {
    stack.pilot(pilot, 1);
    Files.writeString(ledger, "");
    List<Thread> people = new ArrayList<>();
    for (int i = 0; i < PEOPLE; i++) {
      Random own = new Random(random.nextLong());
      people.add(Thread.ofPlatform().name("people-" + i).start(() -> ask(own)));
    }
    Scenario.awaitOrFail("the first jobs", LONGEST_WAIT, () -> acknowledged().size() > 20);
    Recoveries recoveries = new Recoveries();
    boolean cameBack = disturb(recoveries);
    Scenario.awaitOrFail("enough jobs", LONGEST_WAIT, () -> acknowledged().size() >= least);
    ended = true;
    for (Thread thread : people) {
      cameBack &= thread.join(LONGEST_WAIT);
    }
    Set<String> acknowledged = acknowledged();
    boolean settled = Scenario.await(LONGEST_WAIT, () -> waiting() == 0);
    if (!settled) {
      IngestHttp.say("  not all jobs have come to an end");
    }
    // The last that were taken from a stopped worker come back to it within moments.
    boolean counted = Scenario.await(LONGEST_WAIT, () -> fencedRows() == second.fenced());
    return verdict(acknowledged, recoveries, cameBack && settled && counted);
  }

  /** One job after the other, each as often as it takes with one key. */
  private void ask(Random own) {
    while (!ended) {
      long number = numbers.incrementAndGet();
      ObjectNode body = JsonNodeFactory.instance.objectNode().put("type", "noop");
      body.putObject("parameters").put("millis", own.nextInt(LONGEST_JOB_MILLIS));
      Map<String, String> key = Map.of("Idempotency-Key", "n-" + number);
      long begun = System.nanoTime();
      while (true) {
        try {
          JsonNode job = stack.platform().post(jobs, body, key);
          note(job.path("job_id").asText());
          lastNanos.set(System.nanoTime());
          break;
        } catch (ApiProblem problem) {
          if (problem.status() == 401) {
            signInAgain();
          }
          if (System.nanoTime() - begun > LONGEST_WAIT.toNanos()) {
            synchronized (findings) {
              findings.add(Kind.TURNED_AWAY, "n-" + number + ": " + problem.getMessage());
            }
            return;
          }
          if (!rested(500)) {
            return;
          }
        }
      }
      if (!rested(own.nextInt(150))) {
        return;
      }
    }
  }

  private void signInAgain() {
    try {
      stack.signInAgain();
    } catch (ApiProblem e) {
      // Tried again with the next request.
    }
  }

  private static boolean rested(long millis) {
    try {
      Thread.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private synchronized void note(String job) {
    try {
      Path unused = Files.writeString(ledger, job + "\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new IllegalStateException("the ledger cannot be written", e);
    }
  }

  private synchronized Set<String> acknowledged() throws IOException {
    return new HashSet<>(Files.readAllLines(ledger));
  }

  private boolean disturb(Recoveries recoveries) throws Exception {
    for (int i = 0; i < times * TURNS.size(); i++) {
      Thread.sleep(2_000 + random.nextInt(5_000));
      Turn turn = TURNS.get(i % TURNS.size());
      long begin = System.nanoTime();
      if (turn == Turn.STOP_WORKER) {
        Scenario.awaitOrFail("work for the second node", LONGEST_WAIT, () -> itsOwn() > 0);
        Fault.pause(second.pid(), STOPPED);
      } else {
        Fault.Kill kill = new Fault.Kill(turn.process());
        Map<String, OptionalLong> before = stack.pids(kill.ends());
        kill.inject(stack);
        if (!Scenario.await(LONGEST_WAIT, () -> stack.isUpAnew(before))) {
          return false;
        }
      }
      long up = System.nanoTime();
      if (!Scenario.await(LONGEST_WAIT, () -> lastNanos.get() > up)) {
        return false;
      }
      double recovery = recoveries.since(begin);
      IngestHttp.say(
          "  %s %d of %d (%s): back after %.1f s, %,d acknowledged",
          name, i + 1, times * TURNS.size(), turn.process(), recovery, acknowledged().size());
    }
    return true;
  }

  private long number(String sql, Object... values) throws SQLException {
    try (Store store = Store.ofPilot(stack, pilot)) {
      return store.number(sql, values);
    }
  }

  private long waiting() throws SQLException {
    return number("SELECT count(*) FROM jobs.job WHERE finished_at IS NULL");
  }

  private long itsOwn() throws SQLException {
    return number(
        "SELECT count(*) FROM jobs.job WHERE state = 'running' AND node = ?", SecondNode.NAME);
  }

  private long fencedRows() throws SQLException {
    return number(
        "SELECT count(*) FROM jobs.attempt WHERE outcome = 'fenced' AND node = ?", SecondNode.NAME);
  }

  private Verdict verdict(Set<String> acknowledged, Recoveries recoveries, boolean cameBack)
      throws Exception {
    Set<String> seen = new HashSet<>();
    for (JsonNode job : stack.platform().list(jobs + "?limit=500")) {
      judge(job, acknowledged);
      seen.add(job.path("job_id").asText());
    }
    for (String job : acknowledged) {
      if (!seen.contains(job)) {
        findings.add(Kind.LOST_JOB, job);
      }
    }
    long twice =
        number(
            "SELECT count(*) FROM (SELECT job_id FROM jobs.attempt WHERE outcome = 'succeeded' GROUP"
                + " BY job_id HAVING count(*) > 1) t");
    long elsewhere =
        number(
            "SELECT count(*) FROM jobs.job j WHERE state = 'succeeded' AND NOT EXISTS (SELECT 1 FROM"
                + " jobs.attempt a WHERE a.job_id = j.job_id AND a.outcome = 'succeeded' AND"
                + " a.attempt = (j.result_summary::json->>'attempt')::int)");
    long open = number("SELECT count(*) FROM jobs.attempt WHERE outcome IS NULL");
    for (long i = 0; i < twice; i++) {
      findings.add(Kind.JOB_TWICE, "a job with two results");
    }
    for (long i = 0; i < elsewhere; i++) {
      findings.add(Kind.WRONG_RESULT, "a result that is not of the attempt that succeeded");
    }
    for (long i = 0; i < open; i++) {
      findings.add(Kind.WRONG_RESULT, "an attempt without an end");
    }
    long fenced = fencedRows();
    if (fenced != second.fenced()) {
      findings.add(
          Kind.WRONG_FENCES, fenced + " attempts are fenced, counted are " + second.fenced());
    }
    findings.tell();
    if (fenced == 0) {
      IngestHttp.say("  the run was too short: no end came too late");
    }
    return new Verdict(
        name,
        recoveries.count(),
        acknowledged.size(),
        number("SELECT count(*) FROM jobs.attempt"),
        number("SELECT count(*) FROM jobs.attempt WHERE outcome = 'lost'"),
        fenced,
        findings.of(Group.LOST),
        findings.of(Group.TWICE),
        findings.of(Group.NOT_SHOWN),
        findings.of(Group.MISCOUNTED),
        findings.counts(),
        findings.examples(),
        recoveries.median(),
        recoveries.longest(),
        cameBack,
        findings.isEmpty() && cameBack && fenced > 0);
  }

  private void judge(JsonNode job, Set<String> acknowledged) {
    String id = job.path("job_id").asText();
    if (!acknowledged.contains(id)) {
      // Whoever asked has asked until there was an answer: that one is another's.
      findings.add(Kind.JOB_TWICE, id + " was never acknowledged");
    }
    if (!job.path("state").asText().equals("succeeded")) {
      findings.add(
          Kind.LOST_JOB, id + " is " + job.path("state").asText() + " " + job.path("error"));
    } else if (!job.path("result").path("summary").hasNonNull("attempt")) {
      findings.add(Kind.WRONG_RESULT, id + " has no result");
    }
  }
}
