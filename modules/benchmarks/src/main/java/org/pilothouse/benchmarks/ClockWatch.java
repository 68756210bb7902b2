package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.pilothouse.benchmarks.Findings.Kind;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;

/**
 * A person, a device and a reader whose clocks are right, while the deployable's is hours off: they
 * must not see any of it.
 */
final class ClockWatch implements HoldScenario.Watch {
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  /** Half an hour is nowhere near two hours, and longer than this machine is ever busy. */
  private static final Duration NEAR = Duration.ofMinutes(30);

  private static final Duration TOKEN_LIFETIME = Duration.ofHours(12);
  private static final Duration GRACE = Duration.ofHours(24);

  private final Stack stack;
  private final Findings seen = new Findings();
  private final Instant begin = Instant.now();
  private Duration offset = Duration.ZERO;
  private String pilot = "";
  private Stack.@Nullable Device device;
  private @Nullable String token;

  ClockWatch(Stack stack) {
    this.stack = stack;
  }

  @Override
  public void begin(String pilot) {
    this.pilot = pilot;
    this.device = stack.device(pilot, "clock-" + pilot);
    this.token = stack.platformToken();
  }

  @Override
  public void look(Fault fault) throws Exception {
    if (fault instanceof Fault.Skew skew) {
      int hours = Integer.parseInt(skew.offset().replace("h", "").replace("+", ""));
      offset = Duration.ofHours(hours);
    }
    demandThatItIsOff();
    signIn();
    knownToken();
    report();
  }

  /** What has not been disturbed shows nothing. */
  private void demandThatItIsOff() throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(stack.http().resolve("/health/live"))
                  .timeout(Duration.ofSeconds(20))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      Instant shown =
          Instant.from(
              DateTimeFormatter.RFC_1123_DATE_TIME.parse(
                  answer.headers().firstValue("Date").orElseThrow()));
      if (!isNear(shown, Instant.now().plus(offset))) {
        throw new IllegalStateException(
            "the clock of the deployable shows " + shown + ", and should be off by " + offset);
      }
    }
  }

  private void signIn() throws InterruptedException {
    ask(
        "signing in",
        () -> {
          JsonNode answer = stack.platformSignIn();
          Instant expires = Instant.parse(answer.path("expires_at").asText());
          if (!isNear(expires, Instant.now().plus(TOKEN_LIFETIME))) {
            seen.add(Kind.WRONG_TIME, "a token expires at " + expires);
          }
        });
  }

  private void knownToken() throws InterruptedException {
    ask(
        "a token from before",
        () -> {
          var unused = stack.withToken(String.valueOf(token)).get("/api/v1/pilots/" + pilot);
        });
  }

  private void report() throws InterruptedException {
    Stack.Device there = device;
    if (there == null) {
      throw new IllegalStateException("not begun");
    }
    String line =
        "{\"twin\":\"clock\",\"time\":\"" + Instant.now() + "\",\"values\":{\"on\":true}}\n";
    ask(
        "telemetry over HTTP",
        () -> {
          byte[] lines = line.getBytes(StandardCharsets.UTF_8);
          JsonNode answer = stack.as(there).report(pilot, lines, lines.length);
          if (answer.path("accepted").asInt() != 1) {
            throw new ApiProblem(0, "not_accepted", answer.toString());
          }
        });
    Mqtt5AsyncClient client = Load.client(there, stack.mqtt());
    try {
      client.connect().get(30, TimeUnit.SECONDS);
      client
          .publishWith()
          .topic("pilothouse/" + pilot + "/" + there.device() + "/telemetry")
          .qos(MqttQos.AT_LEAST_ONCE)
          .payload(line.getBytes(StandardCharsets.UTF_8))
          .send()
          .get(60, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      seen.add(Kind.TURNED_AWAY, "telemetry by MQTT: " + e);
    } finally {
      var unused = client.disconnect();
    }
  }

  /** Outages are no refusals. */
  private void ask(String what, Runnable question) throws InterruptedException {
    try {
      var unused =
          PilothouseApi.patiently(
              () -> {
                question.run();
                return new ObjectMapper().nullNode();
              },
              LONGEST_WAIT,
              problem -> {});
    } catch (ApiProblem problem) {
      seen.add(Kind.TURNED_AWAY, what + ": " + problem.getMessage());
    }
  }

  @Override
  public void atEnd(Findings findings, Map<String, List<HoldJudge.Told>> topic) {
    findings.addAll(seen);
    Instant end = Instant.now();
    topic.values().stream()
        .flatMap(List::stream)
        .filter(told -> !isWithin(told.time(), end) || !isWithin(told.given(), end))
        .forEach(told -> findings.add(Kind.WRONG_TIME, told.toString()));
    for (JsonNode dataset : stack.platform().list("/api/v1/pilots/" + pilot + "/datasets")) {
      for (String name : List.of("created_at", "available_at")) {
        JsonNode time = dataset.path(name);
        if (time.isTextual() && !isWithin(Instant.parse(time.asText()), end)) {
          findings.add(Kind.WRONG_TIME, name + " of " + dataset);
        }
      }
    }
    judgeGrace(findings);
    for (JsonNode entry : stack.platform().list("/api/v1/audit?pilot=" + pilot)) {
      if (!isWithin(Instant.parse(entry.path("time").asText()), end)) {
        findings.add(Kind.WRONG_TIME, "audit: " + entry);
      }
    }
  }

  private void judgeGrace(Findings findings) {
    JsonNode some =
        stack.platform().list("/api/v1/pilots/" + pilot + "/datasets?state=available").getFirst();
    String path = "/api/v1/pilots/" + pilot + "/datasets/" + some.path("dataset_id").asText();
    var unused = stack.platform().delete(path);
    String removed = stack.platform().get(path).path("removed_after").asText();
    if (!isNear(Instant.parse(removed), Instant.now().plus(GRACE))) {
      findings.add(Kind.WRONG_TIME, "withdrawn now, removed after " + removed);
    }
  }

  private boolean isWithin(Instant time, Instant end) {
    return time.isAfter(begin.minus(NEAR)) && time.isBefore(end.plus(NEAR));
  }

  private static boolean isNear(Instant time, Instant other) {
    return Duration.between(time, other).abs().compareTo(NEAR) < 0;
  }
}
