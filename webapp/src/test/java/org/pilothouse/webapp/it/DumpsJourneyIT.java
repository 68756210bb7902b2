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
  void shouldCorrectADayAndTellOfIt() throws Exception {
    String model = consortium.model(pilot);
    Answer made =
        consortium
            .platform()
            .json("PUT", "/api/v1/pilots/" + pilot + "/twins/press-1", Map.of("model", model));
    assertThat(made.status()).as("%s", made).isEqualTo(201);
    await().atMost(SOON).until(() -> told("thread", "press-1").size() > 0);
    Instant noon = yesterday.atTime(12, 0).atZone(LISBON).toInstant();
    report(line("press-1", noon, 71.5));
    String day = base + "/" + yesterday;
    assertThat(steward.json("POST", day + "/corrections", Map.of()).code()).isEqualTo("not_found");
    assertThat(steward.json("POST", base, Map.of("date", yesterday.toString())).status())
        .isEqualTo(202);
    await().atMost(SOON).until(() -> !state().equals("running"));
    JsonNode first = operator.get(day).json().path("revisions").path(0);
    assertThat(first.path("kind").asText()).isEqualTo("day");
    assertThat(first.path("cancellable").asBoolean()).isFalse();
    assertThat(first.path("requested_by").asText()).startsWith("person:");
    assertThat(steward.json("POST", day + "/corrections", Map.of()).code()).isEqualTo("conflict");
    assertThat(steward.call("POST", day + "/cancel", Map.of(), new byte[0]).code())
        .isEqualTo("conflict");

    report(
        line("press-1", noon.plusSeconds(1), 72)
            + "{\"twin\":\"press-1\",\"time\":\""
            + noon
            + "\",\"values\":{\"temperature\":\"hot\"}}\n");
    await()
        .atMost(SOON)
        .until(() ->
            operator.get(day).json().path("revisions").path(0).path("late_waiting").asInt() == 2);
    assertThat(operator.json("POST", day + "/corrections", Map.of()).status()).isEqualTo(403);
    Answer begun = steward.json("POST", day + "/corrections", Map.of("redrive_rejects", true));
    assertThat(begun.status()).as("%s", begun).isEqualTo(202);
    await().atMost(SOON).until(() -> !state().equals("running"));

    JsonNode second = operator.get(day + "/revisions/2").json();
    JsonNode dump = second.path("dump");
    assertThat(dump.path("state").asText()).as("%s", second).isEqualTo("complete");
    assertThat(dump.path("kind").asText()).isEqualTo("correction");
    assertThat(dump.path("events").asInt()).isEqualTo(1);
    assertThat(dump.path("late_waiting").asInt()).isZero();
    assertThat(dump.path("rejects_waiting").asInt()).isEqualTo(1);
    assertThat(dump.path("amends").path("dataset_id")).isEqualTo(first.path("dataset_id"));
    assertThat(second.path("parts").findValuesAsText("kind"))
        .containsExactlyInAnyOrder("table", "rejects");
    assertThat(second.path("partitions").findValues("failure")).allMatch(JsonNode::isNull);
    JsonNode manifest = operator.get(day + "/revisions/2/manifest").json();
    assertThat(manifest.path("amends").path("revision").asInt()).isEqualTo(1);
    assertThat(operator.get(day + "/revisions/3").code()).isEqualTo("not_found");
    JsonNode reject =
        operator.get(day + "/revisions/2/rejects?limit=1").json().path("items").path(0);
    assertThat(reject.path("reason").asText()).isEqualTo("wrong_type");
    assertThat(
            new String(reject.path("data").binaryValue(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("\"hot\"");
    assertThat(reject.path("data_truncated").asBoolean()).isFalse();
    assertThat(operator.get(day + "/revisions/2/rejects?cursor=x").code())
        .isEqualTo("invalid_cursor");
    Answer log = operator.get(day + "/revisions/2/log?limit=2");
    assertThat(log.json().path("items")).hasSize(2);
    assertThat(log.json().path("items").path(0).path("text").asText()).startsWith("A correction");
    assertThat(
            operator
                .get(
                    day
                        + "/revisions/2/log?limit=500&cursor="
                        + log.json().path("next_cursor").asText())
                .json()
                .findValuesAsText("text"))
        .anySatisfy(text -> assertThat(text).startsWith("Closed"));

    String id = dump.path("dataset_id").asText();
    await().atMost(SOON).until(() -> told("datasets", id).size() > 0);
    JsonNode pointer = told("datasets", id).getFirst();
    assertThat(pointer.path("event_type").asText()).isEqualTo("dataset.revised");
    assertThat(pointer.path("revises")).isEqualTo(first.path("dataset_id"));
    List<JsonNode> runs = new java.util.ArrayList<>();
    operator
        .get("/api/v1/pilots/" + pilot + "/openlineage?limit=500")
        .json()
        .path("items")
        .forEach(event -> {
          if (event.path("job").path("name").asText().equals("dump.days/" + yesterday)) {
            runs.add(event);
          }
        });
    // Each revision is a run of the day's job; the second reads what the first has made.
    assertThat(runs).as("%s", runs).hasSize(4);
    assertThat(runs.stream().map(event -> event.path("run").path("runId").asText()).distinct())
        .hasSize(2);
    assertThat(
            runs.stream()
                .filter(event -> event.path("eventType").asText().equals("COMPLETE"))
                .filter(event -> !event.path("inputs").isEmpty())
                .map(event -> version(event.path("inputs").path(0))))
        .containsExactly("1/" + first.path("dataset_id").asText());
    assertThat(
            runs.stream()
                .filter(event -> event.path("eventType").asText().equals("COMPLETE"))
                .map(event -> version(event.path("outputs").path(0))))
        .containsExactlyInAnyOrder("1/" + first.path("dataset_id").asText(), "2/" + id);
    assertThat(swept()).isEmpty();
  }

  private static String version(JsonNode dataset) {
    return dataset.path("facets").path("version").path("datasetVersion").asText();
  }

  private void report(String lines) {
    Answer sent =
        consortium
            .caller("device")
            .send("POST", "/api/v1/pilots/" + pilot + "/telemetry", "application/x-ndjson", lines);
    assertThat(sent.status()).as("%s", sent).isEqualTo(202);
  }

  @Test
  void shouldFillARangeAndSayHowFarItIs() {
    LocalDate from = yesterday.minusDays(2);
    Map<String, String> range = Map.of("from", from.toString(), "to", yesterday.toString());

    Answer begun = steward.json("POST", base + "/backfills", range);
    assertThat(begun.status()).as("%s", begun).isEqualTo(202);
    String one = base + "/backfills/" + begun.json().path("id").asText();
    await()
        .atMost(SOON)
        .until(() -> !operator.get(one).json().path("state").asText().equals("running"));

    JsonNode ended = operator.get(one).json();
    assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("complete");
    assertThat(ended.path("days").path("total").asInt()).isEqualTo(3);
    assertThat(ended.path("day_now").isNull()).isTrue();
    assertThat(operator.get(base + "/backfills?limit=1").json().path("items")).hasSize(1);
    assertThat(steward.call("POST", one + "/cancel", Map.of(), new byte[0]).code())
        .isEqualTo("conflict");
    // They were closed before the pilot was there, and so they are listed all the same.
    assertThat(
            operator
                .get(base + "?from=" + from.minusDays(3) + "&to=" + yesterday)
                .json()
                .path("items"))
        .hasSize(3)
        .allSatisfy(day -> assertThat(day.path("missed").asBoolean()).isFalse());
  }

  @Test
  void shouldRefuseBackfillsAndPoliciesThatCannotBe() {
    LocalDate today = LocalDate.now(LISBON);
    String backfills = base + "/backfills";
    assertThat(
            steward
                .json("POST", backfills, Map.of("from", "2026-01-01", "to", today.toString()))
                .code())
        .isEqualTo("conflict");
    assertThat(
            steward
                .json("POST", backfills, Map.of("from", "2026-01-02", "to", "2026-01-01"))
                .code())
        .isEqualTo("invalid_value");
    assertThat(
            steward
                .json("POST", backfills, Map.of("from", "2024-01-02", "to", "2026-01-01"))
                .code())
        .isEqualTo("invalid_value");
    assertThat(steward.json("POST", backfills, Map.of("from", "2026-01-01")).code())
        .isEqualTo("missing_field");
    assertThat(
            steward
                .json("POST", backfills, Map.of("from", "2026-01-01", "to", "2026-01-01", "a", "b"))
                .code())
        .isEqualTo("unknown_field");
    String policy = base + "/policy";
    Api admin = consortium.caller("pilot-admin");
    assertThat(operator.get(policy).json().path("corrections").asText()).isEqualTo("nightly");
    assertThat(admin.json("PUT", policy, Map.of("corrections", "hourly")).code())
        .isEqualTo("precondition_required");
    assertThat(put(admin, "\"7\"", "{\"corrections\":\"hourly\"}").code())
        .isEqualTo("precondition_failed");
    assertThat(put(admin, "\"0\"", "{\"corrections\":\"weekly\"}").code())
        .isEqualTo("invalid_value");
    assertThat(put(admin, "\"0\"", "{\"corrections\":\"threshold\"}").code())
        .isEqualTo("missing_field");
    assertThat(put(admin, "\"0\"", "{\"corrections\":\"hourly\",\"threshold\":3}").code())
        .isEqualTo("invalid_value");
    Answer set = put(admin, "\"0\"", "{\"corrections\":\"threshold\",\"threshold\":3}");
    assertThat(set.status()).as("%s", set).isEqualTo(200);
    assertThat(operator.get(policy).json().path("threshold").asInt()).isEqualTo(3);
    assertThat(put(admin, "\"0\"", "{\"corrections\":\"hourly\"}").code())
        .isEqualTo("precondition_failed");
  }

  private Answer put(Api caller, String ifMatch, String body) {
    return caller.call(
        "PUT",
        base + "/policy",
        Map.of("Content-Type", "application/json", "If-Match", ifMatch),
        body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
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
    // The pilot was not there before.
    assertThat(days.path("items")).hasSizeBetween(1, 2);
    assertThat(days.path("items").path(0).path("missed").asBoolean()).isFalse();
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
