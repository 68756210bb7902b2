package org.pilothouse.webapp.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jobs from the request to their end, in the deployable, with the type that tests are made of. */
@Timeout(300)
class JobsJourneyIT {
  private static final Duration SOON = Duration.ofSeconds(120);

  private final Consortium consortium = Consortium.another();
  private final Api operator = consortium.caller("pilot-operator");
  private final String pilot = consortium.own();
  private final String base = "/api/v1/pilots/" + pilot + "/jobs";

  @Test
  void shouldDoAJobAndShowItsLogAndItsResult() {
    Answer made =
        operator.json("POST", base, job(Map.of("millis", 50, "log_lines", 3, "note", "é")));
    assertThat(made.status()).as("%s", made).isEqualTo(201);
    JsonNode asked = made.json();
    assertThat(asked.path("state").asText()).isEqualTo("queued");
    assertThat(asked.path("requested_by").asText()).startsWith("person:");
    assertThat(asked.path("priority").asText()).isEqualTo("normal");
    String id = asked.path("job_id").asText();

    JsonNode done = inState(id, "succeeded");
    assertThat(done.path("result").path("summary").path("attempt").asInt()).isEqualTo(1);
    assertThat(done.path("parameters").path("note").asText()).isEqualTo("é");
    assertThat(done.path("attempts").asInt()).isEqualTo(1);
    assertThat(done.hasNonNull("error")).isFalse();
    assertThat(Instant.parse(done.path("started_at").asText()))
        .isAfterOrEqualTo(Instant.parse(done.path("created_at").asText()))
        .isBeforeOrEqualTo(Instant.parse(done.path("finished_at").asText()));

    JsonNode attempts = operator.get(base + "/" + id + "/attempts").json().path("items");
    assertThat(attempts).hasSize(1);
    assertThat(attempts.path(0).path("outcome").asText()).isEqualTo("succeeded");
    assertThat(attempts.path(0).path("log_lines").asInt()).isEqualTo(3);
    String log = base + "/" + id + "/attempts/1/log";
    JsonNode first = operator.get(log + "?limit=2").json();
    assertThat(first.path("items").findValuesAsText("text")).containsExactly("line 1", "line 2");
    JsonNode rest =
        operator.get(log + "?limit=2&cursor=" + first.path("next_cursor").asText()).json();
    assertThat(rest.path("items").findValuesAsText("text")).containsExactly("line 3");
    assertThat(rest.hasNonNull("next_cursor")).isFalse();

    JsonNode found =
        operator.get(base + "?state=succeeded&type=noop&q=" + id.substring(0, 8)).json();
    assertThat(found.path("items").findValuesAsText("job_id")).contains(id);
    assertThat(operator.get(base + "/summary").json().path("counts").path("succeeded").asInt())
        .isEqualTo(1);
    Answer again = operator.call("POST", base + "/" + id + "/cancel", Map.of(), new byte[0]);
    assertThat(again.code()).isEqualTo("conflict");
    assertThat(trail()).contains("job.submit");
  }

  @Test
  void shouldMakeOneJobOfARepeatAndSayWhichParameterDoesNotFit() throws JsonProcessingException {
    byte[] body = TestStack.JSON.writeValueAsBytes(job(Map.of()));
    Map<String, String> key =
        Map.of("Content-Type", "application/json", "Idempotency-Key", "monday");
    Answer first = operator.call("POST", base, key, body);
    Answer second = operator.call("POST", base, key, body);
    Answer other =
        operator.call(
            "POST", base, key, TestStack.JSON.writeValueAsBytes(job(Map.of("millis", 1))));
    assertThat(first.status()).as("%s", first).isEqualTo(201);
    assertThat(second.status()).as("%s", second).isEqualTo(200);
    assertThat(second.json().path("job_id")).isEqualTo(first.json().path("job_id"));
    assertThat(other.code()).isEqualTo("conflict");
    assertThat(other.status()).isEqualTo(409);

    Answer wrong = operator.json("POST", base, job(Map.of("millis", "soon")));
    assertThat(wrong.status()).as("%s", wrong).isEqualTo(422);
    assertThat(wrong.code()).isEqualTo("invalid_parameters");
    assertThat(wrong.text()).contains("/parameters/millis");
    assertThat(
            operator.json("POST", base, Map.of("type", "nothing", "parameters", Map.of())).status())
        .isEqualTo(400);
    assertThat(operator.get(base).json().path("items")).hasSize(1);
  }

