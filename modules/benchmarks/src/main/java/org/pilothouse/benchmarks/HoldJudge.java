package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.pilothouse.benchmarks.Findings.Kind;
import org.pilothouse.ctl.api.ApiProblem;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Holds the ledger of what was acknowledged, the pointers on the backbone, the catalogue and the
 * objects of one pilot against each other, when nothing is under way any more.
 */
final class HoldJudge {
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(4);

  private final Stack stack;
  private final String pilot;
  private final Findings findings;
  private final List<Place> places = new ArrayList<>();

  HoldJudge(Stack stack, String pilot) {
    this(stack, pilot, new Findings(), false);
  }

  /**
   * @param findings also those of others
   * @param writesAtThePilots whether objects of the platform's may be at the pilot's endpoint, too
   */
  HoldJudge(Stack stack, String pilot, Findings findings, boolean writesAtThePilots) {
    this.stack = stack;
    this.pilot = pilot;
    this.findings = findings;
    places.add(new Place(stack.s3().path("bucket").asText(), pilot + "/"));
    if (writesAtThePilots) {
      places.add(new Place(HoldSteps.PILOT_BUCKET, "pilothouse/" + pilot + "/"));
    }
  }

  /** Where the platform, and nobody else, writes objects of the pilot's. */
  private record Place(String bucket, String prefix) {
    String uriOf(String key) {
      return "s3://" + bucket + "/" + key;
    }

    /** {@code year/month/day/dataset/data}, or another name at the end. */
    String datasetOf(String key) {
      String[] steps = key.substring(prefix.length()).split("/");
      return steps.length == 5 ? steps[3] : key;
    }
  }

  /**
   * One event of the topic.
   *
   * @param id of the event: the same again is no other event
   * @param time of the event
   * @param given when it was given to the backbone
   */
  record Told(String id, Instant time, Instant given, JsonNode event) {
    boolean points() {
      return event.path("event_type").asText().equals("dataset.available");
    }
  }

  Findings findings() {
    return findings;
  }

  /**
   * Waits until all is quiet, and judges.
   *
   * @return all events of the pilot's topic, by dataset, as they came
   */
  Map<String, List<Told>> judge(Map<String, Uploader.Entry> ledger)
      throws IOException, SQLException, InterruptedException {
    giveUpWhatIsOpen();
    Scenario.await(LONGEST_WAIT, () -> inState("verifying").isEmpty());
    Scenario.await(
        LONGEST_WAIT, () -> inState("deleting").size() == of(ledger, Uploader.Promise.WITHDRAWN));
    // The outbox may still be on its way.
    Scenario.await(LONGEST_WAIT, () -> agree(ledger) && !stack.untilCaughtUp().isNegative());
    Map<String, List<Told>> topic = read();
    try (S3Client store = S3.client(stack)) {
      compare(ledger, topic, store);
      sweep(ledger, store);
    }
    return topic;
  }

  static long of(Map<String, Uploader.Entry> ledger, Uploader.Promise promise) {
    return ledger.values().stream().filter(entry -> entry.promise() == promise).count();
  }

  private String datasets() {
    return "/api/v1/pilots/" + pilot + "/datasets";
  }

  /** A declaration whose answer was lost left an upload that nobody goes on with. */
  private void giveUpWhatIsOpen() {
    inState("uploading")
        .forEach(open -> {
          var unused = stack.platform().delete(datasets() + "/" + open.path("dataset_id").asText());
        });
  }

  private List<JsonNode> inState(String state) {
    return stack.platform().list(datasets() + "?state=" + state);
  }

  /** How many different events of the topic point to each dataset, read anew. */
  Map<String, Long> pointers() throws IOException {
    Map<String, Long> pointers = new LinkedHashMap<>();
    read()
        .forEach((dataset, events) -> {
          long different = events.stream().filter(Told::points).map(Told::id).distinct().count();
          if (different > 0) {
            pointers.put(dataset, different);
          }
        });
    return pointers;
  }

