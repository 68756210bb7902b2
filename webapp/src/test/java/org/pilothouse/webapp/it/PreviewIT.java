package org.pilothouse.webapp.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What people are shown of files that they sent, on all engines. */
@Timeout(180)
class PreviewIT {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Consortium consortium = Consortium.get();
  private final Api operator = consortium.caller("pilot-operator");
  private final Api admin = consortium.caller("pilot-admin");
  private final String base = "/api/v1/pilots/" + consortium.own() + "/datasets";

  @TempDir private Path folder;

  @Test
  void shouldShowCsvAndWriteItDown() throws Exception {
    String id =
        upload(
            "rpm.csv",
            "text/csv",
            "time,rpm\n2026-01-01T00:00:00Z,900\n2026-01-02T00:00:00Z,1100\n".getBytes(UTF_8),
            Map.of("classification", "restricted", "personal_data", true));

    Answer answer = operator.get(base + "/" + id + "/preview?rows=1");

    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    JsonNode preview = answer.json();
    assertThat(preview.path("format").asText()).isEqualTo("csv");
    assertThat(preview.path("rows_total").asInt()).isEqualTo(2);
    assertThat(preview.path("truncated").asBoolean()).isTrue();
    assertThat(preview.path("rows").toString()).isEqualTo("[[\"2026-01-01T00:00:00Z\",\"900\"]]");
    assertThat(preview.at("/columns/1/min").asText()).isEqualTo("900");
    assertThat(preview.at("/columns/1/max").asText()).isEqualTo("1100");
    assertThat(preview.at("/columns/1/mean").asDouble()).isEqualTo(1000);
    JsonNode trail = admin.get("/api/v1/audit?action=dataset.preview&limit=200").json();
    assertThat(trail.path("items").findValuesAsText("resource"))
        .anyMatch(resource -> resource.contains(id));
  }

  @Test
  void shouldShowNestedJson() throws Exception {
    String id =
        upload(
            "n.ndjson",
            "application/x-ndjson",
            "{\"a\":{\"b\":1}}\n{\"a\":{\"b\":2},\"c\":[1]}\n".getBytes(UTF_8),
            Map.of());

    JsonNode preview = operator.get(base + "/" + id + "/preview").json();

    assertThat(preview.path("format").asText()).isEqualTo("ndjson");
    assertThat(preview.at("/columns/0/name").asText()).isEqualTo("a.b");
    assertThat(preview.path("rows").toString()).isEqualTo("[[\"1\",null],[\"2\",\"[1]\"]]");
  }

  @Test
  void shouldShowParquetByRange() throws Exception {
    Path file = folder.resolve("rows.parquet");
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement()) {
      statement.execute(
          "COPY (SELECT i, 'engine-' || (i % 7) AS engine, i / 4.0 AS load,"
              + " TIMESTAMP '2026-01-01' + INTERVAL (i) SECOND AS at, md5(i::VARCHAR) AS m"
              + " FROM range(0, 200000) t(i)) TO '"
              + file
              + "' (FORMAT parquet, CODEC 'zstd')");
    }
    byte[] bytes = Files.readAllBytes(file);
    String id = upload("rows.parquet", "application/vnd.apache.parquet", bytes, Map.of());

    JsonNode preview = operator.get(base + "/" + id + "/preview?rows=200").json();

    assertThat(preview.path("format").asText()).isEqualTo("parquet");
    assertThat(preview.path("rows_total").asInt()).isEqualTo(200_000);
    assertThat(preview.path("rows")).hasSize(200);
    assertThat(preview.at("/rows/199/1").asText()).isEqualTo("engine-3");
    assertThat(preview.at("/columns/0/max").asText()).isEqualTo("199999");
    assertThat(preview.at("/columns/3/logical").asText()).isEqualTo("timestamp(us, local)");
    assertThat(preview.path("statistics_from").asText()).isEqualTo("file");
    assertThat(preview.path("bytes_read").asLong()).isLessThan(bytes.length);
  }

  @Test
  void shouldSayWhyItShowsNothing() throws Exception {
    byte[] lying = "PAR1 xxxxxxxx\u007f\u007f\u007f\u007fPAR1".getBytes(UTF_8);
    String hostile = upload("h.parquet", "application/vnd.apache.parquet", lying, Map.of());
    String deep =
        upload("d.json", "application/json", "[".repeat(100_000).getBytes(UTF_8), Map.of());

    assertRefused(hostile, "malformed: ");
    assertRefused(hostile, "malformed: ");
    assertRefused(deep, "beyond_limits: ");
    Answer wrong = operator.get(base + "/" + deep + "/preview?rows=201");
    assertThat(wrong.code()).isEqualTo("invalid_value");
    assertThat(operator.get(base + "/" + deep + "/preview?rows=0").status()).isEqualTo(400);
  }

  @Test
  void shouldShowNothingOfWhatIsNotAvailable() {
    Answer declared = declare("u.csv", "text/csv", 10, Map.of());
    String id = declared.json().path("dataset_id").asText();

    Answer answer = operator.get(base + "/" + id + "/preview");

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.code()).isEqualTo("conflict");
    assertThat(operator.get(base + "/nobody/preview").status()).isEqualTo(404);
    assertThat(consortium.caller("support-agent").get(base + "/" + id + "/preview").status())
        .isEqualTo(403);
  }

  private void assertRefused(String id, String detail) {
    Answer answer = operator.get(base + "/" + id + "/preview");
    assertThat(answer.status()).as("%s", answer).isEqualTo(422);
    assertThat(answer.code()).isEqualTo("not_previewable");
    assertThat(answer.json().path("detail").asText()).startsWith(detail);
  }

  private Answer declare(String name, String type, int size, Map<String, Object> tags) {
    return operator.json(
        "POST", base, Map.of("name", name, "media_type", type, "size_bytes", size, "tags", tags));
  }

  private String upload(String name, String type, byte[] bytes, Map<String, Object> tags)
      throws Exception {
    Answer declared = declare(name, type, bytes.length, tags);
    assertThat(declared.status()).as("%s", declared).isEqualTo(201);
    JsonNode dataset = declared.json();
    String id = dataset.path("dataset_id").asText();
    List<Map<String, Object>> parts = new ArrayList<>();
    int size = dataset.at("/upload/part_size").asInt();
    for (JsonNode part : dataset.at("/upload/parts")) {
      int number = part.path("number").asInt();
      int from = (number - 1) * size;
      HttpResponse<String> put =
          HTTP.send(
              HttpRequest.newBuilder(URI.create(part.path("url").asText()))
                  .PUT(
                      HttpRequest.BodyPublishers.ofByteArray(
                          bytes, from, Math.min(size, bytes.length - from)))
                  .timeout(Duration.ofSeconds(30))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
      parts.add(
          new HashMap<>(
              Map.of("number", number, "etag", put.headers().firstValue("etag").orElseThrow())));
    }
    String checksum =
        "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    Answer completed =
        operator.json(
            "POST", base + "/" + id + "/complete", Map.of("parts", parts, "checksum", checksum));
    assertThat(completed.status()).as("%s", completed).isEqualTo(200);
    return id;
  }
}
