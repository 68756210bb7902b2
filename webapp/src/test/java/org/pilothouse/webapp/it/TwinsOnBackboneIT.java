package org.pilothouse.webapp.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The deployable when the backbone alone keeps reported states, as people and devices see it. */
@Timeout(120)
class TwinsOnBackboneIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  @BeforeAll
  static void restart() throws IOException {
    // Stores of another backbone would be of no use to this one.
    Path stores = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "twin-state");
    ManagedServer.restartWith(
        List.of("pilothouse.twins.state=kafka", "pilothouse.twins.state-directory=" + stores));
  }

  @AfterAll
  static void stop() {
    ManagedServer.stop();
  }

  private final Consortium consortium = Consortium.get();
  private final Api operator = consortium.caller("pilot-operator");
  private final Consortium.Device device = consortium.device(consortium.own());
  private final String base = "/api/v1/pilots/" + consortium.own();

  private void report(String twin, Instant time, String values) {
    Answer answer =
        device
            .api()
            .send(
                "POST",
                base + "/telemetry",
                "application/x-ndjson",
                "{\"twin\":\""
                    + twin
                    + "\",\"time\":\""
                    + time
                    + "\",\"values\":"
                    + values
                    + "}\n");
    assertThat(answer.status()).as("%s", answer).isEqualTo(202);
  }

  /** Until the table is whole it is refused with when to come again; never anything else. */
  private Answer twin(String twin) {
    Answer answer = operator.get(base + "/twins/" + twin);
    assertThat(answer.status()).as("%s", answer).isIn(200, 404, 503);
    if (answer.status() == 503) {
      assertThat(answer.code()).isEqualTo("unavailable");
      assertThat(answer.header("retry-after")).isNotEmpty();
    }
    return answer;
  }

  private int value(String twin, String property) {
    return twin(twin).json().at("/properties/" + property + "/value").asInt(-1);
  }

  @Test
  void shouldShowWhatWasReportedWithoutAStoredState() {
    String twin = "backbone-" + System.nanoTime();
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    report(twin, now, "{\"speed\":5,\"on\":true}");
    report(twin, now.minusSeconds(10), "{\"speed\":4,\"load\":7}");

    await().atMost(SOON).until(() -> value(twin, "load") == 7);
    JsonNode shown = twin(twin).json();
    assertThat(shown.at("/properties/speed/value").asInt())
        .as("the newer event counts")
        .isEqualTo(5);
    assertThat(shown.at("/properties/speed/time").asText()).isEqualTo(now.toString());
    assertThat(shown.at("/properties/on/value").asBoolean()).isTrue();
    assertThat(
            operator
                .get(base + "/twins?q=" + twin)
                .json()
                .at("/items/0/properties/load/value")
                .asInt())
        .isEqualTo(7);
    assertThat(twin("nobody-" + twin).status()).isEqualTo(404);
    assertThat(operator.get("/api/v1/pilots/" + consortium.other() + "/twins/" + twin).status())
        .isEqualTo(404);

    Api admin = consortium.caller("pilot-admin");
    Answer digest = admin.get(base + "/twin-digest");
    assertThat(digest.json().path("twins").asInt()).as("%s", digest).isPositive();
    // The digest puts marks through the fold; they are no backlog either.
    await()
        .atMost(SOON)
        .until(() ->
            Api.anonymous()
                .get("/metrics")
                .text()
                .contains("pilothouse_reader_lag{reader=\"pilothouse.twin-state.1\"} 0.0\n"));
    Answer rebuild = admin.json("POST", base + "/twin-rebuilds", Map.of("apply", false));
    assertThat(rebuild.status()).as("%s", rebuild).isEqualTo(409);
  }

  @Test
  void shouldShowWishesAndForgetWhoIsRetired() {
    String twin = "backbone-" + System.nanoTime();
    Instant before = Instant.now().minusSeconds(5);
    report(twin, before, "{\"speed\":5}");
    await().atMost(SOON).until(() -> value(twin, "speed") == 5);

    Answer wished =
        operator.call(
            "PATCH",
            base + "/twins/" + twin,
            Map.of("Content-Type", "application/merge-patch+json"),
            "{\"desired\":{\"speed\":9}}".getBytes(UTF_8));
    assertThat(wished.status()).as("%s", wished).isEqualTo(200);
    JsonNode shown = twin(twin).json();
    assertThat(shown.at("/desired/speed").asInt()).isEqualTo(9);
    assertThat(shown.at("/properties/speed/value").asInt()).isEqualTo(5);
    JsonNode told =
        device
            .api()
            .get(base + "/devices/" + device.id() + "/commands")
            .json()
            .at("/items/0/input/desired/speed");
    assertThat(told.asInt()).isEqualTo(9);

    assertThat(
            consortium
                .caller("pilot-admin")
                .call("DELETE", base + "/twins/" + twin, Map.of(), new byte[0])
                .status())
        .isEqualTo(204);
    assertThat(twin(twin).status()).isEqualTo(404);
    report(twin, before.plusSeconds(1), "{\"speed\":6}");
    report(twin, Instant.now().plusSeconds(1), "{\"load\":1}");
    await().atMost(SOON).until(() -> value(twin, "load") == 1);
    assertThat(twin(twin).json().at("/properties/speed").isMissingNode()).isTrue();
  }
}
