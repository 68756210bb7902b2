package org.pilothouse.mqtt;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;

/** The broker as it runs: a process that can be killed. */
final class BrokerProcess implements AutoCloseable {
  static final String BRIDGE_USER = "bridge-account";
  static final String BRIDGE_PASSWORD = "bridge-password";

  private final Path home;
  private final Path file;
  final int port;
  private Process process;

  BrokerProcess(Path home, String authUrl, int mostBacklog) throws IOException {
    this.home = home;
    this.port = freePort();
    Properties properties = new Properties();
    properties.setProperty("host", "127.0.0.1");
    properties.setProperty("port", Integer.toString(port));
    properties.setProperty("data-dir", home.resolve("mqtt").toString());
    properties.setProperty("auth-url", authUrl);
    properties.setProperty("auth-key", DeviceRegister.KEY);
    properties.setProperty("bridge-user", BRIDGE_USER);
    properties.setProperty("bridge-password", BRIDGE_PASSWORD);
    properties.setProperty("max-backlog", Integer.toString(mostBacklog));
    file = home.resolve("mqtt.properties");
    try (var out = Files.newBufferedWriter(file)) {
      properties.store(out, null);
    }
  }

  void start() throws IOException {
    process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx384m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "org.pilothouse.mqtt.Broker",
                    file.toString()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("mqtt.log").toFile()))
            .start();
    await().atMost(Duration.ofSeconds(60)).until(this::listens);
  }

  /** SIGKILL: nothing is flushed and nobody is told. */
  void kill() {
    process.destroyForcibly();
    await().atMost(Duration.ofSeconds(20)).until(() -> !process.isAlive());
  }

  private boolean listens() throws IOException {
    if (!process.isAlive()) {
      throw new IllegalStateException(
          "the broker ended: " + Files.readString(home.resolve("mqtt.log")));
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
  }
}
