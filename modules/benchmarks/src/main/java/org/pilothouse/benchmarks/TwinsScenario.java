package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.pilothouse.benchmarks.Findings.Group;
import org.pilothouse.benchmarks.Findings.Kind;
import org.pilothouse.ctl.api.ApiProblem;

/**
 * The deployable, PostgreSQL and both are killed by turns while twins report, are commanded,
 * changed and retired; then everything that is shown of them is held against a fold of the topics
 * of our own. Each run has a pilot of its own, so that its topics hold nothing else.
 */
final class TwinsScenario {
  private static final List<Fault.Kill> KILLS =
      List.of(
          new Fault.Kill(List.of("pilothouse")),
          new Fault.Kill(List.of("postgres")),
          new Fault.Kill(List.of("pilothouse", "postgres")));
  private static final List<String> ACTORS = List.of("actor-1", "actor-2", "actor-3");
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(3);
  private static final int TIMES_JUDGED = 5;
  private static final long BETWEEN_JUDGEMENTS_MILLIS = 10_000;

  /**
   * @param records on the topic, repeats included
   * @param refused records of which a model refused a part
   * @param brought commands that came to devices, repeats included
   * @param findings how often something was not as it must be, by kind
   * @param examples the first of each kind
   */
  record Verdict(
      String name,
      int faults,
      long attempted,
      long acknowledged,
      long byMqtt,
      long records,
      long twins,
      long minutes,
      long facts,
      long refused,
      long retirements,
      long commands,
      long brought,
      long changes,
      long lost,
      long twice,
      long notShown,
      long miscounted,
      Map<String, Long> findings,
      Map<String, List<String>> examples,
      double recoveryMedianSeconds,
      double recoveryLongestSeconds,
      boolean cameBack,
      Map<String, Long> unacknowledged,
      boolean pass)
      implements Outcome {}

  /** What one look at everything came to. */
  private record Judgement(
      Findings findings, TelemetryFold fold, long facts, Set<Long> reportsPresent) {
    long minutes() {
      return fold.minutes().values().stream().mapToLong(Map::size).sum();
    }
  }

  private final String name;
  private final Stack stack;
  private final int times;
  private final double httpRate;
  private final double mqttRate;
  private final Random random;
  private final String run = Long.toString(System.currentTimeMillis(), 36);
  private final String pilot = "chaos-twins-" + run;

  TwinsScenario(String name, Stack stack, int times, double httpRate, double mqttRate, long seed) {
    this.name = name;
    this.stack = stack;
    this.times = times;
    this.httpRate = httpRate;
    this.mqttRate = mqttRate;
    this.random = new Random(seed);
  }

  Verdict run() throws Exception {
    List<Stack.Device> devices = new ArrayList<>();
    for (String device : List.of("chaos-http", "chaos-mqtt-1", "chaos-mqtt-2")) {
      devices.add(stack.device(pilot, device));
    }
    Stack.Device reporter = stack.device(pilot, "chaos-life");
    prepareTwins();
    Path ledgerFile = Scenario.directory().resolve(name + "-" + run + ".ledger");
    List<Actor> actors = new ArrayList<>();
    try (Backbone backbone = new Backbone(stack, Stack.telemetryTopic(pilot), run);
        Ledger ledger = new Ledger(ledgerFile);
        Load load =
            new Load(run, new TwinLines(), ledger, stack.http(), stack.mqtt(), httpRate, mqttRate);
        TwinPeople people = new TwinPeople(stack, reporter, run, ACTORS)) {
      for (String actor : ACTORS) {
        actors.add(new Actor(stack.device(pilot, actor), stack.mqtt()));
      }
      load.start(devices);
      Scenario.awaitOrFail(
          "the first acknowledgements", LONGEST_WAIT, () -> ledger.count() > 1_000);
      people.start();
      Recoveries recoveries = new Recoveries();
      boolean cameBack = disturb(load, ledger, recoveries);
      Thread.sleep(2_000);
      boolean drained = people.drain(LONGEST_WAIT.toMillis());
      drained &= load.drain(LONGEST_WAIT.toMillis());
      if (!drained) {
        IngestHttp.say("  not everything that was begun could be acknowledged");
      }
      ledger.close();
      BitSet acknowledged = ledger.read();
      // MQTT acknowledges what the broker has; the bridge may still be bringing it.
      Scenario.await(LONGEST_WAIT, () -> Scenario.missing(acknowledged, backbone.read()) == 0);
      stack.untilCaughtUp();
      Judgement judgement = judged(people, actors);
      Findings findings = judgement.findings();
      lost(findings, acknowledged, backbone.read());
      people.reports().stream()
          .filter(number -> !judgement.reportsPresent().contains(number))
          .forEach(number -> findings.add(Kind.LOST_EVENT, "life-" + run + "-" + number));
      Map<String, Long> unacknowledged = new TreeMap<>(load.unacknowledged());
      unacknowledged.putAll(people.troubles());
      tell(findings);
      return new Verdict(
          name,
          recoveries.count(),
          load.attempted(),
          acknowledged.cardinality() + people.reports().size(),
          load.byMqtt(),
          judgement.fold().records(),
          judgement.fold().states().size(),
          judgement.minutes(),
          judgement.facts(),
          judgement.fold().refused().size(),
          people.retirements(),
          sizes(people.commands()),
          actors.stream().mapToLong(Actor::brought).sum(),
          sizes(people.changes()),
          findings.of(Group.LOST),
          findings.of(Group.TWICE),
          findings.of(Group.NOT_SHOWN),
          findings.of(Group.MISCOUNTED),
          findings.counts(),
          findings.examples(),
          recoveries.median(),
          recoveries.longest(),
          cameBack,
          unacknowledged,
          findings.isEmpty() && cameBack && drained && hasSeenAll(judgement, people));
    } finally {
      actors.forEach(Actor::close);
    }
  }

