package org.pilothouse.ctl.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pilothouse.ctl.FakePlatform;
import org.pilothouse.ctl.FakePlatform.Request;
import org.pilothouse.ctl.FakePlatform.Response;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.progress.Progress;
import org.pilothouse.ctl.telemetry.Unusable;

/** Files to and from a hold that breaks off, in parts of four bytes. */
@Timeout(60)
class TransferTest {
  private static final String TEXT = "0123456789";
  private static final String CHECKSUM =
      "sha256:84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882";
  private static final int PART = 4;

  @TempDir Path directory;

  private final ObjectMapper json = new ObjectMapper();
  private final Map<Integer, String> stored = new ConcurrentHashMap<>();
  private final AtomicInteger refusals = new AtomicInteger();
  private final AtomicBoolean forgets = new AtomicBoolean();
  private final FakePlatform platform = new FakePlatform(this::answer);
  private final PilothouseApi api = PilothouseApi.at(platform.url());
  private String open = "[]";
  private String content = TEXT;
  private String state = "available";

  @AfterEach
  void close() {
    api.close();
    platform.close();
  }

  @Test
  void shouldSendAFileInPartsAndSayWhatItShouldBe() throws Exception {
    JsonNode dataset = upload();

    assertThat(dataset.path("state").asText()).isEqualTo("available");
    assertThat(stored).isEqualTo(Map.of(1, "0123", 2, "4567", 3, "89"));
    JsonNode declared = body("POST /api/v1/pilots/p/datasets");
    assertThat(declared.path("size_bytes").asInt()).isEqualTo(10);
    assertThat(declared.path("checksum").asText()).isEqualTo(CHECKSUM);
    JsonNode completed = body("POST /api/v1/pilots/p/datasets/d/complete");
    assertThat(completed.path("parts").findValuesAsText("etag")).containsExactly("e1", "e2", "e3");
    assertThat(completed.path("checksum").asText()).isEqualTo(CHECKSUM);
  }

  @Test
  void shouldSendAPartAgainThatWasNotTaken() throws Exception {
    refusals.set(2);

    var unused = upload();

    assertThat(stored).hasSize(3);
  }

  @Test
  void shouldGoOnWithAnUploadThatBrokeOff() throws Exception {
    open =
        "[{\"dataset_id\":\"d\",\"size_bytes\":10,\"checksum\":\""
            + CHECKSUM
            + "\"},{\"dataset_id\":\"other\",\"size_bytes\":10,\"checksum\":\"sha256:00\"}]";
    stored.put(1, "0123");

    var unused = upload();

    assertThat(platform.requests())
        .noneMatch(request -> request.toString().equals("POST /api/v1/pilots/p/datasets"));
    assertThat(platform.requests().stream().filter(request -> request.method().equals("PUT")))
        .hasSize(2);
  }

  @Test
  void shouldSendAgainWhatObjectStorageLost() throws Exception {
    forgets.set(true);

    JsonNode dataset = upload();

    assertThat(dataset.path("state").asText()).isEqualTo("available");
    assertThat(platform.requests().stream().filter(request -> request.method().equals("PUT")))
        .hasSize(4);
  }

  @Test
  void shouldSayWhyItIsInQuarantine() {
    state = "quarantined";

    assertThatThrownBy(this::upload)
        .isInstanceOfSatisfying(
            ApiProblem.class, problem -> assertThat(problem.code()).isEqualTo("checksum_mismatch"));
  }

  @Test
  void shouldFetchAFileUnderItsNameAndCheckIt() throws Exception {
    Path file = download().run(directory, false);

    assertThat(file).isEqualTo(directory.resolve("run_7.csv")).hasContent(TEXT);
    assertThat(directory).isDirectoryNotContaining("glob:**.part");
    assertThatThrownBy(() -> download().run(directory, false)).isInstanceOf(Unusable.class);
  }

  @Test
  void shouldGoOnWithADownloadThatBrokeOff() throws Exception {
    Files.writeString(directory.resolve("run_7.csv.d.part"), "01234");

    Path file = download().run(directory, false);

    assertThat(file).hasContent(TEXT);
    assertThat(platform.requests())
        .filteredOn(request -> request.path().equals("/content"))
        .extracting(request -> request.headers().get("Range"))
        .containsExactly("bytes=5-");
  }

