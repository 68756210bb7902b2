package org.pilothouse.webapp.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A day from telemetry over HTTP to the pointer on the backbone, in the deployable. */
@Timeout(300)
class DumpsJourneyIT {
  private static final Duration SOON = Duration.ofSeconds(120);
  private static final ZoneId LISBON = ZoneId.of("Europe/Lisbon");

  private final Consortium consortium = Consortium.another();
  private final Api operator = consortium.caller("pilot-operator");
  private final Api steward = consortium.caller("data-steward");
  private final String pilot = consortium.own();
  private final String base = "/api/v1/pilots/" + pilot + "/dumps";
  private final LocalDate yesterday = LocalDate.now(LISBON).minusDays(1);

  @Test
  void shouldCloseADayAndPointToIt() throws Exception {
    String model = consortium.model(pilot);
    Answer made =
        consortium
            .platform()
            .json("PUT", "/api/v1/pilots/" + pilot + "/twins/press-1", Map.of("model", model));
    assertThat(made.status()).as("%s", made).isEqualTo(201);
    Instant noon = yesterday.atTime(12, 0).atZone(LISBON).toInstant();
    Answer sent =
        consortium
            .caller("device")
            .send(
                "POST",
                "/api/v1/pilots/" + pilot + "/telemetry",
                "application/x-ndjson",
                line("press-1", noon, 71.5)
                    + line("press-1", noon.plusSeconds(1), 72)
                    + line("loose", noon, 1)
                    + line("press-1", noon.plus(Duration.ofDays(1)), 99));
    assertThat(sent.status()).as("%s", sent).isEqualTo(202);
    // Which model a twin follows is told through the outbox.
    await().atMost(SOON).until(() -> told("thread", "press-1").size() > 0);

    assertThat(operator.json("POST", base, Map.of("date", yesterday.toString())).status())
        .isEqualTo(403);
    Answer begun = steward.json("POST", base, Map.of("date", yesterday.toString()));
    assertThat(begun.status()).as("%s", begun).isEqualTo(202);
    await().atMost(SOON).until(() -> !state().equals("running"));

    JsonNode day = operator.get(base + "/" + yesterday).json();
    JsonNode dump = day.path("revisions").path(0);
    assertThat(dump.path("state").asText()).as("%s", day).isEqualTo("complete");
    assertThat(dump.path("events").asInt()).isEqualTo(3);
    JsonNode manifest = operator.get(base + "/" + yesterday + "/manifest").json();
    assertThat(manifest.findValuesAsText("path"))
        .hasSize(2)
        .anySatisfy(path -> assertThat(path).startsWith("model=" + model + "/part-"))
        .anySatisfy(path -> assertThat(path).startsWith("tidy/part-"));
    String id = dump.path("dataset_id").asText();
    await().atMost(SOON).until(() -> told("datasets", id).size() > 0);
    JsonNode pointer = told("datasets", id).getFirst();
    assertThat(pointer.path("event_type").asText()).isEqualTo("dataset.available");
    assertThat(pointer.path("object_uri").asText()).endsWith("/_manifest.json");
    assertThat(pointer.path("tags").path("completeness").asText()).isEqualTo("complete");
    assertThat(pointer.path("lineage").path("kind").asText()).isEqualTo("dump");
    assertThat(
            operator
                .get("/api/v1/pilots/" + pilot + "/datasets/" + id)
                .json()
                .path("checksum")
                .asText())
        .isEqualTo(pointer.path("checksum").asText());
    assertThat(steward.json("POST", base, Map.of("date", yesterday.toString())).status())
        .isEqualTo(200);
    assertThat(
            steward.call("POST", base + "/" + yesterday + "/restart", Map.of(), new byte[0]).code())
        .isEqualTo("conflict");
    assertThat(swept()).isEmpty();
  }

  @Test
  void shouldTellWhichDaysAreOpenAndRefuseOnesThatAreNotOver() {
    LocalDate today = LocalDate.now(LISBON);

    assertThat(steward.json("POST", base, Map.of("date", today.plusDays(1).toString())).code())
        .isEqualTo("conflict");
    assertThat(steward.json("POST", base, Map.of("date", "2026-02-30")).code())
        .isEqualTo("invalid_value");
    assertThat(steward.json("POST", base, Map.of()).code()).isEqualTo("missing_field");
    assertThat(operator.get(base + "?from=2026-02-01&to=2026-01-01").code())
        .isEqualTo("invalid_value");
    assertThat(operator.get(base + "/" + today + "/manifest").code()).isEqualTo("not_found");
    assertThat(operator.get(base + "/" + today).json().path("state").asText()).isEqualTo("open");
    JsonNode days = operator.get(base + "?from=" + today.minusDays(2) + "&to=" + today).json();
    assertThat(days.path("items")).hasSize(3);
  }

  private String state() {
    return operator.get(base + "/" + yesterday).json().path("state").asText();
  }

  /** What a sweep would find fault with. */
  private JsonNode swept() {
    return steward.get("/api/v1/pilots/" + pilot + "/storage/sweep").json().path("findings");
  }

  private static String line(String twin, Instant time, double value) {
    return "{\"twin\":\""
        + twin
        + "\",\"time\":\""
        + time
        + "\",\"values\":{\"temperature\":"
        + value
        + "}}\n";
  }

  private List<JsonNode> told(String kind, String key) throws IOException {
    List<JsonNode> found = new java.util.ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", TestStack.endpoint("kafka")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor("pilot." + pilot + "." + kind, SOON).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, SOON);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey(), SOON) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          if (key.equals(new String(record.key(), java.nio.charset.StandardCharsets.UTF_8))) {
            found.add(TestStack.JSON.readTree(record.value()));
          }
        }
      }
    }
    return found;
  }
}
