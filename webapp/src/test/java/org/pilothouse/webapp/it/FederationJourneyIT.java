package org.pilothouse.webapp.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pilothouse.kernel.Settings;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.objectstore.ObjectStoreConfig;

/** A federated pilot's data, from its endpoint to its pointer, as people see it. */
@Timeout(180)
class FederationJourneyIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String BUCKET = "pilothouse-pilot";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Api platform = Consortium.get().platform();
  private final ObjectStoreConfig config =
      ObjectStoreConfig.from(
          Settings.read(TestStack.home().resolve("run/pilothouse.properties"), Map.of()));
  private final String pilot = "it-fed-" + Long.toString(System.nanoTime(), 36);
  private final String base = "/api/v1/pilots/" + pilot;

  @Test
  void shouldPointToDataThatStaysWithItsPilot() throws Exception {
    byte[] bytes = "time,rpm\n2026-01-01T00:00:00Z,900\n".getBytes(UTF_8);
    String key = pilot + "/runs/run 7.csv";
    federated();
    put(key, bytes);
    Answer set = platform.json("PUT", base + "/storage/site", site(config.endpoint().toString()));
    assertThat(set.status()).as("%s", set).isEqualTo(201);
    assertThat(set.toString()).doesNotContain(config.secretKey());
    assertThat(platform.json("PUT", base + "/storage/site", site("x")).status()).isEqualTo(400);

    Answer probed = platform.call("POST", base + "/storage/site/probe", Map.of(), new byte[0]);
    assertThat(probed.json().at("/replayability/state").asText()).isEqualTo("reachable");
    Map<String, Object> registration =
        Map.of(
            "name",
            "run-7",
            "media_type",
            "text/csv",
            "size_bytes",
            bytes.length,
            "object_uri",
            ObjectStore.uriOf(BUCKET, key).toString());
    Answer registered = platform.json("POST", base + "/datasets", registration);
    assertThat(registered.status()).as("%s", registered).isEqualTo(201);
    assertThat(platform.json("POST", base + "/datasets", registration).status()).isEqualTo(200);
    String path = base + "/datasets/" + registered.json().path("dataset_id").asText();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(platform.get(path).json().path("state").asText()).isEqualTo("available"));

    JsonNode dataset = platform.get(path).json();
    assertThat(dataset.path("object_uri").asText())
        .isEqualTo("s3://" + BUCKET + "/" + pilot + "/runs/run%207.csv");
    assertThat(dataset.at("/replayability/state").asText()).isEqualTo("reachable");
    assertThat(dataset.at("/lineage/kind").asText()).isEqualTo("registration");
    Answer content = platform.get(path + "/content");
    assertThat(content.status()).isEqualTo(302);
    assertThat(get(content.header("location"))).isEqualTo(bytes);
    JsonNode storage = platform.get(base + "/storage").json();
    assertThat(storage.at("/used/bytes").asLong()).isZero();
    assertThat(storage.at("/site/bucket").asText()).isEqualTo(BUCKET);
    assertThat(platform.call("DELETE", base + "/storage/site", Map.of(), new byte[0]).code())
        .isEqualTo("conflict");
    assertNoSecret();
  }

  @Test
  void shouldCopyToTheCentreAndCancelWhatIsNotWanted() {
    federated();
    assertThat(
            platform
                .json("PUT", base + "/storage/site", site(config.endpoint().toString()))
                .status())
        .isEqualTo(201);
    byte[] bytes = "time,rpm\n2026-01-01T00:00:00Z,900\n".getBytes(UTF_8);
    put(pilot + "/run", bytes);
    Answer registered =
        platform.json(
            "POST",
            base + "/datasets",
            Map.of(
                "name",
                "run",
                "media_type",
                "text/csv",
                "size_bytes",
                bytes.length,
                "object_uri",
                ObjectStore.uriOf(BUCKET, pilot + "/run").toString()));
    String id = registered.json().path("dataset_id").asText();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(platform.get(base + "/datasets/" + id).json().path("state").asText())
                .isEqualTo("available"));
    String curations = base + "/datasets/curations";
    Map<String, Object> choice = Map.of("datasets", List.of(id));
    assertThat(
            platform
                .json("POST", curations, Map.of("datasets", List.of(id), "dry_run", true))
                .json()
                .path("bytes")
                .asInt())
        .isEqualTo(bytes.length);

    Answer begun = platform.json("POST", curations, choice);
    assertThat(begun.status()).as("%s", begun).isEqualTo(201);
    String one = curations + "/" + begun.json().path("curation_id").asText();
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(platform.get(one).json().path("done").asBoolean()).isTrue());
    Answer after = platform.call("POST", one + "/cancel", Map.of(), new byte[0]);
    assertThat(after.status()).as("%s", after).isEqualTo(200);
    assertThat(after.json().at("/states/available").asInt()).isEqualTo(1);
    assertThat(after.json().path("cancelled_at").isNull()).isTrue();
    assertThat(after.json().at("/copies/0/name").asText()).isEqualTo("run");

    Answer second = platform.json("POST", curations, choice);
    String other = curations + "/" + second.json().path("curation_id").asText();
    Answer cancelled = platform.call("POST", other + "/cancel", Map.of(), new byte[0]);
    assertThat(cancelled.status()).as("%s", cancelled).isEqualTo(200);
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(platform.get(other).json().path("done").asBoolean()).isTrue());
    JsonNode first = platform.get(curations + "?limit=1").json();
    assertThat(first.at("/items/0/curation_id").asText())
        .isEqualTo(second.json().path("curation_id").asText());
    assertThat(first.at("/items/0").has("copies")).isFalse();
    JsonNode next =
        platform.get(curations + "?limit=1&cursor=" + first.path("next_cursor").asText()).json();
    assertThat(next.at("/items/0/curation_id").asText())
        .isEqualTo(begun.json().path("curation_id").asText());
    assertThat(next.path("next_cursor").isNull()).isTrue();
    assertThat(platform.get(curations + "?cursor=nonsense").code()).isEqualTo("invalid_cursor");
    assertThat(platform.call("POST", curations + "/A%20b/cancel", Map.of(), new byte[0]).status())
        .isEqualTo(404);
    assertThat(platform.get(base + "/datasets/" + id + "/content").status()).isEqualTo(302);
    assertThat(platform.get("/api/v1/audit?pilot=" + pilot + "&action=dataset.content").text())
        .contains(id);
    assertThat(platform.get("/api/v1/platform/openlineage").json().path("state").asText())
        .isEqualTo("off");
  }

  @ParameterizedTest
  @CsvSource({
    "https://169.254.169.254, endpoint_not_allowed",
    "http://169.254.169.254/latest/meta-data, invalid_value",
    "http://127.0.0.1:1, endpoint_not_allowed",
    "http://[::ffff:127.0.0.1]:1, endpoint_not_allowed",
    "https://localhost, endpoint_not_allowed",
    "https://user:word@s3.example.org, invalid_value",
    "https://0x7f.1, invalid_value",
    "https://2130706433, invalid_value",
    "file:///etc/passwd, invalid_value",
    "gopher://127.0.0.1:70, invalid_value",
    "https://s3.example.org, endpoint_not_allowed"
  })
  void shouldRefuseAnEndpointThatLeadsElsewhere(String endpoint, String code) {
    federated();

    Answer refused = platform.json("PUT", base + "/storage/site", site(endpoint));

    assertThat(refused.status()).as("%s", refused).isEqualTo(400);
    assertThat(refused.code()).isEqualTo(code);
    assertThat(refused.json().path("path").asText()).isEqualTo("/endpoint");
    assertThat(refused.toString()).doesNotContain(config.secretKey());
  }

  private void federated() {
    Answer created =
        platform.json(
            "POST",
            "/api/v1/pilots",
            Map.of(
                "pilot_id",
                pilot,
                "name",
                "Federated",
                "time_zone",
                "Europe/Lisbon",
                "storage",
                Map.of("model", "federated", "endpoint", config.endpoint().toString())));
    assertThat(created.status()).as("%s", created).isEqualTo(201);
  }

  private Map<String, Object> site(String endpoint) {
    Map<String, Object> site = new HashMap<>();
    site.put("endpoint", endpoint);
    site.put("bucket", BUCKET);
    site.put("region", config.region());
    site.put("access_key", config.accessKey());
    site.put("secret_key", config.secretKey());
    return site;
  }

  private void put(String key, byte[] bytes) {
    try (ObjectStore store =
        new ObjectStore(
            ObjectStoreConfig.ofSite(
                config.endpoint(), config.region(), config.accessKey(), config.secretKey(), BUCKET),
            Clock.systemUTC(),
            new SimpleMeterRegistry())) {
      store.put(key, "text/csv", bytes);
    }
  }

  private static byte[] get(String url) throws IOException, InterruptedException {
    return HTTP.send(
            HttpRequest.newBuilder(URI.create(url)).timeout(SOON).build(),
            HttpResponse.BodyHandlers.ofByteArray())
        .body();
  }

  /** Neither in the audit trail nor in any log of the deployable. */
  private void assertNoSecret() throws IOException {
    assertThat(platform.get("/api/v1/audit?pilot=" + pilot + "&limit=100").text())
        .contains("site.create")
        .doesNotContain(config.secretKey());
    Path logs = TestStack.home().resolve("logs");
    try (Stream<Path> files = Files.exists(logs) ? Files.list(logs) : Stream.empty()) {
      for (Path log : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(log, java.nio.charset.StandardCharsets.ISO_8859_1))
            .as("%s", log)
            .doesNotContain(config.secretKey());
      }
    }
  }
}
