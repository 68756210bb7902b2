package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;

/** What there is of a pilot's twins: on the topics, by the API, and in the store. */
final class TwinEvidence {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration OLDEST = Duration.ofHours(3);
  private static final String READER = "twin-state";

  private final Stack stack;
  private final String pilot;

  TwinEvidence(Stack stack, String pilot) {
    this.stack = stack;
    this.pilot = pilot;
  }

  /** Where every partition of the topic ends. */
  Map<Integer, Long> ends(String kind) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      Map<Integer, Long> ends = new TreeMap<>();
      consumer
          .endOffsets(partitions(consumer, kind))
          .forEach((partition, end) -> ends.put(partition.partition(), end));
      return ends;
    }
  }

  /**
   * Every record of a topic of the pilot's, each partition in its order.
   *
   * @throws IllegalStateException when retention has removed some already
   */
  private void read(String kind, Consumer<ConsumerRecord<byte[], byte[]>> each) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = partitions(consumer, kind);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      if (consumer.beginningOffsets(partitions).values().stream().anyMatch(first -> first > 0)) {
        throw new IllegalStateException("the beginning of " + kind + " is gone");
      }
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofSeconds(1)).forEach(each);
      }
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            stack.kafka(),
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            10_000,
            ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            120_000),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String kind) {
    String topic = "pilot." + pilot + "." + kind;
    return consumer.partitionsFor(topic).stream()
        .map(partition -> new TopicPartition(topic, partition.partition()))
        .toList();
  }

  TelemetryFold fold(Map<String, Instant> retired) {
    TelemetryFold fold = new TelemetryFold(retired);
    read(
        "telemetry",
        record ->
            fold.take(
                new TelemetryFold.Event(
                    new String(record.key(), StandardCharsets.UTF_8),
                    header(record, "ce_source"),
                    header(record, "ce_id"),
                    Instant.parse(header(record, "ce_time")),
                    Instant.ofEpochMilli(record.timestamp()),
                    new TelemetryFold.Place(record.partition(), record.offset()),
                    record.value())));
    return fold;
  }

  /** Of each twin, the facts on the topics of the thread and of commands. */
  Map<String, List<TwinJudge.Fact>> facts() {
    Map<String, List<TwinJudge.Fact>> facts = new TreeMap<>();
    for (String kind : List.of("thread", "commands")) {
      read(
          kind,
          record -> {
            JsonNode data = json(record.value());
            if (data.path("twin").isTextual()) {
              facts
                  .computeIfAbsent(data.path("twin").asText(), twin -> new ArrayList<>())
                  .add(
                      new TwinJudge.Fact(
                          header(record, "ce_id"),
                          header(record, "ce_type"),
                          Instant.parse(header(record, "ce_time")),
                          data));
            }
          });
    }
    return facts;
  }

  /** Of each twin, the properties in its last event. */
  Map<String, JsonNode> stateEvents() {
    Map<String, JsonNode> last = new HashMap<>();
    read(
        "twin-state",
        record -> {
          String twin = new String(record.key(), StandardCharsets.UTF_8);
          byte @Nullable [] value = record.value();
          if (value == null) {
            last.remove(twin);
          } else {
            last.put(twin, json(value).path("properties"));
          }
        });
    return last;
  }

  List<TwinJudge.Rejection> rejections() {
    List<TwinJudge.Rejection> rejections = new ArrayList<>();
    read(
        "rejected",
        record -> {
          if (header(record, "ce_rejectreader").equals(READER)) {
            rejections.add(
                new TwinJudge.Rejection(
                    new TelemetryFold.Place(
                        Integer.parseInt(header(record, "ce_originpartition")),
                        Long.parseLong(header(record, "ce_originoffset"))),
                    header(record, "ce_rejectreason"),
                    header(record, "ce_rejectdetail")));
          }
        });
    return rejections;
  }

  /** The properties of every twin that is there, each asked for by its id. */
  Map<String, JsonNode> states() {
    Map<String, JsonNode> states = new TreeMap<>();
    api()
        .each(
            path("/twins"),
            twin -> {
              String id = twin.path("twin_id").asText();
              states.put(id, api().get(path("/twins/" + id)).path("properties"));
              return true;
            });
    return states;
  }

  JsonNode twin(String twin) {
    return api().get(path("/twins/" + twin));
  }

  JsonNode digest() {
    return api().get(path("/twin-digest"));
  }

  /** Newest first. */
  List<TwinJudge.Fact> thread(String twin) {
    return api().list(path("/twins/" + twin + "/thread")).stream()
        .map(fact ->
            new TwinJudge.Fact(
                fact.path("id").asText(),
                fact.path("type").asText(),
                Instant.parse(fact.path("time").asText()),
                fact.path("data")))
        .toList();
  }

  /** Newest first. */
  List<TwinJudge.Command> commands(String twin) {
    return api().list(path("/twins/" + twin + "/commands")).stream()
        .map(command ->
            new TwinJudge.Command(
                command.path("command_id").asText(),
                command.path("twin").asText(),
                command.path("name").asText(),
                command.path("state").asText(),
                command.get("input"),
                command.get("output"),
                command.path("error").isTextual() ? command.path("error").asText() : null))
        .toList();
  }

  /** The minutes of a twin's first properties, as charts get them. */
  Map<TelemetryFold.Series, SortedMap<Long, Summary.Shown>> shownMinutes(String twin, Instant now) {
    JsonNode history =
        api()
            .get(
                path(
                    "/twins/"
                        + twin
                        + "/history?step=60&from="
                        + now.minus(OLDEST)
                        + "&to="
                        + now));
    Map<TelemetryFold.Series, SortedMap<Long, Summary.Shown>> shown = new HashMap<>();
    for (JsonNode series : history.path("series")) {
      SortedMap<Long, Summary.Shown> minutes = new TreeMap<>();
      for (JsonNode point : series.path("points")) {
        minutes.put(
            Instant.parse(point.get(0).asText()).getEpochSecond(),
            new Summary.Shown(
                point.get(4).asLong(),
                point.get(1).asDouble(),
                point.get(3).asDouble(),
                point.get(2).asDouble(),
                Double.NaN));
      }
      shown.put(new TelemetryFold.Series(twin, series.path("property").asText()), minutes);
    }
    return shown;
  }

  /** Every minute that is kept, with the last value, which the API does not show. */
  Map<TelemetryFold.Series, SortedMap<Long, Summary.Shown>> minutes() throws SQLException {
    Map<TelemetryFold.Series, SortedMap<Long, Summary.Shown>> minutes = new HashMap<>();
    try (Store store = Store.ofPilot(stack, pilot);
        PreparedStatement query =
            store.prepare(
                "SELECT twin_id, property, extract(epoch FROM bucket)::bigint, count, low, high, total / count, last"
                    + " FROM twins.rollup WHERE pilot_id = ? AND step = ?")) {
      query.setString(1, pilot);
      query.setInt(2, TelemetryFold.MINUTE);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          minutes
              .computeIfAbsent(
                  new TelemetryFold.Series(rows.getString(1), rows.getString(2)),
                  series -> new TreeMap<>())
              .put(
                  rows.getLong(3),
                  new Summary.Shown(
                      rows.getLong(4),
                      rows.getDouble(5),
                      rows.getDouble(6),
                      rows.getDouble(7),
                      rows.getDouble(8)));
        }
      }
    }
    return minutes;
  }

  /** How many readings are kept of each twin. */
  Map<String, Long> readings() throws SQLException {
    Map<String, Long> readings = new HashMap<>();
    try (Store store = Store.ofPilot(stack, pilot);
        PreparedStatement query =
            store.prepare(
                "SELECT twin_id, count(*) FROM twins.reading WHERE pilot_id = ? GROUP BY twin_id")) {
      query.setString(1, pilot);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          readings.put(rows.getString(1), rows.getLong(2));
        }
      }
    }
    return readings;
  }

  private PilothouseApi api() {
    return stack.platform();
  }

  private String path(String rest) {
    return "/api/v1/pilots/" + pilot + rest;
  }

  private static JsonNode json(byte[] data) {
    try {
      return JSON.readTree(data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String header(ConsumerRecord<?, ?> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }
}
