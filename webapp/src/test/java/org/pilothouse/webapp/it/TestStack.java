package org.pilothouse.webapp.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.StreamSupport;

/** The local stack that {@code ./pilothouse test it} has brought up. */
final class TestStack {
  static final ObjectMapper JSON = new ObjectMapper();

  private TestStack() {}

  /** Where the stack keeps its files. */
  static Path home() {
    String home = System.getProperty("pilothouse.test.home");
    if (home == null || !Files.exists(Path.of(home, "run/pilothouse.properties"))) {
      throw new IllegalStateException(
          "no test stack: run these with `./pilothouse test it`, or set -Dpilothouse.test.home to"
              + " the home of a running stack and -Dpilothouse.wlp to an Open Liberty");
    }
    return Path.of(home);
  }

  static String endpoint(String name) {
    return read("endpoints.json").path(name).asText();
  }

  static String password(String username) {
    return StreamSupport.stream(read("credentials.json").path("users").spliterator(), false)
        .filter(user -> user.path("username").asText().equals(username))
        .map(user -> user.path("password").asText())
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode read(String file) {
    try {
      return JSON.readTree(home().resolve(file).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
