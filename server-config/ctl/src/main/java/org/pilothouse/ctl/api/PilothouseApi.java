package org.pilothouse.ctl.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A client of the REST API with one credential: a person's token or a device's. Safe for use by
 * several threads.
 */
public final class PilothouseApi implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final int PAGE = 500;

  private final String baseUrl;
  private final @Nullable String token;
  private final HttpClient http;
  private final ObjectMapper json = new ObjectMapper();

  private PilothouseApi(String baseUrl, @Nullable String token, HttpClient http) {
    this.baseUrl = baseUrl.endsWith("/") ? baseUrl.substring(0, baseUrl.length() - 1) : baseUrl;
    this.token = token;
    this.http = http;
  }

  /** A client without a credential. */
  public static PilothouseApi at(String baseUrl) {
    return new PilothouseApi(
        baseUrl,
        null,
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build());
  }

  /** The same connections with another credential. */
  public PilothouseApi withToken(String bearer) {
    return new PilothouseApi(baseUrl, bearer, http);
  }

  /** The answer to a sign-in. */
  public JsonNode signIn(String username, String password, @Nullable String totp) {
    ObjectNode body = json.createObjectNode();
    body.put("username", username);
    body.put("password", password);
    if (totp != null) {
      body.put("totp", totp);
    }
    return post("/api/v1/auth/token", body);
  }

  public PilothouseApi signedIn(Home.User user) {
    return withToken(signIn(user.username(), user.password(), null).path("token").asText());
  }

  public String baseUrl() {
    return baseUrl;
  }

  public JsonNode get(String path) {
    return call("GET", path, BodyPublishers.noBody(), Map.of());
  }

  public JsonNode post(String path, @Nullable JsonNode body) {
    return body == null
        ? call("POST", path, BodyPublishers.noBody(), Map.of())
        : post(path, body, Map.of());
  }

  /**
   * @param headers beside the media type
   */
  public JsonNode post(String path, JsonNode body, Map<String, String> headers) {
    Map<String, String> all = new HashMap<>(headers);
    all.put("Content-Type", "application/json");
    return call("POST", path, BodyPublishers.ofString(body.toString()), all);
  }

  /**
   * @param headers beside the media type
   */
  public JsonNode put(String path, String body, String mediaType, Map<String, String> headers) {
    Map<String, String> all = new HashMap<>(headers);
    all.put("Content-Type", mediaType);
    return call("PUT", path, BodyPublishers.ofString(body), all);
  }

  public JsonNode delete(String path) {
    return call("DELETE", path, BodyPublishers.noBody(), Map.of());
  }

  /** Where the answer to a path leads, without going there. */
  public URI locationOf(String path) {
    HttpResponse<InputStream> response =
        send(request(path).GET().timeout(ANSWER).build(), "GET " + path);
    Optional<String> location = response.headers().firstValue("Location");
    if (response.statusCode() != 302 || location.isEmpty()) {
      JsonNode unexpected = answer(response);
      throw new ApiProblem(0, "no_location", "it leads nowhere: " + unexpected);
    }
    try (InputStream empty = response.body()) {
      return URI.create(location.get());
    } catch (IOException e) {
      throw new ApiProblem(0, "unreachable", "the answer broke off: " + e.getMessage());
    }
  }

  /** A merge patch on what is there now: reads the ETag first. */
  public JsonNode patch(String path, JsonNode change) {
    return change("PATCH", path, change, "application/merge-patch+json");
  }

  /** Puts a document in the place of the one that is there now: reads the ETag first. */
  public JsonNode replace(String path, JsonNode document) {
    return change("PUT", path, document, "application/json");
  }

  private JsonNode change(String method, String path, JsonNode body, String mediaType) {
    HttpResponse<InputStream> current =
        send(request(path).GET().timeout(ANSWER).build(), "GET " + path);
    String etag = current.headers().firstValue("ETag").orElse("*");
    answer(current);
    return call(
        method,
        path,
        BodyPublishers.ofString(body.toString()),
        Map.of("Content-Type", mediaType, "If-Match", etag));
  }

  /** Every item of a list, page by page. */
  public List<JsonNode> list(String path) {
    List<JsonNode> items = new ArrayList<>();
    each(
        path,
        item -> {
          items.add(item);
          return true;
        });
    return items;
  }

  /** Hands over item after item until there are no more or {@code more} says no. */
  public void each(String path, Predicate<JsonNode> more) {
    String separator = path.contains("?") ? "&" : "?";
    String cursor = null;
    do {
      String next = path + separator + "limit=" + PAGE;
      JsonNode page = get(cursor == null ? next : next + "&cursor=" + encode(cursor));
      for (JsonNode item : page.path("items")) {
        if (!more.test(item)) {
          return;
        }
      }
      cursor = page.path("next_cursor").isTextual() ? page.path("next_cursor").asText() : null;
    } while (cursor != null);
  }

  /**
   * Reports telemetry lines, compressed. The answer comes after the backbone acknowledged.
   *
   * @throws ApiProblem see {@link ApiProblem#isPassing}: then the same lines may be sent again
   */
  public JsonNode report(String pilot, byte[] lines, int length) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream(length / 4 + 64);
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(lines, 0, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return call(
        "POST",
        "/api/v1/pilots/" + pilot + "/telemetry",
        BodyPublishers.ofByteArray(packed.toByteArray()),
        Map.of("Content-Type", "application/x-ndjson", "Content-Encoding", "gzip"));
  }

  /** One message of the live stream. */
  public record LiveEvent(String id, String type, String data) {}

  /**
   * Reads live events until the connection ends, normally or not.
   *
   * @param lastId where to go on, or null for what comes from now on
   * @param connected told once, when the stream stands
   */
  public void tail(
      String pilot,
      Map<String, List<String>> filters,
      @Nullable String lastId,
      Runnable connected,
      Predicate<LiveEvent> more)
      throws IOException {
    StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
    filters.forEach(
        (name, values) -> values.forEach(value -> query.add(name + "=" + encode(value))));
    HttpRequest.Builder request =
        request("/api/v1/pilots/" + pilot + "/stream" + query)
            .GET()
            .header("Accept", "text/event-stream");
    if (lastId != null) {
      request.header("Last-Event-ID", lastId);
    }
    HttpResponse<InputStream> response = send(request.build(), "the live stream");
    if (response.statusCode() != 200) {
      answer(response);
      return;
    }
    try (InputStream body = response.body()) {
      connected.run();
      EventStream.read(body, more);
    }
  }

  private JsonNode call(String method, String path, BodyPublisher body, Map<String, String> heads) {
    HttpRequest.Builder request = request(path).timeout(ANSWER).method(method, body);
    heads.forEach(request::header);
    return answer(send(request.build(), method + " " + path));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(baseUrl + path)).header("Accept", "*/*");
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return request;
  }

  private HttpResponse<InputStream> send(HttpRequest request, String what) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new ApiProblem(
          0,
          "unreachable",
          baseUrl
              + " does not answer "
              + what
              + ": "
              + (e.getMessage() == null ? e : e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiProblem(0, "interrupted", "interrupted");
    }
  }

  private JsonNode answer(HttpResponse<InputStream> response) {
    byte[] body;
    try (InputStream in = response.body()) {
      body = in.readAllBytes();
    } catch (IOException e) {
      throw new ApiProblem(0, "unreachable", "the answer broke off: " + e.getMessage());
    }
    JsonNode document = parsed(body);
    if (response.statusCode() / 100 == 2) {
      return document;
    }
    Duration retryAfter =
        response
            .headers()
            .firstValue("Retry-After")
            .filter(text -> text.matches("[0-9]{1,5}"))
            .map(text -> Duration.ofSeconds(Long.parseLong(text)))
            .orElse(null);
    String detail =
        document.path("detail").asText(document.path("title").asText("no further word"));
    throw new ApiProblem(
        response.statusCode(),
        document.path("code").asText("status_" + response.statusCode()),
        document.hasNonNull("path") ? detail + " (" + document.path("path").asText() + ")" : detail,
        retryAfter);
  }

  private JsonNode parsed(byte[] body) {
    if (body.length == 0) {
      return json.createObjectNode();
    }
    try {
      JsonNode document = json.readTree(new String(body, StandardCharsets.UTF_8));
      return document == null ? json.createObjectNode() : document;
    } catch (JsonProcessingException e) {
      return json.createObjectNode();
    }
  }

  public static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /**
   * Calls until it succeeds or fails for good, with pauses that grow to five seconds.
   *
   * @param waiting told of each pause
   */
  public static JsonNode patiently(
      java.util.function.Supplier<JsonNode> call, Duration longest, Consumer<ApiProblem> waiting)
      throws InterruptedException {
    long end = System.nanoTime() + longest.toNanos();
    long pause = 200;
    while (true) {
      try {
        return call.get();
      } catch (ApiProblem problem) {
        if (!problem.isPassing() || System.nanoTime() > end) {
          throw problem;
        }
        waiting.accept(problem);
        Duration asked = problem.retryAfter();
        Thread.sleep(asked == null ? pause : Math.clamp(asked.toMillis(), 100, 10_000));
        pause = Math.min(5_000, pause * 2);
      }
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
