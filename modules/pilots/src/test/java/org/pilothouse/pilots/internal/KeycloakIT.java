package org.pilothouse.pilots.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.oauth2.sdk.util.URLUtils;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.PilotsConfig;
import org.pilothouse.platform.web.Caller;

/** Sign-in through a real Keycloak with the realm that the Compose file brings. */
class KeycloakIT {
  private static final String CLIENT_SECRET = "client-secret-of-the-test";
  private static final String PASSWORD = "password-of-the-test";
  private static final Duration START = Duration.ofMinutes(4);
  private static final Pattern FORM = Pattern.compile("<form[^>]*action=\"([^\"]+)\"");

  private static Process keycloak;
  private static String issuer;
  private static House house;
  private static Wiring room;

  @BeforeAll
  static void start() throws Exception {
    Path home =
        Path.of("target", "keycloak", "keycloak-" + System.getProperty("pilothouse.test.keycloak"))
            .toAbsolutePath();
    Path imported = Files.createDirectories(home.resolve("data/import"));
    Files.copy(
        Path.of("../../server-config/compose/keycloak/pilothouse-realm.json"),
        imported.resolve("pilothouse-realm.json"),
        StandardCopyOption.REPLACE_EXISTING);
    int port = freePort();
    String base = "http://127.0.0.1:" + port;
    issuer = base + "/realms/pilothouse";
    ProcessBuilder builder =
        new ProcessBuilder(
            "/bin/sh",
            home.resolve("bin/kc.sh").toString(),
            "start-dev",
            "--import-realm",
            "--db=dev-mem",
            "--cache=local",
            "--http-host=127.0.0.1",
            "--http-port=" + port,
            "--hostname=" + base);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m");
    builder.environment().put("PILOTHOUSE_BASE_URL", "http://127.0.0.1:9080");
    builder.environment().put("PILOTHOUSE_CLIENT_SECRET", CLIENT_SECRET);
    builder.environment().put("PILOTHOUSE_USER_PASSWORD", PASSWORD);
    builder.redirectErrorStream(true).redirectOutput(Path.of("target/keycloak.log").toFile());
    keycloak = builder.start();
    awaitMetadata();
    house = new House();
    room =
        house.node(
            false,
            Optional.of(
                new PilotsConfig.Provider(
                    URI.create(issuer),
                    "pilothouse",
                    CLIENT_SECRET,
                    "Keycloak",
                    "preferred_username",
                    "roles",
                    "pilot",
                    Map.of())));
  }

  @AfterAll
  static void stop() throws Exception {
    if (room != null) {
      room.close();
      house.close();
    }
    if (keycloak != null) {
      List<ProcessHandle> all = keycloak.descendants().toList();
      keycloak.destroy();
      all.forEach(ProcessHandle::destroy);
      if (!keycloak.waitFor(30, TimeUnit.SECONDS)) {
        keycloak.destroyForcibly();
      }
      all.forEach(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void shouldLetInAPersonOfAPilotOnceForEachCode() throws Exception {
    Oidc.Departure departure = depart();
    Map<String, List<String>> back = signIn(departure, "sso-operator", PASSWORD);

    Oidc.Arrival arrival = arrive(departure, back);

    Caller.Person caller =
        (Caller.Person) room.authentication().bySession(arrival.in().secret(), null, false);
    assertThat(arrival.returnTo()).isEqualTo("/pilots/aurora");
    assertThat(caller.username()).isEqualTo("sso-operator");
    assertThat(caller.roles()).containsExactly("pilot-operator");
    assertThat(caller.pilot()).isEqualTo(House.AURORA);
    refused(departure, back);
  }

  @Test
  void shouldLetInStaffWithoutAPilot() throws Exception {
    Oidc.Departure departure = depart();

    Oidc.Arrival arrival = arrive(departure, signIn(departure, "sso-support", PASSWORD));

    Caller.Person caller =
        (Caller.Person) room.authentication().bySession(arrival.in().secret(), null, false);
    assertThat(caller.roles()).containsExactly("support-agent");
    assertThat(caller.pilot()).isNull();
  }

  @Test
  void shouldRefuseACodeThatWasGivenToAnotherSignIn() throws Exception {
    Oidc.Departure mine = depart();
    Oidc.Departure other = depart();
    Map<String, List<String>> back = signIn(mine, "sso-admin", PASSWORD);
    String code = back.get("code").getFirst();
    String state = URLUtils.parseParameters(other.to().getRawQuery()).get("state").getFirst();

    // Keycloak itself refuses: the verifier is not that of the challenge it was shown.
    refused(other, Map.of("state", List.of(state), "code", List.of(code)));
  }

  private static Oidc.Departure depart() {
    return room.oidc().orElseThrow().depart("/pilots/aurora");
  }

  private static Oidc.Arrival arrive(Oidc.Departure departure, Map<String, List<String>> back) {
    return room.oidc()
        .orElseThrow()
        .arrive(
            departure.cookie(),
            back.get("state").getFirst(),
            back.get("code").getFirst(),
            "192.0.2.1");
  }

  private static void refused(Oidc.Departure departure, Map<String, List<String>> back) {
    assertThatThrownBy(() -> arrive(departure, back))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.code()).isEqualTo(ProblemCode.WRONG_CREDENTIALS));
  }

  /** What a browser does at Keycloak: its form, filled in, and the way back. */
  private static Map<String, List<String>> signIn(
      Oidc.Departure departure, String username, String password) throws Exception {
    try (HttpClient browser = browser()) {
      HttpResponse<String> page = send(browser, HttpRequest.newBuilder(departure.to()).GET());
      assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
      Matcher form = FORM.matcher(page.body());
      assertThat(form.find()).as(page.body()).isTrue();
      HttpResponse<String> answer =
          send(
              browser,
              HttpRequest.newBuilder(URI.create(form.group(1).replace("&amp;", "&")))
                  .header("Cookie", cookies(page))
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "username=" + encoded(username) + "&password=" + encoded(password))));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
      URI back = URI.create(answer.headers().firstValue("Location").orElseThrow());
      assertThat(back.getPath()).isEqualTo(Oidc.CALLBACK);
      return URLUtils.parseParameters(back.getRawQuery());
    }
  }

  private static HttpClient browser() {
    return HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  }

  /** By hand: the JDK's cookie store sends back what RFC 2965 said, which no server reads today. */
  private static String cookies(HttpResponse<?> answer) {
    return answer.headers().allValues("Set-Cookie").stream()
        .map(cookie -> cookie.substring(0, cookie.indexOf(';')))
        .collect(Collectors.joining("; "));
  }

  private static HttpResponse<String> send(HttpClient browser, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return browser.send(
        request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static void awaitMetadata() {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(issuer + "/.well-known/openid-configuration"));
    try (HttpClient client = browser()) {
      Awaitility.await("Keycloak; see modules/pilots/target/keycloak.log")
          .atMost(START)
          .failFast("it ended", () -> !keycloak.isAlive())
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> send(client, request).statusCode() == 200);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
