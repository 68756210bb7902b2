package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pilothouse.datasets.LineageConfig;
import org.pilothouse.platform.web.Json;

/**
 * Who gathers lineage outside, over HTTP: an event a request, as OpenLineage's API has it. No
 * redirect is followed: the key would go with it.
 */
final class LineageEndpoint implements AutoCloseable {
  private final LineageConfig config;
  private final HttpClient http;

  LineageEndpoint(LineageConfig config) {
    this.config = config;
    this.http =
        HttpClient.newBuilder()
            .connectTimeout(config.timeout())
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  /** What came of an event. */
  sealed interface Answer {
    record Taken() implements Answer {}

    /** Another event may be taken; this one is not. */
    record Refused(String why) implements Answer {}

    /** Nothing is taken at the moment. */
    record Away(String why) implements Answer {}
  }

  /** Takes no longer than the time-out, whatever the other side does. */
  Answer send(ObjectNode event) throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(config.url())
            .timeout(config.timeout())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(bytes(event)));
    config.apiKey().ifPresent(key -> request.header("Authorization", "Bearer " + key));
    CompletableFuture<HttpResponse<Void>> sent =
        http.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding());
    try {
      // The client's own time ends with the head of an answer; this one with the last byte.
      return answer(sent.get(config.timeout().toMillis(), TimeUnit.MILLISECONDS).statusCode());
    } catch (TimeoutException e) {
      sent.cancel(true);
      return new Answer.Away("no answer within " + config.timeout());
    } catch (ExecutionException e) {
      // What it says may name the whole URL.
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return new Answer.Away(cause.getClass().getSimpleName());
    } catch (InterruptedException e) {
      sent.cancel(true);
      throw e;
    }
  }

  private static Answer answer(int status) {
    if (status >= 200 && status < 300) {
      return new Answer.Taken();
    }
    String why = "answered " + status;
    return switch (status) {
      case 400, 409, 410, 411, 413, 415, 422 -> new Answer.Refused(why);
      default -> new Answer.Away(why);
    };
  }

  private static byte[] bytes(ObjectNode event) {
    try {
      return Json.mapper().writeValueAsBytes(event);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
