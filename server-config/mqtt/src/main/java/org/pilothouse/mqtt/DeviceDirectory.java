package org.pilothouse.mqtt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;

/**
 * Asks the deployable who a device is. An accepted answer is remembered for a minute, so that a
 * reconnecting fleet does not storm a deployable that has just come back; while the deployable is
 * away it is remembered longer, so that devices can go on delivering. A refusal is never
 * remembered.
 */
final class DeviceDirectory implements AutoCloseable {
  static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final Duration FRESH = Duration.ofSeconds(60);
  private static final Duration KEPT_WHILE_AWAY = Duration.ofMinutes(10);
  private static final int MOST_AT_ONCE = 64;
  private static final int MOST_REMEMBERED = 100_000;

  private final URI url;
  private final String key;
  private final Clock clock;
  private final HttpClient http;
  private final ObjectMapper json = new ObjectMapper();
  private final Semaphore questions = new Semaphore(MOST_AT_ONCE);
  private final Map<String, Remembered> remembered =
      new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Remembered> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  private record Remembered(Identity.Device device, Instant since) {}

  DeviceDirectory(URI url, String key, Clock clock) {
    this.url = url;
    this.key = key;
    this.clock = clock;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
  }

  /** Never completes exceptionally; completes within {@link #TIMEOUT}. */
  CompletableFuture<Authentication> authenticate(
      String username, String password, String clientId) {
    String secret = username + ':' + Secrets.sha256(password);
    Remembered known;
    synchronized (remembered) {
      known = remembered.get(secret);
    }
    if (known != null && youngerThan(known, FRESH)) {
      return CompletableFuture.completedFuture(new Authentication.Accepted(known.device()));
    }
    if (!questions.tryAcquire()) {
      return CompletableFuture.completedFuture(new Authentication.Busy());
    }
    ObjectNode question = json.createObjectNode();
    question.put("username", username);
    question.put("password", password);
    question.put("client_id", clientId);
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .header("X-Broker-Key", key)
            .POST(HttpRequest.BodyPublishers.ofString(question.toString()))
            .build();
    CompletableFuture<HttpResponse<byte[]>> answer;
    try {
      answer = http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (RuntimeException e) {
      questions.release();
      return CompletableFuture.completedFuture(new Authentication.Unavailable(e.toString()));
    }
    return answer.handle((response, failure) -> {
      questions.release();
      Authentication outcome = outcome(response, failure);
      return settle(secret, known, outcome);
    });
  }

  private Authentication settle(String secret, @Nullable Remembered known, Authentication outcome) {
    return switch (outcome) {
      case Authentication.Accepted accepted -> {
        synchronized (remembered) {
          remembered.put(secret, new Remembered(accepted.device(), clock.instant()));
        }
        yield accepted;
      }
      case Authentication.Refused refused -> {
        synchronized (remembered) {
          remembered.remove(secret);
        }
        yield refused;
      }
      case Authentication.Unavailable away ->
          known != null && youngerThan(known, KEPT_WHILE_AWAY)
              ? new Authentication.Accepted(known.device())
              : away;
      case Authentication.Busy busy -> busy;
    };
  }

  private boolean youngerThan(Remembered known, Duration age) {
    return known.since().plus(age).isAfter(clock.instant());
  }

  private Authentication outcome(
      @Nullable HttpResponse<byte[]> response, @Nullable Throwable failure) {
    if (response == null) {
      return new Authentication.Unavailable(String.valueOf(failure));
    }
    return switch (response.statusCode()) {
      case 200 -> accepted(response.body());
      case 400, 401, 404 -> new Authentication.Refused();
      case 429 -> new Authentication.Busy();
      default -> new Authentication.Unavailable("status " + response.statusCode());
    };
  }

  private Authentication accepted(byte[] body) {
    try {
      JsonNode answer = json.readTree(new String(body, StandardCharsets.UTF_8));
      String pilot = answer.path("pilot").asText("");
      String device = answer.path("device").asText("");
      // These become part of topic filters: nothing but an id may pass.
      if (Names.isId(pilot) && Names.isId(device)) {
        return new Authentication.Accepted(new Identity.Device(pilot, device));
      }
    } catch (IOException e) {
      return new Authentication.Unavailable("an answer that is not JSON");
    }
    return new Authentication.Unavailable("an answer without pilot and device");
  }

  @Override
  public void close() {
    http.close();
  }
}
