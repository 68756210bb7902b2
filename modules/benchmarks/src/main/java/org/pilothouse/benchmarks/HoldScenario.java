package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.pilothouse.benchmarks.Findings.Group;
import org.pilothouse.benchmarks.Findings.Kind;
import org.pilothouse.ctl.api.ApiProblem;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Faults by turns while files are sent, completed, withdrawn and brought back; then the ledger of
 * what was acknowledged, the pointers on the backbone, the catalogue and the objects are held
 * against each other. Each run has a pilot of its own.
 */
final class HoldScenario {
  /** Longer than any call of the platform to the store may take. */
  private static final Duration STOPPED = Duration.ofSeconds(40);

  private static final int UPLOADERS = 3;
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

  private final String name;
  private final Stack stack;
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

  Verdict run() throws Exception {
    stack.pilot(pilot, 1);
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
    Findings findings = new Findings();
    uploaders.stream()
        .map(Uploader::trouble)
        .filter(trouble -> !trouble.isEmpty())
        .forEach(trouble -> findings.add(Kind.LOST_DATASET, "gave up: " + trouble));
    Map<String, Uploader.Entry> ledger = ledger(uploaders);
    giveUpWhatIsOpen();
    Scenario.await(LONGEST_WAIT, () -> open("deleting") == withdrawn(ledger));
    Map<String, JsonNode> newest = new HashMap<>();
    // The outbox may still be on its way.
    Scenario.await(
        LONGEST_WAIT, () -> agree(newest, ledger) && !stack.untilCaughtUp().isNegative());
    long pointers = read(newest);
    try (S3Client store = S3.client(stack)) {
      judge(findings, ledger, newest, store);
      sweep(findings, ledger, store);
    }
    findings
        .counts()
        .forEach((kind, count) ->
            IngestHttp.say(
                "  %s: %,d %s", kind, count, findings.examples().getOrDefault(kind, List.of())));
    return new Verdict(
        name,
        recoveries.count(),
        ledger.size(),
        of(ledger, Uploader.Promise.AVAILABLE),
        of(ledger, Uploader.Promise.QUARANTINED),
        withdrawn(ledger),
        pointers,
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
    }
    return true;
  }

  private static Map<String, Uploader.Entry> ledger(List<Uploader> uploaders) {
    Map<String, Uploader.Entry> all = new TreeMap<>();
    uploaders.forEach(each -> all.putAll(each.ledger()));
    return all;
  }

  private static long of(Map<String, Uploader.Entry> ledger, Uploader.Promise promise) {
    return ledger.values().stream().filter(entry -> entry.promise() == promise).count();
  }

  private static long withdrawn(Map<String, Uploader.Entry> ledger) {
    return of(ledger, Uploader.Promise.WITHDRAWN);
  }

  private String datasets() {
    return "/api/v1/pilots/" + pilot + "/datasets";
  }

  /** A declaration whose answer was lost left an upload that nobody goes on with. */
  private void giveUpWhatIsOpen() {
    stack
        .platform()
        .list(datasets() + "?state=uploading")
        .forEach(open -> {
          var unused = stack.platform().delete(datasets() + "/" + open.path("dataset_id").asText());
        });
  }

  private long open(String state) {
    return stack.platform().list(datasets() + "?state=" + state).size();
  }

