package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A second deployable on the servers of a stack, with the side {@code worker} alone; nobody starts
 * it again. It runs from the plan of the first, with directories and a port of its own.
 */
final class SecondNode implements AutoCloseable {
  static final String NAME = "second";
  private static final int PORT_SHIFT = 11;
  private static final Duration STARTING = Duration.ofMinutes(4);
  private static final Duration STOPPING = Duration.ofSeconds(45);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern FENCED =
      Pattern.compile("(?m)^pilothouse_jobs_fenced(?:_total)?(?:\\{[^}]*\\})?\\s+(\\S+)$");

  private final Process process;
  private final URI http;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private SecondNode(Process process, URI http) {
    this.process = process;
    this.http = http;
  }

  static SecondNode up(Stack stack, Map<String, String> settings)
      throws IOException, InterruptedException {
    Path home = stack.homeDirectory();
    JsonNode first = plan(home);
    Path user = Files.createDirectories(home.resolve(NAME));
    Path server = user.resolve("servers/pilothouse");
    Path apps = server.resolve("apps");
    Files.createDirectories(server);
    Path template = Path.of(URI.create(first.path("directory").asText()));
    try (Stream<Path> files = Files.list(template)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, server.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    if (!Files.exists(apps)) {
      Path unused = Files.createSymbolicLink(apps, template.resolve("apps"));
    }
    int port = first.path("port").asInt() + PORT_SHIFT;
    Files.writeString(
        server.resolve("bootstrap.properties"),
        "pilothouse.http.host=127.0.0.1\npilothouse.http.port=" + port + "\n");
    Path config =
        Files.copy(
            home.resolve("run/pilothouse.properties"),
            user.resolve("pilothouse.properties"),
            StandardCopyOption.REPLACE_EXISTING);
    List<String> command = new ArrayList<>();
    for (JsonNode word : first.path("command")) {
      command.add(
          word.asText().startsWith("-Dpilothouse.config=")
              ? "-Dpilothouse.config=" + config
              : word.asText());
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    first
        .path("environment")
        .properties()
        .forEach(entry -> builder.environment().put(entry.getKey(), entry.getValue().asText()));
    builder.environment().put("WLP_USER_DIR", user.toString());
    builder.environment().put("WLP_OUTPUT_DIR", user.resolve("output").toString());
    builder.environment().put("LOG_DIR", user.resolve("logs").toString());
    builder.environment().put("PILOTHOUSE_SIDES", "worker");
    builder.environment().put("PILOTHOUSE_NODE", NAME);
    builder.environment().putAll(settings);
    builder.redirectErrorStream(true).redirectOutput(user.resolve("node.log").toFile());
    SecondNode node = new SecondNode(builder.start(), URI.create("http://127.0.0.1:" + port));
    if (!Scenario.await(STARTING, node::isUp)) {
      node.close();
      throw new IOException("the second node does not start; see " + user.resolve("node.log"));
    }
    return node;
  }

  private static JsonNode plan(Path home) throws IOException {
    for (JsonNode process :
        JSON.readTree(home.resolve("run/plan.json").toFile()).path("processes")) {
      if (process.path("name").asText().equals("pilothouse")) {
        return process;
      }
    }
    throw new IOException("the stack's plan has no deployable");
  }

  private boolean isUp() throws IOException, InterruptedException {
    return get("/health/live").statusCode() == 200;
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(http.resolve(path)).timeout(Duration.ofSeconds(10)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** The virtual machine; the script that we started may be its parent. */
  long pid() {
    return process
        .descendants()
        .filter(each -> each.info().command().orElse("").endsWith("/java"))
        .findFirst()
        .map(ProcessHandle::pid)
        .orElse(process.pid());
  }

  /** Attempts whose end came too late, as it counts them. */
  long fenced() throws IOException, InterruptedException {
    Matcher counted = FENCED.matcher(get("/metrics").body());
    if (!counted.find()) {
      throw new IOException("the second node does not count what was fenced");
    }
    return Math.round(Double.parseDouble(counted.group(1)));
  }

  @Override
  public void close() {
    client.close();
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      if (!process.waitFor(STOPPING.toSeconds(), TimeUnit.SECONDS)) {
        all.forEach(ProcessHandle::destroyForcibly);
        var unused = process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
