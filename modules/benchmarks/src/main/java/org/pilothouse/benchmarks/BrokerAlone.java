package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The installation's broker as a process of its own with an empty data directory, and somebody who
 * vouches for every device. Nothing is behind it.
 */
final class BrokerAlone implements AutoCloseable {
  static final String PILOT = "alone";
  static final String USER = "subscriber";
  static final String PASSWORD = "subscriber-password";

  private final HttpServer vouching;
  private final Path home;
  private final Process process;
  private final int port;

  BrokerAlone(Path parent) throws IOException, InterruptedException {
    vouching = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    vouching.createContext("/", BrokerAlone::vouch);
    vouching.start();
    home = Files.createTempDirectory(Files.createDirectories(parent), "mqtt");
    port = freePort();
    Path file = home.resolve("broker.properties");
    Files.writeString(
        file,
        """
        host=127.0.0.1
        port=%d
        data-dir=%s
        auth-url=http://127.0.0.1:%d/
        auth-key=key
        bridge-user=%s
        bridge-password=%s
        """
            .formatted(
                port, home.resolve("data"), vouching.getAddress().getPort(), USER, PASSWORD));
    process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx384m",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "org.pilothouse.mqtt.Broker",
                    file.toString()))
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("broker.log").toFile())
            .start();
    for (int i = 0; !listens(); i++) {
      if (i > 600 || !process.isAlive()) {
        throw new IOException("the broker does not start; see " + home.resolve("broker.log"));
      }
      Thread.sleep(100);
    }
  }

  URI uri() {
    return URI.create("tcp://127.0.0.1:" + port);
  }

  private boolean listens() {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void vouch(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode question = new ObjectMapper().readTree(exchange.getRequestBody());
      byte[] body =
          new ObjectMapper()
              .writeValueAsString(
                  Map.of("pilot", PILOT, "device", question.path("username").asText()))
              .getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    process.onExit().join();
    vouching.stop(0);
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