  private void prepareTwins() {
    String base = "/api/v1/pilots/" + pilot;
    stack
        .platform()
        .put(
            base + "/models/" + SampleModel.ID,
            SampleModel.DOCUMENT,
            "application/tm+json",
            Map.of());
    String pump = JsonNodeFactory.instance.objectNode().put("model", SampleModel.ID).toString();
    for (int i = 0; i < TwinLines.PUMPS; i++) {
      stack.platform().put(base + "/twins/pump-" + i, pump, "application/json", Map.of());
    }
    for (String actor : ACTORS) {
      stack.platform().put(base + "/twins/" + actor, "{}", "application/json", Map.of());
    }
  }

  private boolean disturb(Load load, Ledger ledger, Recoveries recoveries) throws Exception {
    for (int i = 0; i < times; i++) {
      Thread.sleep(2_000 + random.nextInt(6_000));
      Fault.Kill kill = KILLS.get(i % KILLS.size());
      Map<String, OptionalLong> before = stack.pids(kill.processes());
      long begin = System.nanoTime();
      kill.inject(stack);
      boolean cameBack =
          Scenario.await(LONGEST_WAIT, () -> stack.isUpAnew(before))
              && Scenario.awaitAcknowledgements(load, System.nanoTime());
      double recovery = recoveries.since(begin);
      IngestHttp.say(
          "  %s %d of %d (%s): back after %.1f s, %,d acknowledged",
          name, i + 1, times, String.join(" and ", kill.processes()), recovery, ledger.count());
      if (!cameBack) {
        return false;
      }
    }
    return true;
  }

  /** Readers may still be at work when the load has ended: looked at again until all is right. */
  private Judgement judged(TwinPeople people, List<Actor> actors) throws Exception {
    for (int attempt = 1; ; attempt++) {
      try {
        Judgement judgement = judge(people, actors);
        if (judgement.findings().isEmpty() || attempt == TIMES_JUDGED) {
          return judgement;
        }
        IngestHttp.say("  not all is there yet:");
        tell(judgement.findings());
      } catch (ApiProblem | SQLException e) {
        if (attempt == TIMES_JUDGED) {
          throw e;
        }
        IngestHttp.say("  cannot be judged yet: %s", e);
      }
      Thread.sleep(BETWEEN_JUDGEMENTS_MILLIS);
    }
  }

