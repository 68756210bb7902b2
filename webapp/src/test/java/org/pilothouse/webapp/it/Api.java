package org.pilothouse.webapp.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The deployable's API, called as one caller; no token means no credential. */
record Api(RawHttp http, @Nullable String token) {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  static Api anonymous() {
    return new Api(new RawHttp(ManagedServer.url(), "127.0.0.1", PATIENCE), null);
  }

  Api as(String bearer) {
    return new Api(http, bearer);
  }

  Api signedIn(String username, String password) {
    Answer answer =
        json("POST", "/api/v1/auth/token", Map.of("username", username, "password", password));
    String issued = answer.json().path("token").asText();
    if (issued.isEmpty()) {
      throw new IllegalStateException(username + " cannot sign in: " + answer);
    }
    return as(issued);
  }

  Answer get(String path) {
    return call("GET", path, Map.of(), new byte[0]);
  }

  Answer json(String method, String path, Object body) {
    try {
      return send(method, path, "application/json", TestStack.JSON.writeValueAsString(body));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  Answer send(String method, String path, String mediaType, String body) {
    return call(
        method, path, Map.of("Content-Type", mediaType), body.getBytes(StandardCharsets.UTF_8));
  }

  Answer call(String method, String path, Map<String, String> headers, byte[] body) {
    try {
      return http.send(method, path, withToken(headers), body);
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path, e);
    }
  }

  Map<String, String> withToken(Map<String, String> headers) {
    Map<String, String> all = new HashMap<>(headers);
    if (token != null) {
      all.put("Authorization", "Bearer " + token);
    }
    return all;
  }
}
