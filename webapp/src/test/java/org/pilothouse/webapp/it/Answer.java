package org.pilothouse.webapp.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** An answer as it came over the wire; header names in lower case. */
record Answer(int status, Map<String, List<String>> headers, byte[] body) {
  String header(String name) {
    List<String> values = headers.getOrDefault(name, List.of());
    return values.isEmpty() ? "" : values.getFirst();
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** The body as JSON; missing when it is none. */
  JsonNode json() {
    try {
      return TestStack.JSON.readTree(text());
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  /** The problem's code; empty when the body is no problem. */
  String code() {
    return json().path("code").asText("");
  }

  boolean isProblem() {
    return header("content-type").startsWith("application/problem+json")
        && json().path("status").asInt() == status
        && !code().isEmpty()
        && !json().path("title").asText("").isEmpty();
  }

  @Override
  public String toString() {
    String text = text();
    return status + " " + (text.length() > 600 ? text.substring(0, 600) + "…" : text);
  }
}
