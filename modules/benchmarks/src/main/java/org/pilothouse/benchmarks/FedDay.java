package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.pilothouse.benchmarks.Findings.Kind;
import org.pilothouse.ctl.api.ApiProblem;

/**
 * A day of a pilot of its own, put on the backbone once, with a ledger of what belongs into its
 * files; it can be closed again and again. The day is one on which the pilot's clocks skipped an
 * hour. Some events come twice, some are of other days, and of one in a hundred no row can be made.
 */
final class FedDay {
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  private static final int MACHINES = 40;

  /** Those beyond the machines follow no model. */
  private static final int TWINS = 50;

  private static final int POISON_EVERY = 100;
  private static final int AGAIN_EVERY = 97;
  private static final int OTHER_DAY_EVERY = 211;
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(6);

  private final Stack stack;
  private final String pilot;
  private final LocalDate date;
  private final Set<String> events = new HashSet<>();
  private final Set<String> poison = new HashSet<>();
  private final SortedMap<String, String> undisturbed = new TreeMap<>();
  private final Set<String> datasets = new HashSet<>();
  private long sent;

  private FedDay(Stack stack, String pilot) {
    this.stack = stack;
    this.pilot = pilot;
    this.date =
        Objects.requireNonNull(springForward(Instant.now().minus(2, ChronoUnit.DAYS)), "no summer");
  }

  /** The last day before on which clocks went forward. */
  private static LocalDate springForward(Instant before) {
    var change = ZONE.getRules().previousTransition(before);
    while (!change.isGap()) {
      change = ZONE.getRules().previousTransition(change.getInstant());
    }
    return change.getDateTimeBefore().toLocalDate();
  }

  /** Makes the pilot and its machines, and puts so many records on its topic. */
  static FedDay of(Stack stack, String pilot, long records) throws Exception {
    FedDay day = new FedDay(stack, pilot);
    var body = JsonNodeFactory.instance.objectNode();
    body.put("pilot_id", pilot);
    body.put("name", "Chaos: " + pilot);
    body.put("time_zone", ZONE.getId());
    body.putObject("retention").put("telemetry_days", 1);
    var unused = stack.platform().post("/api/v1/pilots", body);
    MachineModel.introduce(stack, pilot, MACHINES);
    WarehouseDump.untilToldOf(stack, pilot, MACHINES);
    day.feed(records);
    // Those that nobody made are told of once their states are kept; later plans would name more.
    WarehouseDump.untilToldOf(stack, pilot, TWINS);
    return day;
  }

  private void feed(long records) {
    Instant start = date.atStartOfDay(ZONE).toInstant();
    long millis =
        Duration.between(start, date.plusDays(1).atStartOfDay(ZONE).toInstant()).toMillis();
    String run = "c" + Long.toString(System.currentTimeMillis(), 36);
    try (TelemetryFeed feed = new TelemetryFeed(stack, pilot, run, TWINS)) {
      for (long i = 0; i < records; i++) {
        Instant time = start.plusMillis((long) ((double) i / records * millis));
        String twin = TelemetryFeed.twin((int) (i % TWINS));
        if (i % OTHER_DAY_EVERY == 1) {
          Instant other = i % 2 == 0 ? time.plus(1, ChronoUnit.DAYS) : Instant.EPOCH.plusMillis(i);
          var unused = feed.report(twin, members(i), other.toString());
        } else if (i % POISON_EVERY == 7) {
          poison.add(feed.report(twin, poison(i), time.toString()));
        } else {
          events.add(feed.report(twin, members(i), time.toString()));
        }
        if (i % AGAIN_EVERY == 5) {
          feed.again();
          sent++;
        }
        sent++;
      }
      feed.flush();
    }
  }

  private static String members(long number) {
    return String.format(
        Locale.ROOT,
        "\"temperature\":%.2f,\"speed\":%d,\"state\":\"running\",\"count\":%d",
        20 + number % 6_000 / 100.0,
        1_000 + number % 2_000,
        number);
  }

  /** No row can be made of it, whether its twin follows a model or not. */
  private static String poison(long number) {
    return number % 200 < 100 ? "\"temperature\":[1]" : "\"temperature\":";
  }

  String pilot() {
    return pilot;
  }

  /** Records that are on the topic. */
  long sent() {
    return sent;
  }

  /** Events that belong into the files, and records that belong beside them. */
  long expected() {
    return events.size() + poison.size();
  }

  private String path() {
    return "/api/v1/pilots/" + pilot + "/dumps";
  }

  /** Has the day closed as it is, and remembers its files. */
  void closeUndisturbed(Findings findings) throws Exception {
    var unused =
        stack
            .platform()
            .post(path(), JsonNodeFactory.instance.objectNode().put("date", date.toString()));
    untilClosed(findings);
    try (DayFiles files = DayFiles.of(stack, pilot, date)) {
      undisturbed.putAll(files.digests());
    }
    IngestHttp.say(
        "  undisturbed: %,d files, %,d events, %,d records put aside",
        undisturbed.size(), events.size(), poison.size());
  }

