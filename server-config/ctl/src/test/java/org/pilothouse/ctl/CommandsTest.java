package org.pilothouse.ctl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pilothouse.ctl.FakePlatform.Request;
import org.pilothouse.ctl.FakePlatform.Response;

/** The commands as a process of their own, as people run them. */
@Timeout(120)
class CommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TWIN =
      "{\"twin_id\":\"e-1\",\"model\":\"engine\",\"attributes\":{\"name\":\"Engine 1\"},"
          + "\"properties\":{\"T50\":{\"value\":1400.6,\"time\":\"2026-01-01T00:00:00Z\"}},"
          + "\"desired\":{},\"revision\":3,\"reported_at\":\"2026-01-01T00:00:00Z\"}";

  @TempDir Path home;

  private final Map<String, Response> answers = new HashMap<>();
  private final FakePlatform platform = new FakePlatform(this::answer);

  private record Ended(int code, String out, String err) {}

  @BeforeEach
  void signIns() throws IOException {
    Files.writeString(
        home.resolve("credentials.json"),
        "{\"base_url\":\""
            + platform.url()
            + "\",\"users\":[{\"username\":\"platform\",\"password\":\"p\",\"roles\":[],\"pilot\":null}]}");
  }

  @AfterEach
  void close() {
    platform.close();
  }

  @Test
  void shouldListTwinsAsATableAndAsJson() {
    when(
        "GET /api/v1/pilots/p/twins?model=engine&q=a+b&silent_for=7200&limit=500",
        "{\"items\":[" + TWIN + "],\"next_cursor\":null}");

    Ended table =
        ctl("twins", "list", "p", "--model", "engine", "--q", "a b", "--silent-for", "2h");
    Ended json =
        ctl(
            "twins",
            "list",
            "p",
            "--model",
            "engine",
            "--q",
            "a b",
            "--silent-for",
            "2h",
            "--json");

    assertThat(table.out().lines())
        .containsExactly(
            "TWIN_ID  MODEL   NAME      PLACE  PROPERTIES  REPORTED_AT",
            "e-1      engine  Engine 1  -      1           2026-01-01T00:00:00Z");
    assertThat(tree(json.out()).at("/0/properties/T50/value").asDouble()).isEqualTo(1400.6);
  }

  @Test
  void shouldShowATwinAsItWas() {
    when("GET /api/v1/pilots/p/twins/e-1?at=2026-01-01T00%3A00%3A00Z", TWIN);

    Ended shown = ctl("twins", "show", "p", "e-1", "--at", "2026-01-01T00:00:00Z");

    assertThat(shown.code()).isZero();
    assertThat(shown.out()).contains("model            engine", "T50       1400.6  2026-01-01");
  }

  @Test
  void shouldListCopiesToTheCentreAndCancelOne() {
    when(
        "GET /api/v1/pilots/p/datasets/curations?limit=500",
        "{\"items\":[{\"curation_id\":\"c-1\",\"done\":false,\"datasets\":2,\"copied_bytes\":5,"
            + "\"bytes\":9,\"created_at\":\"2026-01-01T00:00:00Z\",\"created_by\":\"person:ada\","
            + "\"cancelled_at\":null}],\"next_cursor\":null}");
    when(
        "POST /api/v1/pilots/p/datasets/curations/c-1/cancel",
        "{\"curation_id\":\"c-1\",\"copies\":[{\"source_id\":\"d-1\",\"name\":\"run\","
            + "\"state\":\"cancelled\",\"copied_bytes\":0,\"size_bytes\":9,\"dataset_id\":null,"
            + "\"failure\":null}]}");

    Ended listed = ctl("datasets", "curations", "p");
    Ended cancelled = ctl("datasets", "curations", "p", "c-1", "--cancel");
    Ended wrong = ctl("datasets", "curations", "p", "--cancel");

    assertThat(listed.out().lines().skip(1))
        .singleElement()
        .asString()
        .startsWith("c-1")
        .contains("person:ada");
    assertThat(cancelled.code()).isZero();
    assertThat(cancelled.out()).contains("run", "cancelled");
    assertThat(platform.requests())
        .extracting(Request::toString)
        .containsOnlyOnce("POST /api/v1/pilots/p/datasets/curations/c-1/cancel");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("--cancel needs the id of a curation");
  }

  @Test
  void shouldAskForAJobAndWaitForItsEnd() {
    String jobs = "/api/v1/pilots/p/jobs";
    when("POST " + jobs, job("queued", 0));
    when("GET " + jobs + "/j-1", job("succeeded", 4));

    Ended waited =
        ctl("jobs", "submit", "p", "export", "{\"a\":1}", "--key", "k", "--urgent", "--wait");
    Request submitted = last("POST");
    when("GET " + jobs + "/j-1", job("dead", 2));
    Ended dead = ctl("jobs", "wait", "p", "j-1", "--quiet");
    Ended wrong = ctl("jobs", "submit", "p", "export", "{\"a\":");

    assertThat(waited.code()).as("%s", waited).isZero();
    assertThat(waited.out()).contains("succeeded");
    JsonNode sent = tree(submitted.body());
    assertThat(sent.at("/parameters/a").asInt()).isEqualTo(1);
    assertThat(sent.path("priority").asText()).isEqualTo("urgent");
    assertThat(submitted.headers().entrySet())
        .anyMatch(header ->
            header.getKey().equalsIgnoreCase("Idempotency-Key") && header.getValue().equals("k"));
    assertThat(dead.code()).isEqualTo(1);
    assertThat(dead.out()).contains("dead");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("no JSON, and no file");
  }

  @Test
  void shouldListJobsAndDecideOfThem() {
    String jobs = "/api/v1/pilots/p/jobs";
    when(
        "GET " + jobs + "?state=dead%2Cfailed&limit=500",
        "{\"items\":[" + job("dead", 2) + "],\"next_cursor\":null}");
    when("POST " + jobs + "/j-1/cancel", job("cancelled", 2));
    when("POST " + jobs + "/j-1/retry", job("queued", 0));
    when("POST " + jobs + "/j-1/revise", job("queued", 0));
    when("POST " + jobs + "/j-1/drop", job("cancelled", 2));

    Ended listed = ctl("jobs", "list", "p", "--state", "dead,failed");
    Ended cancelled = ctl("jobs", "cancel", "p", "j-1");
    Ended retried = ctl("jobs", "retry", "p", "j-1");
    Ended revised = ctl("jobs", "retry", "p", "j-1", "--parameters", "{\"a\":2}");
    JsonNode other = tree(last("POST").body());
    Ended dropped = ctl("jobs", "drop", "p", "j-1", "--reason", "done by hand");
    Ended unreasoned = ctl("jobs", "drop", "p", "j-1");

    assertThat(listed.out().lines().skip(1)).singleElement().asString().contains("j-1", "dead");
    assertThat(cancelled.out()).contains("cancelled");
    assertThat(retried.out()).contains("queued");
    assertThat(revised.code()).as("%s", revised).isZero();
    assertThat(other.at("/parameters/a").asInt()).isEqualTo(2);
    assertThat(dropped.code()).isZero();
    assertThat(tree(last("POST").body()).path("reason").asText()).isEqualTo("done by hand");
    assertThat(unreasoned.code()).isEqualTo(2);
  }

  @Test
  void shouldTellTheWholeLogOfTheNewestAttempt() {
    String attempts = "/api/v1/pilots/p/jobs/j-1/attempts";
    when("GET " + attempts, "{\"items\":[{\"attempt\":2},{\"attempt\":1}],\"next_cursor\":null}");
    when(
        "GET " + attempts + "/2/log?limit=500",
        "{\"items\":[{\"number\":1,\"at\":\"2026-01-02T00:00:00Z\",\"level\":\"info\",\"text\":"
            + "\"begun\"}],\"next_cursor\":\"c\"}");
    when(
        "GET " + attempts + "/2/log?limit=500&cursor=c",
        "{\"items\":[{\"number\":2,\"at\":\"2026-01-02T00:00:01Z\",\"level\":\"warn\",\"text\":"
            + "\"slow\"}],\"next_cursor\":null}");

    Ended log = ctl("jobs", "log", "p", "j-1", "--follow");

    assertThat(log.code()).as("%s", log).isZero();
    assertThat(log.out().lines())
        .containsExactly("2026-01-02T00:00:00Z info begun", "2026-01-02T00:00:01Z warn slow");
  }

  @Test
  void shouldMakeAndChangeASchedule() {
    String schedules = "/api/v1/pilots/p/job-schedules";
    String schedule =
        "{\"schedule_id\":\"s-1\",\"name\":\"Mondays\",\"type\":\"export\",\"parameters\":{\"a\":1},"
            + "\"days\":[\"mon\"],\"time\":\"06:00\",\"priority\":\"normal\",\"enabled\":true}";
    when("POST " + schedules, schedule);
    when("GET " + schedules + "/s-1", schedule);
    when("PUT " + schedules + "/s-1", schedule.replace("true", "false"));

    Ended made =
        ctl(
            "schedules",
            "create",
            "p",
            "export",
            "{\"a\":1}",
            "--name",
            "Mondays",
            "--days",
            "mon,fri",
            "--time",
            "06:00");
    JsonNode wanted = tree(last("POST").body());
    Ended changed = ctl("schedules", "change", "p", "s-1", "--enabled", "false");

    assertThat(made.code()).as("%s", made).isZero();
    assertThat(wanted.path("days")).hasSize(2);
    assertThat(changed.code()).as("%s", changed).isZero();
    assertThat(tree(last("PUT").body()).path("enabled").asBoolean()).isFalse();
    assertThat(tree(last("PUT").body()).at("/parameters/a").asInt()).isEqualTo(1);
    assertThat(last("PUT").headers().keySet()).anyMatch("if-match"::equalsIgnoreCase);
  }

  private static String job(String state, int done) {
    return "{\"job_id\":\"j-1\",\"type\":\"export\",\"name\":\"e\",\"state\":\""
        + state
        + "\",\"priority\":\"normal\",\"attempts\":1,\"progress\":{\"done\":"
        + done
        + ",\"total\":4,\"message\":\"\"},\"created_at\":\"2026-01-01T00:00:00Z\"}";
  }

  @Test
  void shouldFillARangeAndEndWithItsState() {
    String backfills = "/api/v1/pilots/p/dumps/backfills";
    when("POST " + backfills, backfill("running", 0, 2, 0));
    when("GET " + backfills + "/b-1", backfill("complete", 2, 0, 0));
    when(
        "GET " + backfills + "?limit=1",
        "{\"items\":[" + backfill("running", 0, 2, 0) + "],\"next_cursor\":null}");
    when("POST " + backfills + "/b-1/cancel", backfill("cancelled", 0, 1, 1));

    Ended whole = ctl("dumps", "backfill", "p", "2026-01-01", "2026-01-03");
    Ended cancelled = ctl("dumps", "backfill", "p", "--cancel");
    Ended wrong = ctl("dumps", "backfill", "p", "2026-01-01");
    when("GET " + backfills + "/b-1", backfill("failed", 1, 0, 1));
    Ended failed = ctl("dumps", "backfill", "p", "2026-01-01", "2026-01-03", "--quiet");

    assertThat(whole.code()).as("%s", whole).isZero();
    assertThat(whole.out()).contains("complete");
    assertThat(cancelled.code()).isZero();
    assertThat(cancelled.out()).contains("cancelled");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(failed.code()).isEqualTo(1);
    assertThat(tree(last("POST").body()).path("to").asText()).isEqualTo("2026-01-03");
  }

  private static String backfill(String state, int complete, int waiting, int failed) {
    return "{\"id\":\"b-1\",\"from\":\"2026-01-01\",\"to\":\"2026-01-03\",\"state\":\""
        + state
        + "\",\"days\":{\"total\":3,\"complete\":"
        + complete
        + ",\"incomplete\":0,\"failed\":"
        + failed
        + ",\"running\":0,\"waiting\":"
        + waiting
        + ",\"skipped\":1}}";
  }

  @Test
  void shouldCorrectADayAndSetThePolicy() {
    String day = "/api/v1/pilots/p/dumps/2026-01-01";
    when(
        "POST " + day + "/corrections",
        "{\"date\":\"2026-01-01\",\"revision\":2,\"state\":\"running\"}");
    when(
        "GET " + day,
        "{\"revisions\":[{\"date\":\"2026-01-01\",\"revision\":2,\"state\":\"complete\","
            + "\"events\":3}],\"partitions\":[]}");
    when(
        "GET " + day + "/revisions/2/log?limit=500",
        "{\"items\":[{\"at\":\"2026-01-02T00:00:00Z\",\"level\":\"info\",\"step\":null,"
            + "\"partition\":null,\"text\":\"Closed: 3 events.\"}],\"next_cursor\":null}");
    when("GET /api/v1/pilots/p/dumps/policy", "{\"corrections\":\"nightly\",\"threshold\":null}");
    when("PUT /api/v1/pilots/p/dumps/policy", "{\"corrections\":\"threshold\",\"threshold\":9}");

    Ended corrected = ctl("dumps", "correct", "p", "2026-01-01", "--redrive-rejects");
    Ended log = ctl("dumps", "log", "p", "2026-01-01");
    Ended policy = ctl("dumps", "policy", "p");
    Ended set = ctl("dumps", "policy", "p", "threshold", "--threshold", "9");
    Ended nothing = ctl("dumps", "cancel", "p", "2026-01-02");

    assertThat(corrected.code()).as("%s", corrected).isZero();
    assertThat(tree(corrections()).path("redrive_rejects").asBoolean()).isTrue();
    assertThat(log.out()).contains("Closed: 3 events.");
    assertThat(policy.out()).contains("nightly");
    assertThat(set.code()).isZero();
    assertThat(last("PUT").headers().keySet()).anyMatch("if-match"::equalsIgnoreCase);
    assertThat(tree(last("PUT").body()).path("threshold").asInt()).isEqualTo(9);
    assertThat(nothing.code()).isEqualTo(1);
    assertThat(nothing.err()).contains("not_found");
  }

  private String corrections() {
    return platform.requests().stream()
        .filter(request -> request.path().endsWith("/corrections"))
        .findFirst()
        .orElseThrow()
        .body();
  }

  @Test
  void shouldSayWhatATwinIs() {
    when("PUT /api/v1/pilots/p/twins/e-1", TWIN);

    Ended put =
        ctl(
            "twins",
            "put",
            "p",
            "e-1",
            "--new",
            "--model",
            "engine",
            "--attributes",
            "{\"name\":\"E\"}");
    Ended wrong = ctl("twins", "put", "p", "e-1", "--desired", "{");

    assertThat(put.code()).isZero();
    Request request = last("PUT");
    assertThat(request.headers()).containsEntry("If-None-Match", "*");
    assertThat(tree(request.body()))
        .isEqualTo(tree("{\"model\":\"engine\",\"attributes\":{\"name\":\"E\"}}"));
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("--desired is not JSON");
  }

  @Test
  void shouldPatchTheRevisionThatIsThere() {
    answers.put("GET /api/v1/pilots/p/twins/e-1", new Response(200, TWIN, Map.of("ETag", "\"3\"")));
    when("PATCH /api/v1/pilots/p/twins/e-1", TWIN);

    assertThat(ctl("twins", "patch", "p", "e-1", "--model", "").code()).isZero();
    assertThat(ctl("twins", "patch", "p", "e-1").code()).isEqualTo(2);

    assertThat(last("PATCH").headers()).containsEntry("If-Match", "\"3\"");
    assertThat(last("PATCH").body()).isEqualTo("{\"model\":null}");
  }

  @Test
  void shouldPrintTheStepsOfAHistory() {
    when(
        "GET /api/v1/pilots/p/twins/e-1/history?from=2026-01-01T00%3A00%3A00Z&to=2026-01-02T00%3A00%3A00Z&step=3600&property=T50%2CT30",
        "{\"series\":[{\"property\":\"T50\",\"unit\":\"°R\",\"truncated\":true,"
            + "\"points\":[[\"2026-01-01T00:00:00Z\",1,2,3,4]]}]}");

    Ended history =
        ctl(
            "twins",
            "history",
            "p",
            "e-1",
            "--property",
            "T50,T30",
            "--last",
            "1d",
            "--to",
            "2026-01-02T00:00:00Z",
            "--step",
            "1h");

    assertThat(history.out().lines())
        .containsExactly(
            "PROPERTY  TIME                  MIN  AVG  MAX  COUNT  UNIT",
            "T50       2026-01-01T00:00:00Z  1    2    3    4      °R");
    assertThat(history.err()).contains("T50 has more points");
  }

  @Test
  void shouldWaitForWhatComesOfACommand() {
    String sent = "{\"command_id\":\"c-1\",\"state\":\"%s\",\"output\":{\"ok\":true}}";
    answers.put(
        "POST /api/v1/pilots/p/twins/e-1/commands", Response.of(201, sent.formatted("pending")));
    when("GET /api/v1/pilots/p/twins/e-1/commands/c-1", sent.formatted("succeeded"));

    Ended waited =
        ctl(
            "twins",
            "command",
            "p",
            "e-1",
            "inspect",
            "--input",
            "{\"module\":\"hpc\"}",
            "--timeout",
            "5m");
    Ended sentOnly = ctl("twins", "command", "p", "e-1", "inspect", "--no-wait", "--json");
    when("GET /api/v1/pilots/p/twins/e-1/commands/c-1", sent.formatted("timed_out"));
    Ended unheard = ctl("twins", "command", "p", "e-1", "inspect");

    assertThat(waited.code()).isZero();
    assertThat(waited.err()).contains("pending");
    assertThat(waited.out()).contains("succeeded");
    assertThat(tree(sentOnly.out()).path("state").asText()).isEqualTo("pending");
    assertThat(unheard.code()).isEqualTo(1);
    assertThat(
            platform.requests().stream()
                .filter(request -> request.method().equals("POST"))
                .filter(request -> request.path().endsWith("/commands"))
                .map(Request::body))
        .startsWith("{\"name\":\"inspect\",\"input\":{\"module\":\"hpc\"},\"timeout_s\":300}");
  }

  @Test
  void shouldRebuildStatesAndSayWhetherTheyWereRight() {
    String begun =
        "{\"rebuild_id\":\"r-1\",\"state\":\"running\",\"records_read\":0,\"records_total\":0}";
    String ended =
        "{\"rebuild_id\":\"r-1\",\"state\":\"succeeded\",\"records_read\":1200,\"records_total\":1200,"
            + "\"twins\":1500,\"differing\":%d,\"digest_before\":\"sha256:a\",\"digest_after\":\"sha256:b\"}";
    answers.put("POST /api/v1/pilots/p/twin-rebuilds", Response.of(202, begun));

    when("GET /api/v1/pilots/p/twin-rebuilds/r-1", ended.formatted(3));
    Ended different = ctl("twins", "rebuild", "p", "--check");
    Ended healed = ctl("twins", "rebuild", "p");
    String applied = last("POST").body();
    when("GET /api/v1/pilots/p/twin-rebuilds/r-1", ended.formatted(0));
    Ended equal = ctl("twins", "rebuild", "p", "--check");
    String checked = last("POST").body();
    when(
        "GET /api/v1/pilots/p/twin-rebuilds/r-1",
        "{\"state\":\"failed\",\"error\":\"lost records\"}");
    Ended failed = ctl("twins", "rebuild", "p");
    Ended begunOnly = ctl("twins", "rebuild", "p", "--no-wait", "--json");

    assertThat(different.code()).isEqualTo(1);
    assertThat(different.out().lines())
        .containsExactly(
            "DIFFERENT: 3 states of 1,500 twins", "before  sha256:a", "rebuilt sha256:b");
    assertThat(different.err()).contains("0 of 0 records");
    assertThat(healed.code()).isZero();
    assertThat(healed.out()).startsWith("healed: 3 states of 1,500 twins");
    assertThat(applied).isEqualTo("{\"apply\":true}");
    assertThat(equal.code()).isZero();
    assertThat(equal.out()).isEqualTo("equal: 1,500 twins, sha256:b" + System.lineSeparator());
    assertThat(checked).isEqualTo("{\"apply\":false}");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.out()).startsWith("failed: lost records");
    assertThat(begunOnly.code()).isZero();
    assertThat(tree(begunOnly.out()).path("state").asText()).isEqualTo("running");
  }

  @Test
  void shouldShowTheDigestOfStates() {
    when(
        "GET /api/v1/pilots/p/twin-digest",
        "{\"twins\":2,\"digest\":\"sha256:a\",\"positions\":[{\"partition\":0,\"position\":7},{\"partition\":1,\"position\":9}]}");

    assertThat(ctl("twins", "digest", "p").out().lines())
        .containsExactly(
            "twins            2", "digest           sha256:a", "positions        0:7 1:9");
  }

  @Test
  void shouldPutModelsAndSayWhatWasLost() throws IOException {
    when(
        "PUT /api/v1/pilots/p/models/pump",
        "{\"model_id\":\"pump\",\"revision\":2,\"warnings\":[\"/contents/0 is not carried over\"]}");
    Path file = Files.writeString(home.resolve("pump.json"), "{\"@id\":\"dtmi:x;1\"}");

    Ended imported =
        ctl("models", "import-dtdl", "p", "pump", file.toString(), "--if-revision", "1");
    Ended none = ctl("models", "put", "p", "pump", home.resolve("none.json").toString());

    assertThat(imported.code()).isZero();
    assertThat(imported.err()).contains("warning: /contents/0 is not carried over");
    assertThat(last("PUT").headers())
        .containsEntry("Content-Type", "application/dtdl+json")
        .containsEntry("If-Match", "\"1\"");
    assertThat(none.code()).isEqualTo(2);
  }

  @Test
  void shouldShowModelsAndTheirRevisions() {
    String model =
        "{\"title\":\"Engine\",\"version\":{\"model\":\"1.%d\"},\"properties\":{\"T50\":{\"type\":\"number\",\"unit\":\"°R\",\"minimum\":0}},"
            + "\"actions\":{\"inspect\":{\"input\":{\"type\":\"object\",\"required\":[\"module\"],\"properties\":{\"module\":{\"enum\":[\"hpc\"]}}}}}}";
    when("GET /api/v1/pilots/p/models/engine", model.formatted(2));
    when("GET /api/v1/pilots/p/models/engine?revision=2", model.formatted(2));
    when("GET /api/v1/pilots/p/models/engine?revision=1", model.formatted(1));
    when(
        "GET /api/v1/pilots/p/models?limit=500",
        "{\"items\":[{\"model_id\":\"engine\",\"revision\":2}],\"next_cursor\":null}");

    assertThat(ctl("models", "show", "p", "engine").out())
        .contains("T50       number  °R    0..    -", "inspect  {\"module\":\"hpc\"}");
    assertThat(ctl("models", "revisions", "p", "engine").out().lines().skip(1))
        .containsExactly(
            "2         Engine  1.2      1           1", "1         Engine  1.1      1           1");
    assertThat(ctl("models", "revisions", "p", "pump").code()).isEqualTo(1);
  }

  @Test
  void shouldImportAFileAsADeviceByOptionsAlone() throws IOException {
    answers.put(
        "POST /api/v1/pilots/p/devices",
        Response.of(201, "{\"device_id\":\"gate\",\"token\":\"t\"}"));
    Path file =
        Files.writeString(home.resolve("data.txt"), "7 1767225600 1.5 x\n8 1767225600 y x\n");

    Ended imported =
        ctl(
            "telemetry",
            "import",
            file.toString(),
            "--pilot",
            "p",
            "--device",
            "gate",
            "--delimiter",
            " ",
            "--columns",
            "no,at,v,rest",
            "--twin",
            "pump-{no:02}",
            "--time-column",
            "at",
            "--time-format",
            "epoch_s",
            "--rename",
            "v=flow",
            "--type",
            "v=number",
            "--skip",
            "rest");

    assertThat(imported.code()).as("%s", imported).isEqualTo(3);
    assertThat(imported.out())
        .contains(
            "2 lines: 1 accepted, 1 rejected", platform.url() + "/p/p/twins/pump-07?tab=charts");
    assertThat(imported.err()).contains("data.txt:2: invalid_value: the column v must be a number");
    assertThat(platform.telemetry().getFirst().headers())
        .containsEntry("Authorization", "Bearer t");
    assertThat(platform.telemetry().getFirst().body())
        .startsWith(
            "{\"twin\":\"pump-07\",\"time\":\"2026-01-01T00:00:00Z\",\"values\":{\"flow\":1.5},\"id\":");
  }

  @Test
  void shouldExitWithTwoWhenWhatIsInAFileIsNotKnown() throws IOException {
    Path file = Files.writeString(home.resolve("data.txt"), "1 2\n");

    Ended unknown = ctl("telemetry", "import", file.toString(), "--pilot", "p");
    Ended mapping = ctl("telemetry", "import", file.toString(), "--pilot", "p", "--mapping", "x");

    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("say it with --mapping");
    assertThat(mapping.code()).isEqualTo(2);
    assertThat(mapping.err()).contains("[cmapss, nab]");
  }

  @Test
  void shouldSayWhereToGoOnWhenItIsStopped() throws Exception {
    answers.put("POST /api/v1/pilots/p/telemetry", Response.problem(429, "backbone_busy"));
    Path file = Files.writeString(home.resolve("a.csv"), "twin,time,v\np,t,1\n");
    Path err = home.resolve("err");
    Process process =
        start(home.resolve("out"), err, "telemetry", "import", file.toString(), "--pilot", "p");
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Files.readString(err).contains("trying again"));

    process.destroy();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(err)).contains("elsewhere with: --from-line 2");
  }

  private Response answer(Request request) {
    if (request.path().equals("/api/v1/auth/token")) {
      return Response.of(200, "{\"token\":\"person\"}");
    }
    Response planned = answers.get(request.toString());
    if (planned != null) {
      return planned;
    }
    return request.path().endsWith("/telemetry")
        ? FakePlatform.accepting(request)
        : Response.problem(404, "not_found");
  }

  private void when(String request, String answer) {
    answers.put(request, Response.of(200, answer));
  }

  private Request last(String method) {
    return platform.requests().stream()
        .filter(request -> request.method().equals(method))
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  private Ended ctl(String... arguments) {
    try {
      Path out = Files.createTempFile(home, "out", "");
      Path err = Files.createTempFile(home, "err", "");
      Process process = start(out, err, arguments);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Process start(Path out, Path err, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-Dstdout.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                Ctl.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("PILOTHOUSE_HOME", home.toString());
    builder.environment().remove("PILOTHOUSE_URL");
    return builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
  }

  private static JsonNode tree(String text) {
    try {
      return JSON.readTree(text.getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