  private Judgement judge(TwinPeople people, List<Actor> actors) throws SQLException {
    TwinEvidence evidence = new TwinEvidence(stack, pilot);
    Findings findings = new Findings();
    TwinJudge judge = new TwinJudge(findings);
    Map<String, List<TwinJudge.Fact>> facts = evidence.facts();
    TelemetryFold fold = evidence.fold(retirements(facts));
    judge.states(fold, evidence.states());
    judge.stateEvents(fold, evidence.stateEvents());
    digest(evidence, judge, fold, findings);
    judge.minutes(fold, evidence.minutes());
    for (String twin : fold.states().keySet()) {
      Map<TelemetryFold.Series, SortedMap<Long, Summary.Shown>> shown =
          evidence.shownMinutes(twin, Instant.now().plusSeconds(TelemetryFold.MINUTE));
      shown.forEach((series, minutes) -> judge.shownMinutes(fold, series, minutes));
    }
    judge.readings(fold, evidence.readings());
    judge.rejected(fold, evidence.rejections());
    Set<String> twins = new TreeSet<>(facts.keySet());
    twins.addAll(fold.readings().keySet());
    Map<String, List<TwinJudge.Fact>> threads = new HashMap<>();
    for (String twin : twins) {
      List<TwinJudge.Fact> thread = evidence.thread(twin);
      threads.put(twin, thread);
      judge.thread(twin, facts.getOrDefault(twin, List.of()), thread);
    }
    for (Actor actor : actors) {
      String twin = actor.twin();
      List<TwinJudge.Fact> thread = threads.getOrDefault(twin, List.of());
      judge.commands(
          twin, people.commands().getOrDefault(twin, Set.of()), evidence.commands(twin), thread);
      judge.changes(twin, people.changes().getOrDefault(twin, Set.of()), thread);
      judge.desired(twin, evidence.twin(twin).path("desired"), actor.desired());
    }
    long distinct =
        facts.values().stream()
            .mapToLong(told -> told.stream().map(TwinJudge.Fact::id).distinct().count())
            .sum();
    return new Judgement(findings, fold, distinct, fold.numbers("life-" + run));
  }

  private static void digest(
      TwinEvidence evidence, TwinJudge judge, TelemetryFold fold, Findings findings) {
    JsonNode digest = evidence.digest();
    Map<Integer, Long> folded = new TreeMap<>();
    digest
        .path("positions")
        .forEach(
            each -> folded.put(each.path("partition").asInt(), each.path("position").asLong()));
    Map<Integer, Long> ends = evidence.ends("telemetry");
    ends.values().removeIf(end -> end == 0);
    if (!folded.equals(ends)) {
      findings.add(Kind.WRONG_DIGEST, "folded up to " + folded + ", the topic ends at " + ends);
    }
    judge.digest(fold, digest.path("twins").asLong(), digest.path("digest").asText());
  }

  /** When each twin was retired last, as its thread's topic says. */
  private static Map<String, Instant> retirements(Map<String, List<TwinJudge.Fact>> facts) {
    Map<String, Instant> retired = new HashMap<>();
    facts.forEach((twin, told) ->
        told.stream()
            .filter(fact -> fact.type().equals("twin.retired"))
            .forEach(fact ->
                retired.merge(
                    twin, fact.time(), (one, other) -> one.isAfter(other) ? one : other)));
    return retired;
  }

  private void lost(Findings findings, BitSet acknowledged, BitSet present) {
    BitSet lost = (BitSet) acknowledged.clone();
    lost.andNot(present);
    lost.stream().forEach(number -> findings.add(Kind.LOST_EVENT, run + "-" + number));
  }

  /** A run in which something never came up has shown nothing about it. */
  private static boolean hasSeenAll(Judgement judgement, TwinPeople people) {
    boolean all =
        sizes(people.commands()) > 0
            && sizes(people.changes()) > 0
            && people.retirements() > 1
            && !judgement.fold().refused().isEmpty()
            && !judgement.fold().states().containsKey(TwinPeople.LEAVING);
    if (!all) {
      IngestHttp.say("  the run was too short: not everything that is to be looked at came up");
    }
    return all;
  }

  private static void tell(Findings findings) {
    Map<String, List<String>> examples = findings.examples();
    findings
        .counts()
        .forEach((kind, count) -> {
          IngestHttp.say("  %s: %,d", kind, count);
          examples
              .getOrDefault(kind, List.of())
              .forEach(example -> IngestHttp.say("    %s", example));
        });
  }

  private static long sizes(Map<String, ? extends Set<?>> sets) {
    return sets.values().stream().mapToLong(Set::size).sum();
  }
}
