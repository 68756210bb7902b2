package org.pilothouse.webapp.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A day closed by a process of its own, as cron would, while no node closes days. */
@Timeout(600)
class CloseDayIT {
  private static final ZoneId LISBON = ZoneId.of("Europe/Lisbon");

  @TempDir Path directory;

  @BeforeAll
  static void restart() {
    ManagedServer.restartWith(List.of("pilothouse.sides=web,ingest,stream,worker"));
  }

  @AfterAll
  static void stop() {
    ManagedServer.stop();
  }

  @Test
  void shouldCloseADayOutsideTheServer() throws Exception {
    Consortium consortium = Consortium.another();
    String pilot = consortium.own();
    LocalDate yesterday = LocalDate.now(LISBON).minusDays(1);
    Instant noon = yesterday.atTime(12, 0).atZone(LISBON).toInstant();
    Answer sent =
        consortium
            .caller("device")
            .send(
                "POST",
                "/api/v1/pilots/" + pilot + "/telemetry",
                "application/x-ndjson",
                "{\"twin\":\"loose\",\"time\":\"" + noon + "\",\"values\":{\"v\":1}}\n");
    assertThat(sent.status()).as("%s", sent).isEqualTo(202);

    Ended closed = closeDay("--pilot", pilot, "--date", yesterday.toString());

    assertThat(closed.code()).as("%s", closed).isZero();
    assertThat(closed.out()).contains("revision 1: complete, 1 events, 1 rows");
    String day = "/api/v1/pilots/" + pilot + "/dumps/" + yesterday;
    Api operator = consortium.caller("pilot-operator");
    JsonNode dump = operator.get(day).json().path("revisions").path(0);
    assertThat(dump.path("state").asText()).isEqualTo("complete");
    assertThat(dump.path("requested_by").asText()).isEqualTo("platform");
    assertThat(operator.get(day + "/revisions/1/log?limit=500").json().findValuesAsText("text"))
        .anySatisfy(text -> assertThat(text).startsWith("Node cron-"));
    assertThat(operator.get(day + "/manifest").json().path("parts")).hasSize(1);

    Ended again = closeDay("--pilot", pilot, "--date", yesterday.toString());
    assertThat(again.code()).as("%s", again).isZero();
    Ended early = closeDay("--pilot", pilot, "--date", yesterday.plusDays(2).toString());
    assertThat(early.code()).isEqualTo(1);
    assertThat(early.err()).contains("conflict: ");
    assertThat(closeDay("--pilot", "no-such-pilot", "--date", yesterday.toString()).err())
        .contains("not_found: ");
    assertThat(closeDay("--pilot", pilot).code()).isEqualTo(2);
  }

  private record Ended(int code, String out, String err) {}

  private Ended closeDay(String... arguments) throws IOException, InterruptedException {
    Path war = Path.of("target/pilothouse/WEB-INF").toAbsolutePath();
    Path apis = Path.of(System.getProperty("pilothouse.wlp")).resolve("dev/api/spec");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-cp",
            String.join(File.pathSeparator, war + "/classes", war + "/lib/*", apis + "/*"),
            "-Dpilothouse.config=" + TestStack.home().resolve("run/pilothouse.properties"),
            "org.pilothouse.webapp.CloseDay"));
    command.addAll(List.of(arguments));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(200, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
