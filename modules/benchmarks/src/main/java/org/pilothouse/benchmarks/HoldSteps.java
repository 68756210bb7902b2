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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(4);
  private static final String PILOT_BUCKET = "pilothouse-pilot";
  private static final int SIZE = 40_000;

  /** What has a dataset come to a step. They are held in this order: none passes a later one's. */
  enum Act {
    UPLOAD("verifiers"),
    REMOVE("rounds"),
    REMOVE_REGISTERED("rounds"),
    PROBE("probes"),
    REGISTER("verifiers of sites"),
    COPY("copier");

    private final String worker;

    /**
     * @param worker who is held: the same cannot be held twice
     */
    Act(String worker) {
      this.worker = worker;
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
          new Way("copy_completed", Act.COPY));

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
  private final int times;
  private final Random random;
  private final String pilot = "chaos-steps-" + Long.toString(System.currentTimeMillis(), 36);
  private final Map<String, Uploader.Entry> ledger = new TreeMap<>();
  private final Map<String, Integer> held = new LinkedHashMap<>();

  /**
   * @param holdAt the directory that the deployable looks into
   * @param times how often it is ended at each step
   */
  HoldSteps(String name, Stack stack, Path holdAt, int times, long seed) {
    this.name = name;
    this.stack = stack;
    this.holdAt = holdAt;
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
                          other.act().worker.equals(act.worker) || other.step().equals(way.step())))
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
    HoldJudge judge = new HoldJudge(stack, pilot);
    try (Sender sender = new Sender(stack, stack.objects(), pilot);
        S3Client store = S3.client(stack);
        ExecutorService acts = Executors.newVirtualThreadPerTaskExecutor()) {
      federated(sender);
      List<List<Way>> rounds = rounds(WAYS);
      for (int i = 0; i < times; i++) {
        for (List<Way> round : rounds) {
          endAt(round, sender, store, acts, recoveries, judge.findings());
        }
      }
    }
    var unused = judge.judge(ledger);
    Findings findings = judge.findings();
    held.forEach((way, count) -> IngestHttp.say("  %-44s %d", way, count));
    findings
        .counts()
        .forEach((kind, count) ->
            IngestHttp.say(
                "  %s: %,d %s", kind, count, findings.examples().getOrDefault(kind, List.of())));
    return new Verdict(
        name,
        recoveries.count(),
        held,
        ledger.size(),
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
      Files.createFile(holdAt.resolve(way.step()));
      Future<?> act =
          acts.submit(() -> {
            each.act().run();
            return true;
          });
      running.put(way, act);
      Scenario.awaitOrFail("the step " + way, LONGEST_WAIT, () -> Files.exists(heldAt(way)));
    }
    Fault kill = new Fault.Kill("pilothouse");
    Map<String, OptionalLong> before = stack.pids(kill.ends());
    kill.inject(stack);
    long begin = System.nanoTime();
    Scenario.awaitOrFail("the deployable", LONGEST_WAIT, () -> stack.isUpAnew(before));
    for (Way way : round) {
      // Not before: the thread that is held would go on while the process ends.
      Files.delete(heldAt(way));
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

  private Path heldAt(Way way) {
    return holdAt.resolve(way.step() + ".held");
  }

  private record Pending(Way way, Prepared act) {}

  /** What is to be held; all before it is done. */
  @FunctionalInterface
  private interface Prepared {
    void run() throws IOException, InterruptedException, SQLException;
  }

  private Prepared prepare(Act act, Sender sender, S3Client store)
      throws IOException, InterruptedException {
    byte[] bytes = new byte[SIZE];
    random.nextBytes(bytes);
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
    };
  }

  private void acknowledged(String dataset, String checksum) {
    acknowledged(dataset, Uploader.Promise.AVAILABLE, checksum);
  }

  private void acknowledged(String dataset, Uploader.Promise promise, String checksum) {
    synchronized (ledger) {
      ledger.put(dataset, new Uploader.Entry(promise, checksum, SIZE));
    }
  }

  private void federated(Sender sender) throws InterruptedException {
    JsonNode s3 = stack.s3();
    ObjectNode body = new ObjectMapper().createObjectNode();
    body.put("pilot_id", pilot).put("name", "Steps").put("time_zone", "UTC");
    body.putObject("storage")
        .put("model", "federated")
        .put("endpoint", s3.path("endpoint").asText());
    var unused = sender.patiently(() -> sender.api().post("/api/v1/pilots", body));
    ObjectNode site = body.objectNode();
    for (String same : List.of("endpoint", "region", "access_key", "secret_key")) {
      site.put(same, s3.path(same).asText());
    }
    site.put("bucket", PILOT_BUCKET);
    unused =
        sender.patiently(() ->
            sender
                .api()
                .put(
                    sender.pilot() + "/storage/site",
                    site.toString(),
                    "application/json",
                    Map.of()));
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
    unused =
        sender.await(
            dataset + " is not removed",
            sender.path(dataset),
            now -> now.path("state").asText().equals("deleted"));
    acknowledged(dataset, Uploader.Promise.REMOVED, checksum);
  }

  private static void probe(Sender sender) throws InterruptedException {
    JsonNode site =
        sender.patiently(() -> sender.api().post(sender.pilot() + "/storage/site/probe", null));
    if (!site.path("replayability").path("state").asText().equals("reachable")) {
      throw new ApiProblem(0, "not_reachable", site.toString());
    }
  }

  /** Returns the copy at the centre. */
  private static String copy(Sender sender, String dataset) throws InterruptedException {
    ObjectNode wanted = new ObjectMapper().createObjectNode();
    wanted.putArray("datasets").add(dataset);
    String curations = sender.pilot() + "/datasets/curations";
    String curation =
        sender.patiently(() -> sender.api().post(curations, wanted)).path("curation_id").asText();
    JsonNode copy =
        sender
            .await(
                dataset + " is not copied",
                curations + "/" + curation,
                now -> now.path("done").asBoolean())
            .path("copies")
            .path(0);
    if (!copy.path("dataset_id").isTextual()) {
      throw new ApiProblem(0, "not_copied", copy.toString());
    }
    return copy.path("dataset_id").asText();
  }
}