  /**
   * Has the day closed once more, as if it never had been: the platform itself closes a day once.
   * Whoever runs days finds it within a second or two.
   */
  void beginAgain() throws SQLException {
    try (Store rows = Store.ofPilot(stack, pilot)) {
      for (String table : List.of("part", "share", "late")) {
        var unused =
            rows.change(
                "DELETE FROM warehouse." + table + " WHERE pilot_id = ? AND date = ?", pilot, date);
      }
      var unused =
          rows.change(
              "UPDATE warehouse.dump SET state = 'running', frozen_at = NULL, dataset_id = NULL,"
                  + " prefix = NULL, plan = NULL, attempts = 0, execution_id = NULL, leased_by ="
                  + " NULL, lease_until = NULL, finished_at = NULL, step = NULL, failure_code ="
                  + " NULL, failure_detail = NULL WHERE pilot_id = ? AND date = ?",
              pilot,
              date);
    }
  }

  /** Until somebody works at this step of it. */
  void untilAt(String step) throws InterruptedException {
    until("the step " + step, dump -> dump.path("step").asText().equals(step) || isClosed(dump));
  }

  private static boolean isClosed(JsonNode dump) {
    return !dump.path("state").asText().equals("running");
  }

  /** Until nobody works on it any more; a run that failed for good is a finding. */
  void untilClosed(Findings findings) throws InterruptedException {
    JsonNode dump = until("a closed day", FedDay::isClosed);
    if (!dump.path("state").asText().equals("complete")) {
      findings.add(Kind.LOST_DATASET, "not complete: " + dump);
    }
    datasets.add(dump.path("dataset_id").asText());
  }

  private JsonNode until(String what, Predicate<JsonNode> wanted) throws InterruptedException {
    JsonNode[] seen = new JsonNode[1];
    Scenario.awaitOrFail(
        what,
        LONGEST_WAIT,
        () -> {
          try {
            seen[0] = stack.platform().get(path() + "/" + date).path("revisions").path(0);
          } catch (ApiProblem problem) {
            if (problem.status() == 401) {
              stack.signInAgain();
            }
            throw problem;
          }
          return wanted.test(seen[0]);
        });
    return Objects.requireNonNull(seen[0]);
  }

  /** Holds the files against the ledger, and byte by byte against those of the undisturbed run. */
  void judge(String after, Findings findings) throws IOException, SQLException {
    try (DayFiles files = DayFiles.of(stack, pilot, date)) {
      SortedMap<String, String> now = files.digests();
      if (!now.equals(undisturbed)) {
        Set<String> different = new HashSet<>(now.keySet());
        different.addAll(undisturbed.keySet());
        different.removeIf(path -> Objects.equals(now.get(path), undisturbed.get(path)));
        findings.add(Kind.WRONG_BYTES, "after " + after + ": " + different);
      }
      judgeEvents(files, findings);
    }
  }

  private void judgeEvents(DayFiles files, Findings findings) throws IOException, SQLException {
    Set<String> there = new HashSet<>();
    files.events(
        stack.homeDirectory(),
        event -> {
          if (!there.add(event)) {
            findings.add(Kind.FACT_TWICE, event);
          } else if (!events.contains(event)) {
            findings.add(Kind.WRONG_FACT, event + " is not of the day");
          }
        });
    events.stream()
        .filter(event -> !there.contains(event))
        .forEach(event -> findings.add(Kind.LOST_EVENT, event));
    Set<String> aside = new HashSet<>();
    files.rejects(event -> {
      if (!aside.add(event) || !poison.contains(event)) {
        findings.add(Kind.WRONGLY_REJECTED, event);
      }
    });
    poison.stream()
        .filter(event -> !aside.contains(event))
        .forEach(event -> findings.add(Kind.NOT_REJECTED, event));
  }

  /** Each closed day has been pointed to once, and nothing else has. */
  void judgePointers(Findings findings) throws Exception {
    HoldJudge topic = new HoldJudge(stack, pilot);
    Scenario.await(LONGEST_WAIT, () -> topic.pointers().keySet().containsAll(datasets));
    var pointers = topic.pointers();
    for (String dataset : datasets) {
      long times = pointers.getOrDefault(dataset, 0L);
      if (times == 0) {
        findings.add(Kind.AVAILABLE_WITHOUT_POINTER, dataset);
      } else if (times > 1) {
        findings.add(Kind.POINTER_TWICE, dataset + ": " + times);
      }
    }
    pointers.keySet().stream()
        .filter(dataset -> !datasets.contains(dataset))
        .forEach(dataset -> findings.add(Kind.POINTER_TO_NOTHING, dataset));
  }
}
