package org.pilothouse.local.home;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The sign-ins of the local stack, one user a role; the deployable creates them at its first start.
 */
public record Credentials(String baseUrl, List<User> users) {

  static final String PILOT = "aurora";

  public record User(
      String username,
      String password,
      List<String> roles,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String pilot) {}

  public static Credentials random(String baseUrl, RandomGenerator random) {
    return new Credentials(
        baseUrl,
        List.of(
            user("operator", "pilot-operator", PILOT, random),
            user("admin", "pilot-admin", PILOT, random),
            user("steward", "data-steward", PILOT, random),
            user("support", "support-agent", null, random),
            user("platform", "platform-admin", null, random)));
  }

  /** Passwords stay for ever; the base URL follows the ports of this start. */
  public static Credentials of(Home home, PortPlan ports, RandomGenerator random) {
    String baseUrl = "http://127.0.0.1:" + ports.http();
    Credentials credentials =
        Json.read(home.credentials(), Credentials.class)
            .map(kept -> new Credentials(baseUrl, kept.users()))
            .orElseGet(() -> random(baseUrl, random));
    Json.writePrivately(home.credentials(), credentials);
    return credentials;
  }

  private static User user(
      String name, String role, @Nullable String pilot, RandomGenerator random) {
    return new User(name, Secrets.token(random, 15), List.of(role), pilot);
  }
}
