package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.pilothouse.ctl.api.ApiProblem;

/**
 * What people do meanwhile: they send commands, desire changes and retire twins that report again
 * later. It remembers what the platform told them was done.
 */
final class TwinPeople implements AutoCloseable {
  static final List<String> RETURNING = List.of("phoenix-1", "phoenix-2");
  static final String LEAVING = "leaver-1";
  private static final long COMMAND_MILLIS = 250;
  private static final long WISH_MILLIS = 600;
  private static final long REPORT_MILLIS = 100;
  private static final int REPORTS_OF_A_LIFE = 40;

  private final Stack stack;
  private final Stack.Device reporter;
  private final String run;
  private final String pilot;
  private final List<String> actors;
  private final Map<String, Set<String>> commands = new ConcurrentHashMap<>();
  private final Map<String, Set<Long>> changes = new ConcurrentHashMap<>();
  private final Set<Long> reports = ConcurrentHashMap.newKeySet();
  private final AtomicLong nextReport = new AtomicLong();
  private final LongAdder retirements = new LongAdder();
  private final Map<String, LongAdder> troubles = new ConcurrentSkipListMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean ending;

  /**
   * @param reporter may report for any twin
   * @param actors the twins whose devices answer
   */
  TwinPeople(Stack stack, Stack.Device reporter, String run, List<String> actors) {
    this.stack = stack;
    this.reporter = reporter;
    this.run = run;
    this.pilot = "/api/v1/pilots/" + reporter.pilot();
    this.actors = actors;
  }

  void start() {
    threads.add(Thread.ofPlatform().name("commands").start(() -> until(this::command)));
    threads.add(Thread.ofPlatform().name("wishes").start(() -> until(this::wish)));
    for (String twin : RETURNING) {
      threads.add(Thread.ofPlatform().name(twin).start(() -> until(number -> live(twin))));
    }
    threads.add(Thread.ofPlatform().name(LEAVING).start(() -> once(() -> live(LEAVING))));
  }

  /** One of many. */
  private interface Deed {
    void act(long number) throws InterruptedException;
  }

  private interface Act {
    void act() throws InterruptedException;
  }

  private void until(Deed deed) {
    once(() -> {
      for (long number = 0; !ending; number++) {
        deed.act(number);
      }
    });
  }

  private static void once(Act act) {
    try {
      act.act();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void command(long number) throws InterruptedException {
    String twin = actors.get((int) (number % actors.size()));
    Orders.Order order = Orders.Order.of(number);
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("name", Orders.NAME);
    body.set("input", order.input());
    body.put("timeout_s", order.timeoutSeconds());
    try {
      JsonNode sent = stack.platform().post(pilot + "/twins/" + twin + "/commands", body);
      commands
          .computeIfAbsent(twin, key -> ConcurrentHashMap.newKeySet())
          .add(sent.path("command_id").asText());
    } catch (ApiProblem problem) {
      // Whether it was sent is not known, and sending it again would be another one.
      failed("command", problem);
    }
    Thread.sleep(COMMAND_MILLIS);
  }

  private void wish(long number) throws InterruptedException {
    String twin = actors.get((int) (number % actors.size()));
    ObjectNode change = JsonNodeFactory.instance.objectNode();
    ObjectNode desired = change.putObject("desired");
    desired.put("speed", number);
    if (number % 2 == 0) {
      desired.put("mode-" + number % 14, number);
    } else {
      desired.putNull("mode-" + (number * 3 + 1) % 14);
    }
    try {
      JsonNode changed = stack.platform().patch(pilot + "/twins/" + twin, change);
      changes
          .computeIfAbsent(twin, key -> ConcurrentHashMap.newKeySet())
          .add(changed.path("revision").asLong());
    } catch (ApiProblem problem) {
      failed("change", problem);
    }
    Thread.sleep(WISH_MILLIS);
  }

  /**
   * From the first report to the retirement. Nothing is reported while the twin is being retired,
   * so that nobody has to know which came first by microseconds.
   */
  private void live(String twin) throws InterruptedException {
    Instant last = Instant.now();
    for (int i = 0; i < REPORTS_OF_A_LIFE && !ending; i++) {
      last = Instant.now();
      report(twin, last);
      Thread.sleep(REPORT_MILLIS);
    }
    if (ending || !awaitStateOf(twin, last)) {
      return;
    }
    Thread.sleep(REPORT_MILLIS);
    boolean retired = false;
    while (!retired) {
      retired = isRetired(twin);
    }
    retirements.increment();
    Thread.sleep(REPORT_MILLIS);
    // These come late and do not bring it back.
    report(twin, last);
    report(twin, last.minusSeconds(5));
  }

  private void report(String twin, Instant time) throws InterruptedException {
    long number = nextReport.getAndIncrement();
    byte[] line =
        """
        {"id":"life-%s-%d","twin":"%s","time":"%s","values":{"count":%d,"p%d":true}}
        """
            .formatted(run, number, twin, time, number, number % 10)
            .getBytes(StandardCharsets.UTF_8);
    boolean accepted = false;
    while (!accepted) {
      try {
        accepted =
            stack.as(reporter).report(reporter.pilot(), line, line.length).path("accepted").asInt()
                == 1;
      } catch (ApiProblem problem) {
        failed("report", problem);
        Thread.sleep(REPORT_MILLIS * 3);
      }
    }
    reports.add(number);
  }

  /** There is a twin to be retired only once its reports are folded. */
  private boolean awaitStateOf(String twin, Instant reported) throws InterruptedException {
    while (!ending) {
      try {
        JsonNode state = stack.platform().get(pilot + "/twins/" + twin);
        if (state.at("/properties/count/time").asText().equals(reported.toString())) {
          return true;
        }
      } catch (ApiProblem problem) {
        failed("look", problem);
      }
      Thread.sleep(REPORT_MILLIS);
    }
    return false;
  }

  private boolean isRetired(String twin) throws InterruptedException {
    try {
      stack.platform().delete(pilot + "/twins/" + twin);
      return true;
    } catch (ApiProblem problem) {
      if (problem.status() == 404) {
        // It was there before, so an earlier attempt whose answer was lost did it.
        return true;
      }
      failed("retirement", problem);
      Thread.sleep(REPORT_MILLIS * 3);
      return false;
    }
  }

  private void failed(String what, ApiProblem problem) {
    troubles
        .computeIfAbsent(
            what + " " + problem.status() + " " + problem.code(), key -> new LongAdder())
        .increment();
  }

  /** By twin, the ids of the commands that were accepted. */
  Map<String, Set<String>> commands() {
    return commands;
  }

  /** By twin, the revisions that changes of what is desired came to. */
  Map<String, Set<Long>> changes() {
    return changes;
  }

  /** The numbers of the acknowledged reports of the twins that are retired. */
  Set<Long> reports() {
    return reports;
  }

  long retirements() {
    return retirements.sum();
  }

  Map<String, Long> troubles() {
    Map<String, Long> counts = new TreeMap<>();
    troubles.forEach((what, count) -> counts.put(what, count.sum()));
    return counts;
  }

  /** Ends what was begun; false when that took too long. */
  boolean drain(long longestMillis) throws InterruptedException {
    ending = true;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(longestMillis);
    for (Thread thread : threads) {
      thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
    }
    return threads.stream().noneMatch(Thread::isAlive);
  }

  @Override
  public void close() {
    ending = true;
    threads.forEach(Thread::interrupt);
  }
}
