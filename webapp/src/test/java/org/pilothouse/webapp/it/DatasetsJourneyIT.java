package org.pilothouse.webapp.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A file from its declaration to its removal, on all engines, as people and readers see it. */
@Timeout(180)
class DatasetsJourneyIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Consortium consortium = Consortium.get();
  private final Api operator = consortium.caller("pilot-operator");
  private final Api steward = consortium.caller("data-steward");
  private final String base = "/api/v1/pilots/" + consortium.own() + "/datasets";

  @Test
  void shouldPointToAFileAndBringItBackVerified() throws Exception {
    byte[] bytes = "time,rpm\n2026-01-01T00:00:00Z,900\n".getBytes(UTF_8);
    Answer declared = declare(bytes, Map.of("classification", "internal", "personal_data", false));
    assertThat(declared.status()).as("%s", declared).isEqualTo(201);
    JsonNode dataset = declared.json();
    String id = dataset.path("dataset_id").asText();
    assertThat(URI.create(declared.header("location")).getPath()).isEqualTo(base + "/" + id);
    assertThat(dataset.path("state").asText()).isEqualTo("uploading");
    assertThat(dataset.path("object_uri").isNull()).isTrue();
    assertThat(operator.get(base + "/" + id + "/content").status()).isEqualTo(409);

    Answer completed = complete(dataset, send(dataset, bytes), checksum(bytes));

    assertThat(completed.status()).as("%s", completed).isEqualTo(200);
    assertThat(completed.json().path("state").asText()).isEqualTo("available");
    assertThat(completed.json().path("checksum").asText()).isEqualTo(checksum(bytes));
    Answer content = operator.get(base + "/" + id + "/content");
    assertThat(content.status()).isEqualTo(302);
    assertThat(get(content.header("location"))).isEqualTo(bytes);
    Pointer pointer = pointers(id, 1).getFirst();
    assertThat(pointer.type()).isEqualTo("dataset.available");
    assertThat(pointer.data().fieldNames())
        .toIterable()
        .contains(
            "event_type",
            "pilot_id",
            "dataset_id",
            "object_uri",
            "checksum",
            "size_bytes",
            "media_type",
            "schema_ref",
            "tags",
            "lineage");
    assertThat(pointer.data().path("object_uri")).isEqualTo(completed.json().path("object_uri"));
    assertThat(pointer.data().path("tags").path("classification").asText()).isEqualTo("internal");
    assertThat(
            operator
                .get(base + "?tag=classification:internal&state=available&limit=500")
                .json()
                .path("items")
                .findValuesAsText("dataset_id"))
        .contains(id);
  }

  @Test
  void shouldQuarantineWhatIsNotAsDeclared() {
    byte[] bytes = "a,b\n1,2\n".getBytes(UTF_8);
    JsonNode dataset = declare(bytes, Map.of()).json();
    List<Map<String, Object>> parts = send(dataset, "a,b\n1,3\n".getBytes(UTF_8));

    Answer completed = complete(dataset, parts, checksum(bytes));
    Answer again = complete(dataset, parts, checksum(bytes));

    assertThat(completed.status()).isEqualTo(409);
    assertThat(completed.code()).isEqualTo("checksum_mismatch");
    assertThat(again.code()).isEqualTo("checksum_mismatch");
    String id = dataset.path("dataset_id").asText();
    JsonNode now = operator.get(base + "/" + id).json();
    assertThat(now.path("state").asText()).isEqualTo("quarantined");
    assertThat(now.path("failure").path("code").asText()).isEqualTo("checksum_mismatch");
    assertThat(now.path("object_uri").isNull()).isTrue();
    assertThat(operator.get(base + "/" + id + "/content").status()).isEqualTo(409);
  }

  @Test
  void shouldWithdrawAndBringBackAndHoldForTheLaw() {
    byte[] bytes = "x\n".getBytes(UTF_8);
    JsonNode dataset = declare(bytes, Map.of()).json();
    String path = base + "/" + dataset.path("dataset_id").asText();
    Answer completed = complete(dataset, send(dataset, bytes), checksum(bytes));
    assertThat(completed.status()).as("%s", completed).isEqualTo(200);
    Answer held = patch(path, completed.header("etag"), "{\"tags\":{\"legal_hold\":true}}");
    assertThat(held.status()).as("%s", held).isEqualTo(200);

    Answer refused = steward.call("DELETE", path, Map.of(), new byte[0]);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo("referenced");
    assertThat(steward.get(path + "/references").json().at("/items/0/kind").asText())
        .isEqualTo("legal_hold");
    assertThat(patch(path, completed.header("etag"), "{}").status()).isEqualTo(412);
    Answer all = patch(path, held.header("etag"), "{\"tags\":null}");
    assertThat(all.code()).as("%s", all).isEqualTo("invalid_value");
    Answer free = patch(path, held.header("etag"), "{\"tags\":{\"legal_hold\":null}}");
    assertThat(free.json().path("tags").has("legal_hold")).isFalse();

    assertThat(operator.call("DELETE", path, Map.of(), new byte[0]).status()).isEqualTo(403);
    assertThat(steward.call("DELETE", path, Map.of(), new byte[0]).status()).isEqualTo(204);
    assertThat(steward.get(path).json().path("state").asText()).isEqualTo("deleting");
    assertThat(steward.get(path + "/content").status()).isEqualTo(409);
    Answer restored = steward.call("POST", path + "/restore", Map.of(), new byte[0]);
    assertThat(restored.json().path("state").asText()).isEqualTo("available");

    assertThat(pointers(dataset.path("dataset_id").asText(), 5))
        .extracting(Pointer::type)
        .containsExactly(
            "dataset.available",
            "dataset.available",
            "dataset.available",
            "dataset.deleted",
            "dataset.available");
  }

  @Test
  void shouldLetTheBrowserSendToObjectStorageAndNowhereElse() {
    String policy = Api.anonymous().get("/").header("content-security-policy");

    String url = declare("x".getBytes(UTF_8), Map.of()).json().at("/upload/parts/0/url").asText();
    String place = URI.create(url).getAuthority();
    String sources = policy.replaceFirst(".*connect-src ([^;]*);.*", "$1");
    // The local stack lists its own store as the endpoint of pilots, which may or may not take TLS.
    assertThat(sources.split(" "))
        .containsExactlyInAnyOrder("'self'", "http://" + place, "https://" + place);
  }

  @Test
  void shouldNotTakeAPartForAnotherPilotsUpload() throws Exception {
    JsonNode mine = declare("x".getBytes(UTF_8), Map.of()).json();
    URI url = URI.create(mine.at("/upload/parts/0/url").asText());
    String other = url.toString().replace(consortium.own(), consortium.other());

    assertThat(put(other, "x".getBytes(UTF_8)).statusCode()).isEqualTo(403);
    assertThat(put(url.toString(), "xy".getBytes(UTF_8)).statusCode()).isEqualTo(403);
  }

  /** What is refused, with what is said of it. */
  record Refused(String what, String body, int status, String code, String path) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Refused> bodies() {
    String rest = "\"media_type\":\"text/csv\",\"size_bytes\":1";
    return Stream.of(
        new Refused("no name", "{" + rest + "}", 400, "missing_field", "/name"),
        new Refused(
            "a name with a NUL",
            "{\"name\":\"a\\u0000b\"," + rest + "}",
            400,
            "invalid_value",
            "/name"),
        new Refused(
            "a name of 257 characters",
            "{\"name\":\"" + "n".repeat(257) + "\"," + rest + "}",
            400,
            "invalid_value",
            "/name"),
        new Refused(
            "no media type",
            "{\"name\":\"a\",\"media_type\":\"csv\",\"size_bytes\":1}",
            400,
            "invalid_value",
            "/media_type"),
        new Refused(
            "a header in the media type",
            "{\"name\":\"a\",\"media_type\":\"text/csv\\r\\nX: 1\",\"size_bytes\":1}",
            400,
            "invalid_value",
            "/media_type"),
        new Refused(
            "less than nothing",
            "{\"name\":\"a\",\"media_type\":\"text/csv\",\"size_bytes\":-1}",
            400,
            "invalid_value",
            "/size_bytes"),
        new Refused(
            "more than S3 holds",
            "{\"name\":\"a\",\"media_type\":\"text/csv\",\"size_bytes\":5497558138881}",
            400,
            "invalid_value",
            "/size_bytes"),
        new Refused(
            "a checksum of another kind",
            "{\"name\":\"a\",\"checksum\":\"md5:00\"," + rest + "}",
            400,
            "invalid_value",
            "/checksum"),
        new Refused(
            "a classification that is none",
            "{\"name\":\"a\",\"tags\":{\"classification\":\"secret\"}," + rest + "}",
            400,
            "invalid_value",
            "/tags/classification"),
        new Refused(
            "a legal hold that is a text",
            "{\"name\":\"a\",\"tags\":{\"legal_hold\":\"yes\"}," + rest + "}",
            400,
            "invalid_value",
            "/tags/legal_hold"),
        new Refused(
            "a tag in a tag",
            "{\"name\":\"a\",\"tags\":{\"x\":{\"y\":1}}," + rest + "}",
            400,
            "invalid_value",
            "/tags/x"),
        new Refused(
            "a tag called __proto__",
            "{\"name\":\"a\",\"tags\":{\"__proto__\":\"x\"}," + rest + "}",
            400,
            "invalid_value",
            "/tags/__proto__"),
        new Refused(
            "an input that nobody has",
            "{\"name\":\"a\",\"lineage\":{\"inputs\":[\"nobody\"]}," + rest + "}",
            400,
            "invalid_value",
            "/lineage/inputs/0"),
        new Refused(
            "who made it, said by the sender",
            "{\"name\":\"a\",\"lineage\":{\"kind\":\"dump\"}," + rest + "}",
            400,
            "unknown_field",
            "/lineage/kind"),
        new Refused(
            "an object elsewhere",
            "{\"name\":\"a\",\"object_uri\":\"http://169.254.169.254/latest\"," + rest + "}",
            400,
            "invalid_value",
            "/object_uri"),
        new Refused(
            "the tenant in the body",
            "{\"name\":\"a\",\"pilot\":\"x\"," + rest + "}",
            400,
            "unknown_field",
            "/pilot"));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void shouldSayWhatIsWrongWithADeclaration(Refused refused) {
    Answer answer = operator.send("POST", base, "application/json", refused.body());

    assertThat(answer.status()).as("%s", answer).isEqualTo(refused.status());
    assertThat(answer.code()).isEqualTo(refused.code());
    assertThat(answer.json().path("path").asText()).isEqualTo(refused.path());
  }

  @Test
  void shouldSayWhatIsWrongWithACompletion() {
    byte[] bytes = "0123456789".getBytes(UTF_8);
    JsonNode dataset = declare(bytes, Map.of()).json();
    String path = base + "/" + dataset.path("dataset_id").asText() + "/complete";
    List<Map<String, Object>> parts = send(dataset, bytes);
    String etag = parts.getFirst().get("etag").toString().replace("\"", "");

    assertRefused(path, "{\"parts\":[]}", "invalid_value", "/parts");
    assertRefused(
        path,
        "{\"parts\":[{\"number\":2,\"etag\":\"" + etag + "\"}]}",
        "invalid_value",
        "/parts/0/number");
    assertRefused(
        path,
        "{\"parts\":[{\"number\":1,\"etag\":\"x\"},{\"number\":1,\"etag\":\"x\"}]}",
        "invalid_value",
        "/parts/1/number");
    assertRefused(path, "{\"parts\":[{\"number\":1}]}", "invalid_value", "/parts/0/etag");
    assertRefused(
        path,
        "{\"parts\":[{\"number\":1,\"etag\":\"00\"}],\"checksum\":\"" + checksum(bytes) + "\"}",
        "part_mismatch",
        "");
    Answer odd =
        operator.json(
            "POST",
            path,
            Map.of(
                "parts",
                parts,
                "checksum",
                checksum(bytes).substring(7).toUpperCase(java.util.Locale.ROOT)));
    assertThat(odd.status()).as("%s", odd).isEqualTo(200);
  }

  @Test
  void shouldNotCompleteWhatWasNotSent() {
    Answer declared =
        operator.json(
            "POST",
            base,
            Map.of("name", "huge", "media_type", "text/csv", "size_bytes", 10L << 30));
    JsonNode dataset = declared.json();
    assertThat(dataset.at("/upload/parts")).hasSize(100);
    assertThat(dataset.at("/upload/part_count").asInt()).isEqualTo(640);
    assertThat(dataset.at("/upload/next_part").asInt()).isEqualTo(101);
    HttpResponse<String> one = put(dataset.at("/upload/parts/0/url").asText(), new byte[] {1});
    assertThat(one.statusCode()).isEqualTo(403);

    Answer completed =
        complete(
            dataset,
            List.of(Map.of("number", 1, "etag", "d41d8cd98f00b204e9800998ecf8427e")),
            checksum(new byte[] {1}));

    assertThat(completed.code()).isEqualTo("part_mismatch");
    Answer given =
        operator.call(
            "DELETE", base + "/" + dataset.path("dataset_id").asText(), Map.of(), new byte[0]);
    assertThat(given.status()).as("%s", given).isEqualTo(204);
  }

  private void assertRefused(String path, String body, String code, String where) {
    Answer answer = operator.send("POST", path, "application/json", body);
    assertThat(answer.code()).as("%s", answer).isEqualTo(code);
    assertThat(answer.json().path("path").asText("")).isEqualTo(where);
  }

  private Answer declare(byte[] bytes, Map<String, Object> tags) {
    return operator.json(
        "POST",
        base,
        Map.of(
            "name",
            "journey/../" + System.nanoTime() + ".csv",
            "media_type",
            "text/csv",
            "size_bytes",
            bytes.length,
            "tags",
            tags));
  }

  private static List<Map<String, Object>> send(JsonNode dataset, byte[] bytes) {
    List<Map<String, Object>> sent = new ArrayList<>();
    for (JsonNode part : dataset.at("/upload/parts")) {
      HttpResponse<String> answer = put(part.path("url").asText(), bytes);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      sent.add(
          new HashMap<>(
              Map.of(
                  "number",
                  part.path("number").asInt(),
                  "etag",
                  answer.headers().firstValue("etag").orElseThrow())));
    }
    return sent;
  }

  private Answer complete(JsonNode dataset, List<Map<String, Object>> parts, String checksum) {
    return operator.json(
        "POST",
        base + "/" + dataset.path("dataset_id").asText() + "/complete",
        Map.of("parts", parts, "checksum", checksum));
  }

  private Answer patch(String path, String etag, String body) {
    return steward.call(
        "PATCH",
        path,
        Map.of("Content-Type", "application/merge-patch+json", "If-Match", etag),
        body.getBytes(UTF_8));
  }

  private static String checksum(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HttpResponse<String> put(String url, byte[] bytes) {
    try (HttpClient own = HttpClient.newHttpClient()) {
      return own.send(
          HttpRequest.newBuilder(URI.create(url))
              .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes))
              .timeout(SOON)
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] get(String url) throws IOException, InterruptedException {
    return HTTP.send(
            HttpRequest.newBuilder(URI.create(url)).timeout(SOON).build(),
            HttpResponse.BodyHandlers.ofByteArray())
        .body();
  }

  /** An event on the pilot's topic of datasets. */
  private record Pointer(String type, JsonNode data) {}

  /** All of the dataset, when there are so many. */
  private List<Pointer> pointers(String dataset, int many) {
    List<Pointer> found = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", TestStack.endpoint("kafka"), "auto.offset.reset", "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer
              .partitionsFor("pilot." + consortium.own() + ".datasets", Duration.ofSeconds(20))
              .stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      await()
          .atMost(SOON)
          .until(() -> {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) {
              if (new String(each.key(), UTF_8).equals(dataset)) {
                found.add(
                    new Pointer(
                        new String(each.headers().lastHeader("ce_type").value(), UTF_8),
                        TestStack.JSON.readTree(each.value())));
              }
            }
            return found.size() >= many;
          });
    }
    return found;
  }
}
