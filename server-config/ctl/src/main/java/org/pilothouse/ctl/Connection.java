package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Console;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.Home;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Option;

/**
 * Who calls which platform. Without options: the token of the last {@code ctl login} while it
 * lasts, else the user {@code platform} of the local stack.
 */
final class Connection {
  private static final String DEFAULT_USER = "platform";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "the platform; default: the local stack's, or $$PILOTHOUSE_URL")
  @Nullable String url;

  @Option(
      names = {"-u", "--user"},
      paramLabel = "NAME",
      description = "sign in as this user of the local stack instead of the saved sign-in")
  @Nullable String user;

  @Option(names = "--json", description = "print the answer as JSON")
  boolean json;

  private final Home home = Home.of(System.getenv());

  PilothouseApi open() {
    PilothouseApi api = PilothouseApi.at(baseUrl());
    if (user == null) {
      Optional<String> saved = savedToken();
      if (saved.isPresent()) {
        return api.withToken(saved.get());
      }
    }
    Home.User person =
        home.userOrNone(user == null ? DEFAULT_USER : user)
            .orElseThrow(() ->
                new ApiProblem(0, "not_signed_in", "not signed in; use: ctl login --user NAME"));
    return api.signedIn(person);
  }

  String baseUrl() {
    if (url != null) {
      return url;
    }
    String fromEnvironment = System.getenv("PILOTHOUSE_URL");
    return fromEnvironment != null ? fromEnvironment : home.baseUrl();
  }

  /** Signs in and keeps the token for the commands to come. */
  JsonNode login(@Nullable String totp) {
    String name = user == null ? DEFAULT_USER : user;
    String password = url == null ? localPassword(name).orElseGet(() -> ask(name)) : ask(name);
    JsonNode token = PilothouseApi.at(baseUrl()).signIn(name, password, totp);
    ObjectNode kept = JSON.createObjectNode();
    kept.put("base_url", baseUrl());
    kept.put("username", name);
    kept.set("token", token.path("token"));
    kept.set("expires_at", token.path("expires_at"));
    keep(kept);
    return token;
  }

  void logout() {
    savedToken()
        .ifPresent(
            token -> PilothouseApi.at(baseUrl()).withToken(token).delete("/api/v1/auth/token"));
    try {
      Files.deleteIfExists(file());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<String> localPassword(String name) {
    return home.userOrNone(name).map(Home.User::password);
  }

  private static String ask(String name) {
    Console console = System.console();
    char @Nullable [] typed =
        console == null ? null : console.readPassword("Password of %s: ", name);
    if (typed == null) {
      throw new ApiProblem(0, "no_password", "a password is needed and there is no terminal");
    }
    return new String(typed);
  }

  private Path file() {
    return home.directory().resolve("ctl.json");
  }

  /** The tokens of a device, as far as they are known here. */
  DeviceTokens tokens(PilothouseApi api, String pilot, String device) {
    return new DeviceTokens(
        api, pilot, device, home.directory(), System.getenv(DeviceTokens.VARIABLE));
  }

  Home home() {
    return home;
  }

  Path stateDirectory() {
    return home.directory();
  }

  private Optional<String> savedToken() {
    if (!Files.exists(file())) {
      return Optional.empty();
    }
    try {
      JsonNode kept = JSON.readTree(file().toFile());
      boolean valid =
          kept.path("base_url").asText().equals(baseUrl())
              && Instant.parse(kept.path("expires_at").asText())
                  .isAfter(Instant.now().plusSeconds(5));
      return valid ? Optional.of(kept.path("token").asText()) : Optional.empty();
    } catch (IOException | java.time.DateTimeException e) {
      return Optional.empty();
    }
  }

  private void keep(ObjectNode kept) {
    try {
      Files.createDirectories(home.directory());
      Path written =
          Files.createTempFile(
              home.directory(),
              "ctl",
              ".json",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(written, kept.toString());
      Files.move(written, file(), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
