package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.Home;
import org.pilothouse.ctl.api.PilothouseApi;

/** The stack that runs at {@code PILOTHOUSE_HOME}. */
final class Stack implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern LAG =
      Pattern.compile("(?m)^pilothouse_reader_lag\\{[^}]*\\}\\s+(\\S+)$");
  private static final Pattern LIVE_BYTES = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
  private static final Duration CATCHING_UP = Duration.ofMinutes(15);

  /** The lag is counted every second or so. */
  private static final Duration QUIET = Duration.ofSeconds(4);

  private final Home home;
  private final JsonNode endpoints;
  private final PilothouseApi person;
  private final HttpClient metrics =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private volatile PilothouseApi platform;

  Stack() {
    this(Home.of(System.getenv()));
  }

  Stack(Home home) {
    this.home = home;
    this.endpoints = home.endpoints();
    this.person = PilothouseApi.at(home.baseUrl());
    this.platform = person;
  }

  /** A device of a pilot that may report for any twin. */
  record Device(String pilot, String device, String token) {}

  /** A client of the platform admin's. */
  PilothouseApi platform() {
    if (platform == person) {
      signInAgain();
    }
    return platform;
  }

  void signInAgain() {
    platform = person.signedIn(home.user("platform"));
  }

  PilothouseApi as(Device device) {
    return person.withToken(device.token());
  }

  URI http() {
    return URI.create(home.baseUrl());
  }

  /** RabbitMQ. */
  String amqp() {
    return endpoints.path("amqp").asText();
  }

  String kafka() {
    return endpoints.path("kafka").asText();
  }

  /** Object storage. */
  URI objects() {
    return URI.create(s3().path("endpoint").asText());
  }

  URI mqtt() {
    return URI.create(endpoints.path("mqtt").asText());
  }

  Path homeDirectory() {
    return home.directory();
  }

  static String telemetryTopic(String pilot) {
    return "pilot." + pilot + ".telemetry";
  }

  /** A part of where PostgreSQL is: {@code url}, {@code user} or {@code password}. */
  String jdbc(String part) {
    return endpoints.path("jdbc").path(part).asText();
  }

  /** Where object storage is, and its keys. */
  JsonNode s3() {
    return endpoints.path("s3");
  }

  /**
   * What lives in the deployable's heap, in MB: counted while the collection that precedes it still
   * holds all threads, so that nothing that came since is taken for alive.
   */
  double liveHeapMegabytes() throws IOException, InterruptedException {
    String pid = Long.toString(pid("pilothouse").orElseThrow());
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Matcher live = LIVE_BYTES.matcher(said(jcmd, pid, "GC.class_histogram"));
    if (!live.find()) {
      throw new IOException("the deployable does not tell what its heap holds");
    }
    return Long.parseLong(live.group(1)) / (double) (1 << 20);
  }

  private static String said(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
    return said;
  }

  /** A platform admin's bearer token, for connections of our own. */
  String platformToken() {
    return platformSignIn().path("token").asText();
  }

  /** What a platform admin is answered who signs in. */
  JsonNode platformSignIn() {
    Home.User admin = home.user("platform");
    return person.signIn(admin.username(), admin.password(), null);
  }

  PilothouseApi withToken(String token) {
    return person.withToken(token);
  }

  /** Makes the pilot if it is not there. */
  void pilot(String pilot, int telemetryDays) {
    ObjectNode body = JSON.createObjectNode();
    body.put("pilot_id", pilot);
    body.put("name", "Load: " + pilot);
    body.put("time_zone", "UTC");
    body.putObject("retention").put("telemetry_days", telemetryDays);
    unlessThere(() -> platform().post("/api/v1/pilots", body));
  }

  /** Makes the pilot and the device if they are not there, and gives the device a new token. */
  Device device(String pilot, String device) {
    pilot(pilot, 1);
    String devices = "/api/v1/pilots/" + pilot + "/devices";
    ObjectNode wanted = JSON.createObjectNode();
    wanted.put("device_id", device);
    try {
      return new Device(pilot, device, platform().post(devices, wanted).path("token").asText());
    } catch (ApiProblem problem) {
      if (problem.status() != 409) {
        throw problem;
      }
      return new Device(
          pilot,
          device,
          platform().post(devices + "/" + device + "/rotate", null).path("token").asText());
    }
  }

  private static void unlessThere(Runnable creation) {
    try {
      creation.run();
    } catch (ApiProblem problem) {
      if (problem.status() != 409) {
        throw problem;
      }
    }
  }

  Admin admin() {
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            kafka(),
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            20_000,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            60_000));
  }

  /** What {@code ./pilothouse status --json} says. */
  JsonNode status() throws IOException, InterruptedException {
    Path script = repository().resolve("pilothouse");
    ProcessBuilder builder =
        new ProcessBuilder(script.toString(), "status", "--json")
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("PILOTHOUSE_HOME", home.directory().toString());
    Process process = builder.start();
    byte[] out = process.getInputStream().readAllBytes();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(script + " status does not end");
    }
    return JSON.readTree(out);
  }

  /** The process id of a server by its name in {@code status}, empty while it is down. */
  OptionalLong pid(String name) throws IOException, InterruptedException {
    for (JsonNode process : status().path("processes")) {
      if (process.path("name").asText().equals(name) && process.path("pid").isNumber()) {
        return OptionalLong.of(process.path("pid").asLong());
      }
    }
    return OptionalLong.empty();
  }

  /** The process ids of servers by their names. */
  Map<String, OptionalLong> pids(List<String> names) throws IOException, InterruptedException {
    Map<String, OptionalLong> pids = new HashMap<>();
    for (String name : names) {
      pids.put(name, pid(name));
    }
    return pids;
  }

  /**
   * Whether processes that were killed run again, as others: what the status says may be older than
   * the kill.
   *
   * @param killed by name, as they were
   */
  boolean isUpAnew(Map<String, OptionalLong> killed) throws IOException, InterruptedException {
    int up = 0;
    for (JsonNode process : status().path("processes")) {
      OptionalLong before = killed.get(process.path("name").asText());
      if (before != null
          && process.path("state").asText().equals("up")
          && process.path("pid").isNumber()
          && !before.equals(OptionalLong.of(process.path("pid").asLong()))) {
        up++;
      }
    }
    return up == killed.size();
  }

  /**
   * Waits until the readers of the backbone have caught up, so that what one load left behind does
   * not count against the next.
   *
   * @return how long it took
   */
  Duration untilCaughtUp() throws InterruptedException {
    long start = System.nanoTime();
    long quietSince = start;
    while (System.nanoTime() - start < CATCHING_UP.toNanos()) {
      if (lag() > 0) {
        quietSince = System.nanoTime();
      } else if (System.nanoTime() - quietSince > QUIET.toNanos()) {
        return Duration.ofNanos(quietSince - start);
      }
      Thread.sleep(250);
    }
    throw new IllegalStateException(
        "the readers have not caught up within " + CATCHING_UP.toMinutes() + " min");
  }

  /** Records that readers have still to take; without an answer, some. */
  private double lag() throws InterruptedException {
    try {
      HttpResponse<String> answer =
          metrics.send(
              HttpRequest.newBuilder(http().resolve("/metrics"))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      Matcher matcher = LAG.matcher(answer.body());
      double lag = 0;
      while (matcher.find()) {
        lag += Double.parseDouble(matcher.group(1));
      }
      return Double.isNaN(lag) ? 1 : lag;
    } catch (IOException e) {
      return 1;
    }
  }

  /** The checkout: results are written below its {@code target}. */
  static Path repository() {
    return Path.of(System.getProperty("pilothouse.repository", "")).toAbsolutePath();
  }

  @Override
  public void close() {
    metrics.close();
    person.close();
  }
}