  /** Reads all pointers anew. */
  private Map<String, List<Told>> read() throws IOException {
    Map<String, List<Told>> topic = new LinkedHashMap<>();
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
          topic
              .computeIfAbsent(
                  new String(record.key(), StandardCharsets.UTF_8), first -> new ArrayList<>())
              .add(
                  new Told(
                      header(record, "ce_id"),
                      Instant.parse(header(record, "ce_time")),
                      Instant.ofEpochMilli(record.timestamp()),
                      json.readTree(record.value())));
        }
      }
    }
    return topic;
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name)
      throws IOException {
    Header header = record.headers().lastHeader(name);
    if (header == null) {
      throw new IOException("an event of the topic has no " + name);
    }
    return new String(header.value(), StandardCharsets.UTF_8);
  }

  /** Whether the newest event of a dataset points to it. */
  private static boolean points(@Nullable List<Told> events) {
    return events != null && events.getLast().points();
  }

  private boolean agree(Map<String, Uploader.Entry> ledger) throws IOException {
    Map<String, List<Told>> topic = read();
    return ledger.entrySet().stream()
        .allMatch(entry ->
            points(topic.get(entry.getKey()))
                == (entry.getValue().promise() == Uploader.Promise.AVAILABLE));
  }

  private void compare(
      Map<String, Uploader.Entry> ledger, Map<String, List<Told>> topic, S3Client store)
      throws IOException {
    ledger.forEach((dataset, entry) -> {
      JsonNode now = stack.platform().get(datasets() + "/" + dataset);
      String state = now.path("state").asText();
      String expected =
          switch (entry.promise()) {
            case AVAILABLE -> "available";
            case QUARANTINED -> "quarantined";
            case WITHDRAWN -> "deleting";
            case REMOVED -> "deleted";
          };
      if (!state.equals(expected)) {
        findings.add(
            entry.promise() == Uploader.Promise.AVAILABLE
                ? Kind.LOST_DATASET
                : Kind.WRONG_DATASET_STATE,
            dataset + " is " + state + ", acknowledged was " + expected);
      }
      List<Told> events = topic.get(dataset);
      if (points(events) != (entry.promise() == Uploader.Promise.AVAILABLE)) {
        findings.add(Kind.AVAILABLE_WITHOUT_POINTER, dataset + " (" + entry.promise() + ")");
      } else if (events != null
          && points(events)
          && !uriOf(events.getLast().event()).equals(uriOf(now))) {
        findings.add(Kind.POINTER_ELSEWHERE, dataset + " is at " + uriOf(now));
      }
    });
    for (Map.Entry<String, List<Told>> each : topic.entrySet()) {
      compareEvents(each.getKey(), each.getValue());
      if (points(each.getValue())) {
        compareBytes(
            ledger.get(each.getKey()), each.getKey(), each.getValue().getLast().event(), store);
      }
    }
    for (JsonNode available : inState("available")) {
      if (!points(topic.get(available.path("dataset_id").asText()))) {
        findings.add(Kind.AVAILABLE_WITHOUT_POINTER, available.path("dataset_id").asText());
      }
    }
    for (String unsettled : List.of("uploading", "verifying")) {
      inState(unsettled)
          .forEach(dataset -> findings.add(Kind.WRONG_DATASET_STATE, "left " + dataset));
    }
  }

  /**
   * What points to a dataset is withdrawn before anything points to the same place again, and the
   * reverse.
   */
  private void compareEvents(String dataset, List<Told> events) {
    Set<String> seen = new HashSet<>();
    String pointed = "";
    for (Told told : events) {
      if (seen.add(told.id())) {
        String points = told.points() ? uriOf(told.event()) : "";
        if (points.equals(pointed)) {
          findings.add(Kind.POINTER_TWICE, dataset + ": " + told.event());
        }
        pointed = points;
      }
    }
  }

  private static String uriOf(JsonNode dataset) {
    return dataset.path("object_uri").asText();
  }

  private void compareBytes(
      Uploader.@Nullable Entry entry, String dataset, JsonNode pointer, S3Client store)
      throws IOException {
    String uri = uriOf(pointer);
    String bucket = uri.substring("s3://".length(), uri.indexOf('/', "s3://".length()));
    String key = uri.substring("s3://".length() + bucket.length() + 1);
    byte[] bytes;
    try (InputStream in = store.getObject(get -> get.bucket(bucket).key(key))) {
      bytes = in.readAllBytes();
    } catch (software.amazon.awssdk.core.exception.SdkException e) {
      findings.add(Kind.POINTER_TO_NOTHING, dataset + ": " + e.getMessage());
      return;
    }
    String checksum = Sender.checksum(bytes);
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
  private void sweep(Map<String, Uploader.Entry> ledger, S3Client store)
      throws SQLException, InterruptedException {
    String sweep = "/api/v1/pilots/" + pilot + "/storage/sweep";
    places.forEach(place -> plantOrphans(store, place));
    try (Store rows = Store.ofPilot(stack, pilot)) {
      rows.change(
          "UPDATE datasets.dataset SET removed_after = now() WHERE pilot_id = ? AND state = 'deleting'",
          pilot);
      if (!Scenario.await(LONGEST_WAIT, () -> inState("deleting").isEmpty())) {
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
    List<JsonNode> kept = stack.platform().list(datasets());
    compareObjects(kept, store);
    long bytes =
        kept.stream()
            .filter(HoldJudge::isWritten)
            .mapToLong(each -> each.path("size_bytes").asLong())
            .sum();
    JsonNode used = stack.platform().get("/api/v1/pilots/" + pilot + "/storage").path("used");
    if (used.path("bytes").asLong() != bytes
        || used.path("objects").asLong() != kept.size()
        || used.path("uploads").asLong() != 0) {
      findings.add(Kind.WRONG_USAGE, used + " for " + kept.size() + " of " + bytes + " bytes");
    }
    long gone = of(ledger, Uploader.Promise.WITHDRAWN) + of(ledger, Uploader.Promise.REMOVED);
    if (kept.size() < ledger.size() - gone) {
      findings.add(Kind.LOST_DATASET, kept.size() + " are left of " + ledger.size());
    }
  }

  /** A sweep that finds nothing would else look like one that had nothing to find. */
  private static void plantOrphans(S3Client store, Place place) {
    String directory = place.prefix() + "2020/01/01/";
    store.putObject(
        put -> put.bucket(place.bucket()).key(directory + "nobodys-object/data"),
        RequestBody.fromString("nobody's"));
    var unused =
        store.createMultipartUpload(
            begin -> begin.bucket(place.bucket()).key(directory + "nobodys-upload/data"));
  }

  private void compareObjects(List<JsonNode> kept, S3Client store) {
    Map<String, Set<String>> stored = stored(store);
    kept.stream()
        .filter(HoldJudge::isWritten)
        .forEach(each -> {
          String dataset = each.path("dataset_id").asText();
          Set<String> objects = stored.remove(dataset);
          if (objects == null) {
            findings.add(Kind.LOST_DATASET, dataset + " has no object");
          } else if (objects.size() > 1) {
            findings.add(Kind.ORPHANED_OBJECT, dataset + " has " + objects);
          } else if (each.path("object_uri").isTextual() && !objects.contains(uriOf(each))) {
            findings.add(Kind.LOST_DATASET, each + " is at " + objects);
          }
        });
    stored.forEach((dataset, objects) -> findings.add(Kind.ORPHANED_OBJECT, "of " + objects));
    for (Place place : places) {
      store
          .listMultipartUploads(list -> list.bucket(place.bucket()).prefix(place.prefix()))
          .uploads()
          .stream()
          .filter(open -> open.key().startsWith(place.prefix()))
          .forEach(open -> findings.add(Kind.ORPHANED_OBJECT, "an upload of " + open.key()));
    }
  }

  /** The objects of each dataset. */
  private Map<String, Set<String>> stored(S3Client store) {
    Map<String, Set<String>> stored = new HashMap<>();
    for (Place place : places) {
      store
          .listObjectsV2Paginator(list -> list.bucket(place.bucket()).prefix(place.prefix()))
          .contents()
          .stream()
          .map(S3Object::key)
          .forEach(key ->
              stored
                  .computeIfAbsent(place.datasetOf(key), first -> new TreeSet<>())
                  .add(place.uriOf(key)));
    }
    return stored;
  }

  private static boolean isWritten(JsonNode dataset) {
    return !dataset.path("lineage").path("kind").asText().equals("registration");
  }
}
