package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.pilothouse.benchmarks.Findings.Group;
import org.pilothouse.benchmarks.Findings.Kind;
import org.pilothouse.ctl.api.ApiProblem;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * {@code kill -9} of the deployable at every step of the life of a dataset: it is held there, ended
 * from outside, and started again; then the hold is judged as ever. Acts that do not meet are held
 * together, so that one kill is for several steps.
 */
final class HoldSteps {
  static final String PILOT_BUCKET = "pilothouse-pilot";

  private static final Duration LONGEST_WAIT = Duration.ofMinutes(4);
  private static final int SIZE = 40_000;

  /** Two parts: only then is there an upload at the other place. */
  private static final int MOVED_SIZE = 17 << 20;

  /** What has a dataset come to a step. They are held in this order: none passes a later one's. */
  enum Act {
    UPLOAD("verifiers"),
    REMOVE("rounds"),
    REMOVE_REGISTERED("rounds"),
    PROBE("probes"),
    REGISTER("verifiers of sites"),
    COPY("copier"),
    CANCEL("copier"),
    MOVE("movers"),
    SWITCH("leader of migrations"),
    CANCEL_MOVE("movers", "leader of migrations"),
    TELL("verifiers", "teller of lineage");

    private final Set<String> workers;

    /**
     * @param workers who is held or needed: the same cannot be held twice
     */
    Act(String... workers) {
      this.workers = Set.of(workers);
    }
  }

  /** A step and how one comes to it. */
  record Way(String step, Act act) {
    @Override
    public String toString() {
      return step + " (" + act.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + ")";
    }
  }

  /** Each step of the deployable is here, or the scenario does not begin. */
  static final List<Way> WAYS =
      List.of(
          new Way("declared", Act.UPLOAD),
          new Way("upload_begun", Act.UPLOAD),
          new Way("object_completed", Act.UPLOAD),
          new Way("verification_claimed", Act.UPLOAD),
          new Way("bytes_verified", Act.UPLOAD),
          new Way("removal_decided", Act.REMOVE),
          new Way("object_removed", Act.REMOVE),
          new Way("removal_decided", Act.REMOVE_REGISTERED),
          new Way("object_removed", Act.REMOVE_REGISTERED),
          new Way("probe_claimed", Act.PROBE),
          new Way("site_seen", Act.PROBE),
          new Way("registered", Act.REGISTER),
          new Way("verification_claimed", Act.REGISTER),
          new Way("bytes_verified", Act.REGISTER),
          new Way("copy_claimed", Act.COPY),
          new Way("copy_declared", Act.COPY),
          new Way("upload_begun", Act.COPY),
          new Way("part_copied", Act.COPY),
          new Way("object_completed", Act.COPY),
          new Way("copy_completed", Act.COPY),
          new Way("curation_cancelled", Act.CANCEL),
          new Way("move_claimed", Act.MOVE),
          new Way("move_begun", Act.MOVE),
          new Way("part_moved", Act.MOVE),
          new Way("move_completed", Act.MOVE),
          new Way("move_verified", Act.MOVE),
          new Way("switch_decided", Act.SWITCH),
          new Way("batch_switched", Act.SWITCH),
          new Way("old_removal_decided", Act.SWITCH),
          new Way("old_removed", Act.SWITCH),
          new Way("copy_dropped", Act.CANCEL_MOVE),
          new Way("lineage_told", Act.TELL));

  /**
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
  private final Gatherer gatherer;
  private final int times;
  private final Random random;
  private final String pilot = "chaos-steps-" + Long.toString(System.currentTimeMillis(), 36);
  private final Map<String, Uploader.Entry> ledger = new TreeMap<>();
  private final Map<Act, MovingPilot> moving = new EnumMap<>(Act.class);
  private final Map<String, Integer> held = new LinkedHashMap<>();

  /**
   * @param holdAt the directory that the deployable looks into
   * @param gatherer whom it tells of the life of datasets
   * @param times how often it is ended at each step
   */
  HoldSteps(String name, Stack stack, Path holdAt, Gatherer gatherer, int times, long seed) {
    this.name = name;
    this.stack = stack;
    this.holdAt = holdAt;
    this.gatherer = gatherer;
    this.times = times;
    this.random = new Random(seed);
  }