  @Test
  void shouldCancelOneThatRunsAndDoItAgain() {
    String id = submitted(Map.of("millis", 300_000));
    inState(id, "running");
    Answer asked = operator.call("POST", base + "/" + id + "/cancel", Map.of(), new byte[0]);
    assertThat(asked.status()).as("%s", asked).isEqualTo(200);
    assertThat(asked.json().path("cancel_requested").asBoolean()).isTrue();
    JsonNode cancelled = inState(id, "cancelled");
    assertThat(cancelled.path("progress").path("total").asLong()).isEqualTo(300_000);

    Answer revised =
        operator.json(
            "POST", base + "/" + id + "/revise", Map.of("parameters", Map.of("millis", 1)));
    assertThat(revised.status()).as("%s", revised).isEqualTo(200);
    JsonNode done = inState(id, "succeeded");
    assertThat(done.path("parameters").path("millis").asInt()).isEqualTo(1);
    assertThat(
            operator
                .get(base + "/" + id + "/attempts")
                .json()
                .path("items")
                .findValuesAsText("outcome"))
        .containsExactlyInAnyOrder("cancelled", "succeeded");
  }

  @Test
  void shouldRetryOneThatFailedAndDropOneThatIsDead() {
    String failed = submitted(Map.of("fail_for_good", true));
    JsonNode ended = inState(failed, "failed");
    assertThat(ended.path("error").path("detail").asText()).isNotBlank();
    Answer retried = operator.call("POST", base + "/" + failed + "/retry", Map.of(), new byte[0]);
    assertThat(retried.status()).as("%s", retried).isEqualTo(200);
    await()
        .atMost(SOON)
        .until(
            () -> operator.get(base + "/" + failed + "/attempts").json().path("items").size() == 2);
    inState(failed, "failed");
    assertThat(
            operator
                .json("POST", base + "/" + failed + "/drop", Map.of("reason", "it is not dead"))
                .code())
        .isEqualTo("conflict");

    String dead = submitted(Map.of("fail_attempts", 1_000));
    JsonNode gone = inState(dead, "dead");
    assertThat(gone.path("attempts")).isEqualTo(gone.path("max_attempts"));
    Answer dropped =
        operator.json("POST", base + "/" + dead + "/drop", Map.of("reason", "nobody needs it"));
    assertThat(dropped.status()).as("%s", dropped).isEqualTo(200);
    assertThat(dropped.json().path("state").asText()).isEqualTo("cancelled");
    assertThat(dropped.json().path("error").path("detail").asText()).isEqualTo("nobody needs it");
    assertThat(trail()).contains("job.retry", "job.drop");
  }

  @Test
  void shouldKeepASchedule() {
    String schedules = "/api/v1/pilots/" + pilot + "/job-schedules";
    Map<String, Object> wanted =
        Map.of(
            "name", "Mondays",
            "type", "noop",
            "parameters", Map.of("note", "again"),
            "days", List.of("mon", "fri"),
            "time", "06:00");
    Answer made = operator.json("POST", schedules, wanted);
    assertThat(made.status()).as("%s", made).isEqualTo(201);
    String id = made.json().path("schedule_id").asText();
    assertThat(Instant.parse(made.json().path("next_at").asText())).isAfter(Instant.now());
    assertThat(made.json().path("time_zone").asText()).isEqualTo("Europe/Lisbon");
    assertThat(operator.get(schedules).json().path("items")).hasSize(1);

    Map<String, Object> off = new java.util.HashMap<>(wanted);
    off.put("enabled", false);
    Map<String, String> stale =
        Map.of("Content-Type", "application/json", "If-Match", "\"" + 99 + "\"");
    assertThat(operator.call("PUT", schedules + "/" + id, stale, bytes(off)).status())
        .isEqualTo(412);
    Map<String, String> current =
        Map.of("Content-Type", "application/json", "If-Match", made.header("etag"));
    Answer put = operator.call("PUT", schedules + "/" + id, current, bytes(off));
    assertThat(put.status()).as("%s", put).isEqualTo(200);
    assertThat(put.json().hasNonNull("next_at")).isFalse();
    assertThat(operator.json("POST", schedules, Map.of("name", "x", "type", "noop")).status())
        .isEqualTo(400);
    assertThat(operator.call("DELETE", schedules + "/" + id, Map.of(), new byte[0]).status())
        .isEqualTo(204);
    assertThat(operator.get(schedules + "/" + id).code()).isEqualTo("not_found");
  }

  private static Map<String, Object> job(Map<String, Object> parameters) {
    return Map.of("type", "noop", "parameters", parameters);
  }

  private static byte[] bytes(Object body) {
    try {
      return TestStack.JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private String submitted(Map<String, Object> parameters) {
    Answer made = operator.json("POST", base, job(parameters));
    assertThat(made.status()).as("%s", made).isEqualTo(201);
    return made.json().path("job_id").asText();
  }

  private JsonNode inState(String id, String state) {
    await()
        .atMost(SOON)
        .until(() -> operator.get(base + "/" + id).json().path("state").asText().equals(state));
    return operator.get(base + "/" + id).json();
  }

  private List<String> trail() {
    return consortium
        .platform()
        .get("/api/v1/audit?pilot=" + pilot + "&limit=500")
        .json()
        .path("items")
        .findValuesAsText("action");
  }
}
