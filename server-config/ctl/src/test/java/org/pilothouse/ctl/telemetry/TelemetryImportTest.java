package org.pilothouse.ctl.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pilothouse.ctl.FakePlatform;
import org.pilothouse.ctl.FakePlatform.Request;
import org.pilothouse.ctl.FakePlatform.Response;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;

class TelemetryImportTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ENGINES =
      "{\"delimiter\":\" \",\"columns\":[\"unit\",\"cycle\",\"a\"],\"twin\":\"e-{unit}\","
          + "\"time\":{\"count\":\"cycle\",\"step\":\"1h\",\"end\":\"now\"},\"skip\":[\"unit\"],"
          + "\"properties\":{\"a\":{\"type\":\"number\"}}}";

  @TempDir Path directory;

  private final FakePlatform platform = new FakePlatform(FakePlatform::accepting);
  private final PilothouseApi api = PilothouseApi.at(platform.url());
  private final StringWriter said = new StringWriter();
  private Instant now = Instant.parse("2026-06-01T12:00:00Z");
  private boolean countAgain;

  @AfterEach
  void close() {
    api.close();
    platform.close();
  }

  @Test
  void shouldSendTheSameBatchAgainUntilItIsTaken() throws Exception {
    platform.next(
        new Response(
            429, "{\"code\":\"backbone_busy\",\"detail\":\"later\"}", Map.of("Retry-After", "0")));
    platform.next(Response.problem(503, "unavailable"));

    TelemetryImport.Outcome outcome =
        run(file("a.csv", "twin,time,v\np,t,1\np,t,2\n"), order("{}"));

    assertThat(outcome.accepted()).isEqualTo(2);
    assertThat(platform.telemetry()).hasSize(3);
    assertThat(platform.telemetry().stream().map(Request::body).distinct()).hasSize(1);
    assertThat(platform.telemetry().getFirst().headers())
        .containsEntry("Content-Encoding", "gzip")
        .containsEntry("Content-Type", "application/x-ndjson");
    assertThat(said.toString()).contains("later; trying again");
  }

  @Test
  void shouldGiveUpWhenThePatienceIsOverAndSayWhereToGoOn() throws Exception {
    platform.usually(request -> Response.problem(503, "unavailable"));
    Path file = file("a.csv", "twin,time,v\np,t,1\n");

    assertThatThrownBy(() -> run(file, order("{}", 10, Duration.ofMillis(1))))
        .isInstanceOf(ApiProblem.class);
    assertThat(said.toString()).contains("elsewhere with: --from-line 2");
  }

  @Test
  void shouldNameRefusedLinesAsTheyStandInTheFile() throws Exception {
    platform.next(
        Response.of(
            202,
            "{\"accepted\":1,\"rejected\":[{\"line\":2,\"code\":\"invalid_time\",\"detail\":\"\\u001b[2Jno\"}],"
                + "\"rejected_total\":1}"));
    Path rejects = directory.resolve("rejects.ndjson");
    Path file = file("a.csv", "twin,time,v\n\np,t,1\nshort\n\"p\",\"t\nt\",2\n");

    TelemetryImport.Outcome outcome = run(file, order("{}", 10, rejects));

    assertThat(outcome.accepted()).isEqualTo(1);
    assertThat(outcome.rejected()).isEqualTo(2);
    assertThat(said.toString())
        .contains("a.csv:4: malformed_row: the row has 1 columns instead of 3")
        .contains("a.csv:5: invalid_time: ?[2Jno");
    assertThat(Files.readAllLines(rejects))
        .hasSize(2)
        .last()
        .isEqualTo(
            "{\"file\":\"a.csv\",\"line\":5,\"code\":\"invalid_time\",\"detail\":\"\\u001B[2Jno\"}");
  }

  @Test
  void shouldShowTheFirstRefusedLinesAndCountTheRest() throws Exception {
    Path rejects = directory.resolve("rejects.ndjson");
    Path file = file("a.csv", "twin,time,v\n" + "short\n".repeat(500));

    TelemetryImport.Outcome outcome = run(file, order("{}", 10, rejects));

    assertThat(outcome.rejected()).isEqualTo(500);
    assertThat(said.toString().lines().filter(line -> line.contains("malformed_row")))
        .hasSize(Rejects.MOST_SHOWN);
    assertThat(said.toString()).contains("and 480 more were refused");
    assertThat(Files.readAllLines(rejects)).hasSize(500);
    assertThat(platform.requests()).isEmpty();
  }

  @Test
  void shouldCountRefusedLinesThatThePlatformDoesNotName() throws Exception {
    platform.next(
        Response.of(
            202,
            "{\"accepted\":0,\"rejected\":[{\"line\":1,\"code\":\"c\",\"detail\":\"d\"}],\"rejected_total\":3}"));

    assertThat(run(file("a.csv", "twin,time,v\np,t,1\np,t,2\np,t,3\n"), order("{}")).rejected())
        .isEqualTo(3);
    assertThat(said.toString()).contains("a.csv:2: c: d").contains("and 2 more were refused");
  }

  @Test
  void shouldGoOnWhereItBrokeOffWithTheSameTimesAndIds() throws Exception {
    Path file = file("engines.txt", "1 1 5\n1 2 5\n1 3 5\n2 1 5\n");
    platform.next(Response.of(202, "{\"accepted\":2,\"rejected\":[]}"));
    platform.next(Response.problem(500, "internal"));

    assertThatThrownBy(() -> run(file, order(ENGINES, 2, Duration.ZERO)))
        .isInstanceOf(ApiProblem.class);
    assertThat(said.toString())
        .contains("elsewhere with: --from-line 3 --time-end 2026-06-01T12:00:00Z");
    now = now.plusSeconds(86_400);
    TelemetryImport.Outcome outcome = run(file, order(ENGINES, 2, Duration.ZERO));

    assertThat(outcome.skipped()).isEqualTo(2);
    assertThat(outcome.accepted()).isEqualTo(2);
    List<Request> sent = platform.telemetry();
    assertThat(sent).hasSize(3);
    assertThat(sent.get(2).body()).isEqualTo(sent.get(1).body());
    assertThat(times(sent.get(0))).containsExactly("2026-06-01T10:00:00Z", "2026-06-01T11:00:00Z");
    assertThat(times(sent.get(2))).containsExactly("2026-06-01T12:00:00Z", "2026-06-01T10:00:00Z");
  }

  @Test
  void shouldBeginWithALineWhenAsked() throws Exception {
    Path file = file("engines.txt", "1 1 5\n1 2 5\n1 3 5\n");

    TelemetryImport.Outcome outcome =
        run(file, order(ENGINES, 10, Duration.ZERO, false, 3, null, false));

    assertThat(outcome.skipped()).isEqualTo(2);
    assertThat(times(platform.telemetry().getFirst())).containsExactly("2026-06-01T12:00:00Z");
    assertThat(run(file, order(ENGINES)).accepted()).isEqualTo(3);
  }

  @Test
  void shouldChangeNothingWhenTheSameFileComesAgain() throws Exception {
    Path file = file("engines.txt", "1 1 5\nbad\n1 2 5\nbad\n");
    TelemetryImport.Outcome first = run(file, order(ENGINES));
    now = now.plusSeconds(60);

    TelemetryImport.Outcome second = run(file, order(ENGINES));

    assertThat(first.accepted()).isEqualTo(2);
    assertThat(first.rejected()).isEqualTo(2);
    assertThat(second).isEqualTo(new TelemetryImport.Outcome(0, 0, 0, 4, 0, null));
    assertThat(platform.telemetry()).hasSize(1);
  }

  @Test
  void shouldSendTheSameEventsWhenAskedToReportThemAgain() throws Exception {
    Path file = file("a.csv", "twin,time,v\np,t,1\np,t,1\n");
    TelemetryImport.Outcome first = run(file, order("{}"));

    TelemetryImport.Outcome again = run(file, order("{}", 10, Duration.ZERO, true, 0, null, false));

    assertThat(again).isEqualTo(first);
    assertThat(platform.telemetry()).hasSize(2);
    assertThat(platform.telemetry().get(1).body()).isEqualTo(platform.telemetry().get(0).body());
  }

  @Test
  void shouldRefuseToReportAgainWhatThePlatformNoLongerKnows() throws Exception {
    Path file = file("engines.txt", "1 1 5\n1 2 5\n1 3 5\n");
    TelemetryImport.Outcome ignored = run(file, order(ENGINES));
    now = now.plusSeconds(21 * 60);

    assertThatThrownBy(() -> run(file, order(ENGINES, 10, Duration.ZERO, true, 0, null, false)))
        .isInstanceOf(Unusable.class)
        .hasMessageContaining("lines 1 to 3 of")
        .hasMessageContaining("count a second time")
        .hasMessageContaining("--count-again");
    assertThatThrownBy(() -> run(file, order(ENGINES, 10, Duration.ZERO, false, 2, null, false)))
        .isInstanceOf(Unusable.class)
        .hasMessageContaining("lines 2 to 3 of");
    assertThat(platform.telemetry()).hasSize(1);

    countAgain = true;
    assertThat(run(file, order(ENGINES, 10, Duration.ZERO, true, 0, null, false)).accepted())
        .isEqualTo(3);
    countAgain = false;
    assertThat(run(file, order(ENGINES, 10, Duration.ZERO, true, 0, null, false)).accepted())
        .as("it knows them again")
        .isEqualTo(3);
  }

  @Test
  void shouldReportAFileThatHasChanged() throws Exception {
    Path file = file("a.csv", "twin,time,v\np,t,1\n");
    TelemetryImport.Outcome ignored = run(file, order("{}"));
    file("a.csv", "twin,time,v\np,t,1\np,t,2\n");

    assertThat(run(file, order("{}")).accepted()).isEqualTo(2);
    assertThat(platform.telemetry().get(1).lines().getFirst())
        .isEqualTo(platform.telemetry().get(0).lines().getFirst());
  }

  @Test
  void shouldReadCompressedLinesAsTheyAre() throws Exception {
    Path file = directory.resolve("lines.ndjson.gz");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("{\"a\":1}\n\n{\"a\":2}\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    TelemetryImport.Outcome outcome = run(file, order(null));

    assertThat(outcome.accepted()).isEqualTo(2);
    assertThat(platform.telemetry().getFirst().body()).isEqualTo("{\"a\":1}\n{\"a\":2}\n");
  }

  @Test
  void shouldCutBatchesAtTheirLines() throws Exception {
    Path file = file("a.csv", "twin,time,v\n" + "p,t,1\n".repeat(25));

    assertThat(run(file, order("{}")).accepted()).isEqualTo(25);
    assertThat(platform.telemetry().stream().map(request -> request.lines().size()))
        .containsExactly(10, 10, 5);
  }

  @Test
  void shouldMakeTwinsOfTheModelBeforeTheyReport() throws Exception {
    Files.writeString(directory.resolve("engine.json"), "{\"title\":\"Engine\"}");
    String mapping =
        ENGINES.replaceFirst(
            "\\{",
            "{\"twins\":{\"model\":\"engine\",\"document\":\"engine.json\",\"attributes\":{\"name\":\"Engine {unit}\"}},");
    platform.usually(request -> {
      if (request.path().endsWith("/telemetry")) {
        return FakePlatform.accepting(request);
      }
      if (request.toString().equals("PUT /api/v1/pilots/p/twins/e-2")) {
        return Response.problem(412, "precondition_failed");
      }
      if (request.toString().equals("GET /api/v1/pilots/p/twins/e-2")) {
        return new Response(
            200, "{\"model\":null,\"attributes\":{\"name\":\"mine\"}}", Map.of("ETag", "\"4\""));
      }
      return Response.of(201, "{\"revision\":1}");
    });

    TelemetryImport.Outcome outcome =
        run(
            file("engines.txt", "1 1 5\n1 2 5\n2 1 5\n"),
            order(mapping, 10, Duration.ZERO, false, 0, null, true));

    assertThat(outcome.made()).isEqualTo(1);
    assertThat(platform.requests().stream().map(Request::toString))
        .containsExactly(
            "PUT /api/v1/pilots/p/models/engine",
            "PUT /api/v1/pilots/p/twins/e-1",
            "PUT /api/v1/pilots/p/twins/e-2",
            "GET /api/v1/pilots/p/twins/e-2",
            "GET /api/v1/pilots/p/twins/e-2",
            "PATCH /api/v1/pilots/p/twins/e-2",
            "POST /api/v1/pilots/p/telemetry");
    assertThat(platform.requests().get(0).headers())
        .containsEntry("Content-Type", "application/tm+json");
    assertThat(platform.requests().get(1).headers()).containsEntry("If-None-Match", "*");
    assertThat(platform.requests().get(1).body())
        .isEqualTo("{\"model\":\"engine\",\"attributes\":{\"name\":\"Engine 1\"}}");
    assertThat(platform.requests().get(5).body()).isEqualTo("{\"model\":\"engine\"}");
  }

  @Test
  void shouldSendNothingOfAFileThatCannotBeUsed() throws Exception {
    Path file = file("a.csv", "when,v\nt,1\n");

    assertThatThrownBy(() -> run(file, order("{}")))
        .isInstanceOf(Unusable.class)
        .hasMessageContaining("no column time");
    assertThatThrownBy(() -> run(directory.resolve("none.csv"), order("{}")))
        .isInstanceOf(Unusable.class)
        .hasMessageContaining("cannot be read");
    assertThatThrownBy(() -> run(file("empty.csv", ""), order("{}")))
        .isInstanceOf(Unusable.class)
        .hasMessageContaining("is empty");
    assertThat(platform.requests()).isEmpty();
  }

  private List<String> times(Request request) {
    return request.lines().stream()
        .map(line -> {
          try {
            return JSON.readTree(line).path("time").asText();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        })
        .toList();
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private TelemetryImport.Order order(String mapping) throws IOException {
    return order(mapping, 10, Duration.ofSeconds(30));
  }

  private TelemetryImport.Order order(String mapping, int batch, Duration patience)
      throws IOException {
    return order(mapping, batch, patience, false, 0, null, false);
  }

  private TelemetryImport.Order order(String mapping, int batch, Path rejects) throws IOException {
    return order(mapping, batch, Duration.ZERO, false, 0, rejects, false);
  }

  private TelemetryImport.Order order(
      String mapping,
      int batch,
      Duration patience,
      boolean restart,
      long fromLine,
      Path rejects,
      boolean withModel)
      throws IOException {
    Mappings.Source source =
        mapping == null
            ? Mappings.none()
            : new Mappings.Source("test", (ObjectNode) JSON.readTree(mapping), directory);
    return new TelemetryImport.Order(
        "p",
        mapping == null ? null : source.mapping(),
        source,
        batch,
        patience,
        restart,
        countAgain,
        fromLine,
        rejects,
        withModel,
        "a person");
  }

  private TelemetryImport.Outcome run(Path file, TelemetryImport.Order order) throws Exception {
    return TelemetryImport.run(
        api,
        api,
        order,
        List.of(file),
        directory.resolve("home"),
        Clock.fixed(now, ZoneOffset.UTC),
        new PrintWriter(said, true),
        false);
  }
}