  /** Ways that can be held at the same time; each way is in one of them. */
  static List<List<Way>> rounds(Collection<Way> ways) {
    List<List<Way>> rounds = new ArrayList<>();
    for (Act act : Act.values()) {
      for (Way way : ways) {
        if (way.act() == act) {
          rounds.stream()
              .filter(round ->
                  round.stream()
                      .noneMatch(other ->
                          !Collections.disjoint(other.act().workers, act.workers)
                              || other.step().equals(way.step())))
              .findFirst()
              .orElseGet(() -> {
                List<Way> another = new ArrayList<>();
                rounds.add(another);
                return another;
              })
              .add(way);
        }
      }
    }
    return rounds;
  }

  Verdict run() throws Exception {
    demandEachStep(Files.readAllLines(holdAt.resolve("steps")));
    Recoveries recoveries = new Recoveries();
    Findings findings = new Findings();
    try (Sender sender = new Sender(stack, stack.objects(), pilot);
        S3Client store = S3.client(stack);
        ExecutorService acts = Executors.newVirtualThreadPerTaskExecutor()) {
      MovingPilot.create(stack, sender, pilot, MovingPilot.Home.FEDERATED, false);
      beginMoving();
      List<List<Way>> rounds = rounds(WAYS);
      for (int i = 0; i < times; i++) {
        for (List<Way> round : rounds) {
          endAt(round, sender, store, acts, recoveries, findings);
        }
      }
      judge(sender, findings);
    } finally {
      moving.values().forEach(MovingPilot::close);
    }
    held.forEach((way, count) -> IngestHttp.say("  %-44s %d", way, count));
    findings.tell();
    return new Verdict(
        name,
        recoveries.count(),
        held,
        ledger.size() + moving.size(),
        findings.of(Group.LOST),
        findings.of(Group.TWICE),
        findings.of(Group.NOT_SHOWN),
        findings.of(Group.MISCOUNTED),
        findings.counts(),
        findings.examples(),
        recoveries.median(),
        recoveries.longest(),
        findings.isEmpty() && held.size() == WAYS.size());
  }

  /** One from the centre, one to it, and one that stays there. */
  private void beginMoving() throws IOException, InterruptedException {
    moving.put(Act.MOVE, moving("move", MovingPilot.Home.CENTRALIZED, MOVED_SIZE));
    moving.put(Act.SWITCH, moving("switch", MovingPilot.Home.FEDERATED, SIZE));
    moving.put(Act.CANCEL_MOVE, moving("stay", MovingPilot.Home.CENTRALIZED, SIZE));
  }

  private MovingPilot moving(String name, MovingPilot.Home home, int size)
      throws IOException, InterruptedException {
    return MovingPilot.begin(stack, pilot + "-" + name, home, bytes(size));
  }

  private byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private void judge(Sender sender, Findings findings) throws Exception {
    var unused = new HoldJudge(stack, pilot, findings, false).judge(ledger);
    for (MovingPilot each : moving.values()) {
      unused = new HoldJudge(stack, each.pilot(), findings, true).judge(each.ledger());
    }
    untilAllIsTold(sender);
    judgeLineage(pilot, ledger, findings);
    moving.values().forEach(each -> judgeLineage(each.pilot(), each.ledger(), findings));
    IngestHttp.say(
        "  lineage: %,d events, %,d of them told again", gatherer.events(), gatherer.toldAgain());
  }

  /** What was never available has no life to tell of. */
  private void judgeLineage(String pilot, Map<String, Uploader.Entry> ledger, Findings findings) {
    ledger.forEach((dataset, entry) -> {
      JsonNode life =
          stack
              .platform()
              .get("/api/v1/pilots/" + pilot + "/datasets/" + dataset + "/openlineage")
              .path("items");
      for (JsonNode event : life) {
        if (!gatherer.knows(event)) {
          findings.add(Kind.LOST_LINEAGE, dataset + ": " + event);
        }
      }
      if (life.isEmpty() && entry.promise() == Uploader.Promise.AVAILABLE) {
        findings.add(Kind.LOST_LINEAGE, dataset + " has no life");
      }
    });
  }

  private static void untilAllIsTold(Sender sender) throws InterruptedException {
    var unused =
        sender.await(
            "lineage is not told",
            "/api/v1/platform/openlineage",
            now -> now.path("waiting").asLong() == 0);
  }

  private static void demandEachStep(List<String> steps) {
    Set<String> known = new HashSet<>();
    WAYS.forEach(way -> known.add(way.step()));
    if (!known.equals(new HashSet<>(steps))) {
      throw new IllegalStateException(
          "the deployable has the steps " + steps + ", this scenario comes to " + known);
    }
  }