  @Test
  void shouldKeepNothingThatIsNotWhatWasVerified() {
    content = "0123456780";

    assertThatThrownBy(() -> download().run(directory, false))
        .isInstanceOfSatisfying(
            ApiProblem.class, problem -> assertThat(problem.code()).isEqualTo("checksum_mismatch"));
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void shouldMakeAPlainNameOfAnyName() {
    assertThat(Download.fileName("../../etc/passwd")).isEqualTo(".._.._etc_passwd");
    assertThat(Download.fileName("..")).isEqualTo("dataset");
    assertThat(Download.fileName(" ")).isEqualTo("dataset");
  }

  private JsonNode upload() throws IOException, InterruptedException {
    Path file = Files.writeString(directory.resolve("file"), TEXT);
    ObjectNode wanted = JsonNodeFactory.instance.objectNode();
    wanted.put("name", "run-7").put("media_type", "text/csv");
    return new Upload(api, "p", file, 2, quiet()).run(wanted);
  }

  private Download download() {
    return new Download(api, "p", "d", quiet());
  }

  private static Progress quiet() {
    return new Progress(
        new PrintWriter(new StringWriter()),
        Progress.Style.QUIET,
        Progress.Counted.BYTES,
        System::nanoTime);
  }

  private JsonNode body(String what) throws IOException {
    for (Request request : platform.requests()) {
      if (request.toString().equals(what)) {
        return json.readTree(request.body());
      }
    }
    throw new AssertionError("not asked: " + what + " of " + platform.requests());
  }

  private Response answer(Request request) {
    String base = "/api/v1/pilots/p/datasets";
    String path = request.path();
    if (request.method().equals("PUT") && path.startsWith("/part/")) {
      return part(Integer.parseInt(path.substring("/part/".length())), request.body());
    }
    if (path.equals("/content")) {
      String range = request.headers().get("Range");
      int from = range == null ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
      return Response.of(range == null ? 200 : 206, content.substring(from));
    }
    if (path.startsWith(base + "?")) {
      return Response.of(200, "{\"items\":" + open + ",\"next_cursor\":null}");
    }
    if (path.startsWith(base + "/d/upload")) {
      return Response.of(200, plan(Integer.parseInt(path.substring(path.indexOf('=') + 1))));
    }
    return switch (request.method() + " " + path.substring(base.length())) {
      case "POST " -> Response.of(201, "{\"dataset_id\":\"d\"}");
      case "POST /d/complete" -> completed();
      case "GET /d" -> Response.of(200, dataset(state));
      case "GET /d/content" ->
          new Response(302, "", Map.of("Location", platform.url() + "/content"));
      default -> Response.problem(404, "not_found");
    };
  }

  private Response completed() {
    if (forgets.getAndSet(false)) {
      stored.remove(2);
      return Response.problem(409, "part_mismatch");
    }
    return Response.of(202, dataset("verifying"));
  }

  private Response part(int number, String body) {
    if (refusals.getAndDecrement() > 0) {
      return Response.of(503, "slow down");
    }
    stored.put(number, body);
    return new Response(200, "", Map.of("ETag", "\"e" + number + "\""));
  }

  private String plan(int from) {
    StringBuilder parts = new StringBuilder();
    for (int number = from; number <= 3; number++) {
      parts
          .append(parts.isEmpty() ? "" : ",")
          .append("{\"number\":")
          .append(number)
          .append(",\"size\":")
          .append(number < 3 ? PART : 2)
          .append(",\"url\":\"")
          .append(platform.url())
          .append("/part/")
          .append(number)
          .append("\",\"etag\":")
          .append(stored.containsKey(number) ? "\"e" + number + "\"" : "null")
          .append("}");
    }
    return "{\"part_size\":" + PART + ",\"parts\":[" + parts + "],\"next_part\":null}";
  }

  private static String dataset(String state) {
    return "{\"dataset_id\":\"d\",\"name\":\"run/7.csv\",\"size_bytes\":10,\"checksum\":\""
        + CHECKSUM
        + "\",\"state\":\""
        + state
        + "\",\"failure\":"
        + (state.equals("quarantined")
            ? "{\"code\":\"checksum_mismatch\",\"detail\":\"because\"}"
            : "null")
        + "}";
  }
}
