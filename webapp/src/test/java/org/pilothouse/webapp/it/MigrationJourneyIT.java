package org.pilothouse.webapp.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.kernel.Settings;
import org.pilothouse.platform.objectstore.ObjectStoreConfig;

/** A pilot's data moves to its own endpoint and back, as people see it. */
@Timeout(300)
class MigrationJourneyIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String BUCKET = "pilothouse-pilot";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Api platform = Consortium.get().platform();
  private final ObjectStoreConfig config =
      ObjectStoreConfig.from(
          Settings.read(TestStack.home().resolve("run/pilothouse.properties"), Map.of()));
  private final String pilot = "it-mig-" + Long.toString(System.nanoTime(), 36);
  private final String base = "/api/v1/pilots/" + pilot;
  private final String migrations = base + "/storage/migrations";

  @Test
  void shouldMoveToThePilotAndBack() throws Exception {
    Answer created =
        platform.json(
            "POST",
            "/api/v1/pilots",
            Map.of("pilot_id", pilot, "name", "Moving", "time_zone", "Europe/Lisbon"));
    assertThat(created.status()).as("%s", created).isEqualTo(201);
    byte[] bytes = "time,rpm\n2026-01-01T00:00:00Z,900\n".getBytes(UTF_8);
    String dataset = base + "/datasets/" + uploaded("run-7", bytes);
    Answer byHand =
        patch("{\"storage\":{\"model\":\"federated\",\"endpoint\":\"https://x.test\"}}");
    assertThat(byHand.code()).as("%s", byHand).isEqualTo("migration_required");
    Answer without = platform.json("POST", migrations, Map.of("target", "federated"));
    assertThat(without.code()).as("%s", without).isEqualTo("conflict");

    site();
    Answer plan = platform.json("POST", migrations, Map.of("target", "federated", "dry_run", true));
    assertThat(plan.status()).as("%s", plan).isEqualTo(200);
    assertThat(plan.json().path("datasets").asInt()).isEqualTo(1);
    assertThat(plan.json().path("blockers")).isEmpty();
    assertThat(platform.get(migrations).json().path("items")).isEmpty();
    String before = platform.get(dataset).json().path("object_uri").asText();
    move("federated");

    JsonNode moved = platform.get(dataset).json();
    assertThat(moved.path("object_uri").asText())
        .startsWith("s3://" + BUCKET + "/pilothouse/" + pilot + "/")
        .isNotEqualTo(before);
    assertThat(content(dataset)).isEqualTo(bytes);
    assertThat(platform.get(base).json().at("/storage/model").asText()).isEqualTo("federated");
    String next = base + "/datasets/" + uploaded("run-8", bytes);
    assertThat(platform.get(next).json().path("object_uri").asText()).startsWith("s3://" + BUCKET);
    assertThat(content(next)).isEqualTo(bytes);

    move("centralized");

    assertThat(platform.get(dataset).json().path("object_uri").asText())
        .as("what still stood there")
        .isEqualTo(before);
    assertThat(content(dataset)).isEqualTo(bytes);
    assertThat(content(next)).isEqualTo(bytes);
    assertThat(platform.get("/api/v1/audit?pilot=" + pilot + "&limit=100").text())
        .contains("storage.migrate", "storage.switch", "pilot.update")
        .doesNotContain(config.secretKey());
  }

  private Answer patch(String body) {
    String etag = platform.get(base).header("etag");
    return platform.call(
        "PATCH",
        base,
        Map.of("Content-Type", "application/merge-patch+json", "If-Match", etag),
        body.getBytes(UTF_8));
  }

  private void site() {
    Map<String, Object> site = new HashMap<>();
    site.put("endpoint", config.endpoint().toString());
    site.put("bucket", BUCKET);
    site.put("region", config.region());
    site.put("access_key", config.accessKey());
    site.put("secret_key", config.secretKey());
    site.put("takes_uploads", true);
    Answer set = platform.json("PUT", base + "/storage/site", site);
    assertThat(set.status()).as("%s", set).isEqualTo(201);
    Answer probed = platform.call("POST", base + "/storage/site/probe", Map.of(), new byte[0]);
    assertThat(probed.json().path("writable").asBoolean()).as("%s", probed).isTrue();
  }

  private void move(String target) {
    Answer begun = platform.json("POST", migrations, Map.of("target", target));
    assertThat(begun.status()).as("%s", begun).isEqualTo(201);
    String one = migrations + "/" + begun.json().path("migration_id").asText();
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          JsonNode now = platform.get(one).json();
          assertThat(now.path("state").asText()).as("%s", now).isEqualTo("removing");
        });
    assertThat(platform.call("POST", one + "/cancel", Map.of(), new byte[0]).code())
        .isEqualTo("conflict");
  }

  private String uploaded(String name, byte[] bytes) throws Exception {
    Answer declared =
        platform.json(
            "POST",
            base + "/datasets",
            Map.of("name", name, "media_type", "text/csv", "size_bytes", bytes.length));
    assertThat(declared.status()).as("%s", declared).isEqualTo(201);
    String id = declared.json().path("dataset_id").asText();
    HttpResponse<String> put =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(declared.json().at("/upload/parts/0/url").asText()))
                .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes))
                .timeout(SOON)
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
    Answer completed =
        platform.json(
            "POST",
            base + "/datasets/" + id + "/complete",
            Map.of(
                "parts",
                List.of(
                    Map.of("number", 1, "etag", put.headers().firstValue("etag").orElseThrow())),
                "checksum",
                "sha256:"
                    + HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))));
    assertThat(completed.status()).as("%s", completed).isIn(200, 202);
    await()
        .atMost(SOON)
        .until(() ->
            platform
                .get(base + "/datasets/" + id)
                .json()
                .path("state")
                .asText()
                .equals("available"));
    return id;
  }

  private byte[] content(String dataset) throws Exception {
    Answer content = platform.get(dataset + "/content");
    assertThat(content.status()).as("%s", content).isEqualTo(302);
    return HTTP.send(
            HttpRequest.newBuilder(URI.create(content.header("location"))).timeout(SOON).build(),
            HttpResponse.BodyHandlers.ofByteArray())
        .body();
  }
}
