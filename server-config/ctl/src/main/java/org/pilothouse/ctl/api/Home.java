package org.pilothouse.ctl.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The directory of a local stack: where it listens and who may sign in. */
public record Home(Path directory) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A sign-in of the local stack. */
  public record User(
      String username, String password, List<String> roles, @Nullable String pilot) {}

  /** {@code PILOTHOUSE_HOME}, or {@code .pilothouse} here. */
  public static Home of(Map<String, String> environment) {
    return new Home(
        Path.of(environment.getOrDefault("PILOTHOUSE_HOME", ".pilothouse")).toAbsolutePath());
  }

  public String baseUrl() {
    return text(document("credentials.json"), "base_url");
  }

  /**
   * @throws ApiProblem {@code no_such_sign_in} when the stack has no such user
   */
  public User user(String username) {
    for (JsonNode user : document("credentials.json").path("users")) {
      if (user.path("username").asText().equals(username)) {
        List<String> roles = new ArrayList<>();
        user.path("roles").forEach(role -> roles.add(role.asText()));
        return new User(
            username,
            text(user, "password"),
            List.copyOf(roles),
            user.path("pilot").isTextual() ? user.path("pilot").asText() : null);
      }
    }
    throw new ApiProblem(
        0,
        "no_such_sign_in",
        "there is no user '" + username + "' in " + directory.resolve("credentials.json"));
  }

  public Optional<User> userOrNone(String username) {
    return Files.exists(directory.resolve("credentials.json"))
        ? Optional.of(user(username))
        : Optional.empty();
  }

  /** {@code endpoints.json}. */
  public JsonNode endpoints() {
    return document("endpoints.json");
  }

  private JsonNode document(String name) {
    Path file = directory.resolve(name);
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new ApiProblem(
          0,
          "no_home",
          file
              + " cannot be read; is the stack up (./pilothouse up), or is PILOTHOUSE_HOME wrong?");
    }
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asText();
  }
}