  /** Reads all pointers anew; the newest of each dataset is put into the map. */
  private long read(Map<String, JsonNode> newest) throws IOException {
    long records = 0;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stack.kafka(),
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                60_000),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor("pilot." + pilot + ".datasets").stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      ObjectMapper json = new ObjectMapper();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          records++;
          newest.put(
              new String(record.key(), StandardCharsets.UTF_8), json.readTree(record.value()));
        }
      }
    }
    return records;
  }

  private static boolean points(@Nullable JsonNode event) {
    return event != null && event.path("event_type").asText().equals("dataset.available");
  }

  private boolean agree(Map<String, JsonNode> newest, Map<String, Uploader.Entry> ledger)
      throws IOException {
    var unused = read(newest);
    return ledger.entrySet().stream()
        .allMatch(entry ->
            points(newest.get(entry.getKey()))
                == (entry.getValue().promise() == Uploader.Promise.AVAILABLE));
  }

  private void judge(
      Findings findings,
      Map<String, Uploader.Entry> ledger,
      Map<String, JsonNode> newest,
      S3Client store)
      throws IOException {
    ledger.forEach((dataset, entry) -> {
      String state = stack.platform().get(datasets() + "/" + dataset).path("state").asText();
      String expected =
          switch (entry.promise()) {
            case AVAILABLE -> "available";
            case QUARANTINED -> "quarantined";
            case WITHDRAWN -> "deleting";
          };
      if (!state.equals(expected)) {
        findings.add(
            entry.promise() == Uploader.Promise.AVAILABLE
                ? Kind.LOST_DATASET
                : Kind.WRONG_DATASET_STATE,
            dataset + " is " + state + ", acknowledged was " + expected);
      }
      if (points(newest.get(dataset)) != (entry.promise() == Uploader.Promise.AVAILABLE)) {
        findings.add(Kind.AVAILABLE_WITHOUT_POINTER, dataset + " (" + entry.promise() + ")");
      }
    });
    for (Map.Entry<String, JsonNode> each : newest.entrySet()) {
      if (points(each.getValue())) {
        judgeBytes(findings, ledger.get(each.getKey()), each.getKey(), each.getValue(), store);
      }
    }
    for (JsonNode available : stack.platform().list(datasets() + "?state=available")) {
      if (!points(newest.get(available.path("dataset_id").asText()))) {
        findings.add(Kind.AVAILABLE_WITHOUT_POINTER, available.path("dataset_id").asText());
      }
    }
  }

  private static void judgeBytes(
      Findings findings,
      Uploader.@Nullable Entry entry,
      String dataset,
      JsonNode pointer,
      S3Client store)
      throws IOException {
    String uri = pointer.path("object_uri").asText();
    String bucket = uri.substring("s3://".length(), uri.indexOf('/', "s3://".length()));
    String key = uri.substring("s3://".length() + bucket.length() + 1);
    byte[] bytes;
    try (InputStream in = store.getObject(get -> get.bucket(bucket).key(key))) {
      bytes = in.readAllBytes();
    } catch (software.amazon.awssdk.core.exception.SdkException e) {
      findings.add(Kind.POINTER_TO_NOTHING, dataset + ": " + e.getMessage());
      return;
    }
    String checksum = Uploader.checksum(bytes);
    if (bytes.length != pointer.path("size_bytes").asLong()
        || !checksum.equals(pointer.path("checksum").asText())) {
      findings.add(Kind.POINTER_TO_NOTHING, dataset + " has " + bytes.length + " " + checksum);
    }
    if (entry != null && !checksum.equals(entry.checksum())) {
      findings.add(
          Kind.WRONG_BYTES, dataset + " has " + checksum + ", sent was " + entry.checksum());
    }
  }

  /** With the grace time over, nothing may be left that no dataset names. */
  private void sweep(Findings findings, Map<String, Uploader.Entry> ledger, S3Client store)
      throws SQLException, InterruptedException {
    String sweep = "/api/v1/pilots/" + pilot + "/storage/sweep";
    try (Store rows = Store.ofPilot(stack, pilot)) {
      rows.change(
          "UPDATE datasets.dataset SET removed_after = now() WHERE pilot_id = ? AND state = 'deleting'",
          pilot);
      if (!Scenario.await(LONGEST_WAIT, () -> open("deleting") == 0)) {
        findings.add(Kind.WRONG_DATASET_STATE, "withdrawn datasets are not removed");
      }
      JsonNode first = stack.platform().post(sweep, null);
      rows.change(
          "UPDATE datasets.mark SET first_seen_at = first_seen_at - interval '30 days' WHERE pilot_id = ?",
          pilot);
      JsonNode second = stack.platform().post(sweep, null);
      IngestHttp.say(
          "  swept: %d marked, %d removed",
          first.path("findings").size(), second.path("findings").size());
    } catch (ApiProblem problem) {
      findings.add(Kind.ORPHANED_OBJECT, "the sweep failed: " + problem.getMessage());
    }
    for (JsonNode left : stack.platform().get(sweep).path("findings")) {
      findings.add(Kind.ORPHANED_OBJECT, left.toString());
    }
    String bucket = stack.s3().path("bucket").asText();
    List<S3Object> objects =
        store
            .listObjectsV2Paginator(list -> list.bucket(bucket).prefix(pilot + "/"))
            .contents()
            .stream()
            .toList();
    List<JsonNode> kept = new ArrayList<>(stack.platform().list(datasets()));
    if (objects.size() != kept.size()) {
      findings.add(Kind.ORPHANED_OBJECT, objects.size() + " objects, " + kept.size() + " datasets");
    }
    long bytes = kept.stream().mapToLong(each -> each.path("size_bytes").asLong()).sum();
    JsonNode used = stack.platform().get("/api/v1/pilots/" + pilot + "/storage").path("used");
    if (used.path("bytes").asLong() != bytes
        || used.path("objects").asLong() != kept.size()
        || used.path("uploads").asLong() != 0) {
      findings.add(Kind.WRONG_USAGE, used + " for " + kept.size() + " of " + bytes + " bytes");
    }
    if (kept.size() < ledger.size() - withdrawn(ledger)) {
      findings.add(Kind.LOST_DATASET, kept.size() + " are left of " + ledger.size());
    }
  }

  /** A run in which something never came up has shown nothing about it. */
  private static boolean hasSeenAll(Map<String, Uploader.Entry> ledger) {
    for (Uploader.Promise promise : Uploader.Promise.values()) {
      if (of(ledger, promise) == 0) {
        IngestHttp.say("  the run was too short: nothing was " + promise);
        return false;
      }
    }
    return true;
  }
}