  private void endAt(
      List<Way> round,
      Sender sender,
      S3Client store,
      ExecutorService acts,
      Recoveries recoveries,
      Findings findings)
      throws Exception {
    List<Pending> pending = new ArrayList<>();
    for (Way way : round) {
      pending.add(new Pending(way, prepare(way.act(), sender, store)));
    }
    Map<Way, Future<?>> running = new LinkedHashMap<>();
    for (Pending each : pending) {
      Way way = each.way();
      hold(holdAt, way.step());
      Future<?> act =
          acts.submit(() -> {
            each.act().run();
            return true;
          });
      running.put(way, act);
      awaitHeld(holdAt, way.step());
    }
    Fault kill = new Fault.Kill("pilothouse");
    Map<String, OptionalLong> before = stack.pids(kill.ends());
    kill.inject(stack);
    long begin = System.nanoTime();
    Scenario.awaitOrFail("the deployable", LONGEST_WAIT, () -> stack.isUpAnew(before));
    for (Way way : round) {
      // Not before: the thread that is held would go on while the process ends.
      Files.delete(heldAt(holdAt, way.step()));
      held.merge(way.toString(), 1, Integer::sum);
    }
    for (Map.Entry<Way, Future<?>> each : running.entrySet()) {
      try {
        each.getValue().get(LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        findings.add(Kind.LOST_DATASET, each.getKey() + " does not come to its end: " + e);
      }
    }
    IngestHttp.say("  ended at %s: all done after %.1f s", round, recoveries.since(begin));
  }

  /** The next one that comes to the step is held. */
  static void hold(Path holdAt, String step) throws IOException {
    var unused = Files.createFile(holdAt.resolve(step));
  }

  static void awaitHeld(Path holdAt, String step) throws InterruptedException {
    Scenario.awaitOrFail(
        "the step " + step, LONGEST_WAIT, () -> Files.exists(heldAt(holdAt, step)));
  }

  static Path heldAt(Path holdAt, String step) {
    return holdAt.resolve(step + ".held");
  }

  private record Pending(Way way, Prepared act) {}

  /** What is to be held; all before it is done. */
  @FunctionalInterface
  private interface Prepared {
    void run() throws IOException, InterruptedException, SQLException;
  }

  private Prepared prepare(Act act, Sender sender, S3Client store)
      throws IOException, InterruptedException {
    byte[] bytes = bytes(SIZE);
    String checksum = Sender.checksum(bytes);
    return switch (act) {
      case UPLOAD -> () -> acknowledged(sender.upload("steps", bytes, checksum), checksum);
      case REMOVE -> {
        String dataset = sender.upload("steps", bytes, checksum);
        yield () -> remove(sender, dataset, checksum);
      }
      case REMOVE_REGISTERED -> {
        String dataset = register(sender, put(store, bytes), checksum);
        yield () -> remove(sender, dataset, checksum);
      }
      case PROBE -> () -> probe(sender);
      case REGISTER -> {
        ObjectNode wanted = put(store, bytes);
        yield () -> acknowledged(register(sender, wanted, checksum), checksum);
      }
      case COPY -> {
        String dataset = register(sender, put(store, bytes), checksum);
        acknowledged(dataset, checksum);
        yield () -> acknowledged(copy(sender, dataset), checksum);
      }
      case CANCEL -> {
        String dataset = register(sender, put(store, bytes), checksum);
        acknowledged(dataset, checksum);
        // Something of the copy is there when its curation is cancelled.
        hold(holdAt, "part_copied");
        String curation = curate(sender, dataset);
        awaitHeld(holdAt, "part_copied");
        yield () -> cancel(sender, curation, checksum);
      }
      case MOVE, SWITCH -> moving(act)::moveThereAndBack;
      case CANCEL_MOVE -> {
        MovingPilot staying = moving(act);
        String migration = staying.copy(holdAt);
        yield () -> staying.cancel(migration, holdAt);
      }
      case TELL ->
          () -> {
            acknowledged(sender.upload("steps", bytes, checksum), checksum);
            untilAllIsTold(sender);
          };
    };
  }

  private MovingPilot moving(Act act) {
    return Objects.requireNonNull(moving.get(act));
  }

  private void acknowledged(String dataset, String checksum) {
    acknowledged(dataset, Uploader.Promise.AVAILABLE, checksum);
  }

  private void acknowledged(String dataset, Uploader.Promise promise, String checksum) {
    synchronized (ledger) {
      ledger.put(dataset, new Uploader.Entry(promise, checksum, SIZE));
    }
  }

  /** An object at the pilot's endpoint, and what is to be said of it. */
  private ObjectNode put(S3Client store, byte[] bytes) {
    String key = pilot + "/" + Long.toString(random.nextLong() >>> 1, 36);
    store.putObject(to -> to.bucket(PILOT_BUCKET).key(key), RequestBody.fromBytes(bytes));
    return new ObjectMapper()
        .createObjectNode()
        .put("name", "steps-at-the-pilot")
        .put("media_type", "application/octet-stream")
        .put("size_bytes", bytes.length)
        .put("object_uri", "s3://" + PILOT_BUCKET + "/" + key);
  }

  private static String register(Sender sender, ObjectNode wanted, String checksum)
      throws InterruptedException {
    String dataset =
        sender
            .patiently(() -> sender.api().post(sender.pilot() + "/datasets", wanted))
            .path("dataset_id")
            .asText();
    JsonNode seen =
        sender.await(
            dataset + " is not verified",
            sender.path(dataset),
            now -> !now.path("state").asText().equals("verifying"));
    if (!seen.path("checksum").asText().equals(checksum)) {
      throw new ApiProblem(0, "other_bytes", dataset + " is " + seen);
    }
    return dataset;
  }

  private void remove(Sender sender, String dataset, String checksum)
      throws InterruptedException, SQLException {
    var unused = sender.patiently(() -> sender.api().delete(sender.path(dataset)));
    try (Store rows = Store.ofPilot(stack, pilot)) {
      rows.change(
          "UPDATE datasets.dataset SET removed_after = now() WHERE pilot_id = ? AND dataset_id = ?",
          pilot,
          dataset);
    }
    untilRemoved(sender, dataset);
    acknowledged(dataset, Uploader.Promise.REMOVED, checksum);
  }

  private static void probe(Sender sender) throws InterruptedException {
    JsonNode site =
        sender.patiently(() -> sender.api().post(sender.pilot() + "/storage/site/probe", null));
    if (!site.path("replayability").path("state").asText().equals("reachable")) {
      throw new ApiProblem(0, "not_reachable", site.toString());
    }
  }

  private static String curations(Sender sender) {
    return sender.pilot() + "/datasets/curations";
  }

  private static String curate(Sender sender, String dataset) throws InterruptedException {
    ObjectNode wanted = new ObjectMapper().createObjectNode();
    wanted.putArray("datasets").add(dataset);
    return sender
        .patiently(() -> sender.api().post(curations(sender), wanted))
        .path("curation_id")
        .asText();
  }

  /** The only copy of a curation, when nothing more becomes of it. */
  private static JsonNode ended(Sender sender, String curation, String state)
      throws InterruptedException {
    JsonNode copy =
        sender
            .await(
                curation + " is not done",
                curations(sender) + "/" + curation,
                now -> now.path("done").asBoolean())
            .path("copies")
            .path(0);
    if (!copy.path("state").asText().equals(state) || !copy.path("dataset_id").isTextual()) {
      throw new ApiProblem(0, "not_" + state, copy.toString());
    }
    return copy;
  }

  /** Returns the copy at the centre. */
  private static String copy(Sender sender, String dataset) throws InterruptedException {
    return ended(sender, curate(sender, dataset), "available").path("dataset_id").asText();
  }

  private void cancel(Sender sender, String curation, String checksum)
      throws IOException, InterruptedException {
    try {
      var unused = sender.api().post(curations(sender) + "/" + curation + "/cancel", null);
    } catch (ApiProblem problem) {
      // Not asked again: that would end the copy, and whoever comes to it must do so.
      if (!problem.isPassing()) {
        throw problem;
      }
    }
    try {
      String copy = ended(sender, curation, "cancelled").path("dataset_id").asText();
      untilRemoved(sender, copy);
      acknowledged(copy, Uploader.Promise.REMOVED, checksum);
    } finally {
      Files.deleteIfExists(heldAt(holdAt, "part_copied"));
    }
  }

  private static void untilRemoved(Sender sender, String dataset) throws InterruptedException {
    var unused =
        sender.await(
            dataset + " is not removed",
            sender.path(dataset),
            now -> now.path("state").asText().equals("deleted"));
  }
}
