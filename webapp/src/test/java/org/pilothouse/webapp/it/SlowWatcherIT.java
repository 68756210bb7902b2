package org.pilothouse.webapp.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One who watches and does not read, while much more comes than its queue holds. */
class SlowWatcherIT {
  private static final int BODIES = 30;
  private static final int LINES = 2_000;
  private static final String TWIN = "slow-watcher";
  private static final Pattern NUMBER = Pattern.compile("\"number\":(\\d+)");

  @Test
  @Timeout(180)
  void shouldMissNothingAndSeeNothingTwice() throws Exception {
    Consortium consortium = Consortium.get();
    Api operator = consortium.caller("pilot-operator");
    String pilot = consortium.own();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    ManagedServer.url() + "/api/v1/pilots/" + pilot + "/stream?twin=" + TWIN))
            .header("Accept", "text/event-stream");
    operator.withToken(java.util.Map.of()).forEach(request::header);
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
      HttpResponse<InputStream> stream =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      assertThat(stream.statusCode()).isEqualTo(200);
      try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), UTF_8))) {
        String first = lines.readLine();
        while (first != null && !first.startsWith("id:")) {
          first = lines.readLine();
        }
        report(consortium.device(pilot).api(), pilot);

        Set<Integer> seen = new HashSet<>();
        while (seen.size() < BODIES * LINES) {
          String line = lines.readLine();
          assertThat(line).as("the stream ends").isNotNull();
          assertThat(line).isNotEqualTo("event: gap");
          Matcher number = NUMBER.matcher(line);
          if (number.find()) {
            assertThat(seen.add(Integer.parseInt(number.group(1))))
                .as("%s is shown a second time", line)
                .isTrue();
          }
        }
      }
    }
  }

  private static void report(Api device, String pilot) {
    Instant start = Instant.now();
    String padding = "x".repeat(400);
    for (int body = 0; body < BODIES; body++) {
      StringBuilder lines = new StringBuilder();
      for (int line = 0; line < LINES; line++) {
        int number = body * LINES + line;
        lines
            .append("{\"twin\":\"")
            .append(TWIN)
            .append("\",\"time\":\"")
            .append(start.plusMillis(number))
            .append("\",\"values\":{\"number\":")
            .append(number)
            .append(",\"padding\":\"")
            .append(padding)
            .append("\"}}\n");
      }
      Answer answer =
          device.send(
              "POST",
              "/api/v1/pilots/" + pilot + "/telemetry",
              "application/x-ndjson",
              lines.toString());
      assertThat(answer.status()).as("%s", answer).isEqualTo(202);
    }
  }
}
