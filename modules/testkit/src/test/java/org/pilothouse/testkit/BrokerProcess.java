package org.pilothouse.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A Kafka broker of a test's own, which may be stopped, frozen and killed. */
final class BrokerProcess implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(90);

  private final Path directory;
  private final int port;
  private Process process;

  private BrokerProcess(Path directory, int port) {
    this.directory = directory;
    this.port = port;
  }

  static BrokerProcess start(Path directory) throws Exception {
    int port = freePort();
    BrokerProcess broker = new BrokerProcess(directory, port);
    Files.writeString(
        directory.resolve("server.properties"),
        String.join(
            "\n",
            "process.roles=broker,controller",
            "node.id=1",
            "controller.quorum.voters=1@127.0.0.1:" + (port + 1),
            "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + (port + 1),
            "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
            "controller.listener.names=CONTROLLER",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs=" + directory.resolve("data"),
            "auto.create.topics.enable=false",
            "offsets.topic.replication.factor=1",
            "offsets.topic.num.partitions=4",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
            "group.initial.rebalance.delay.ms=0",
            ""));
    int formatted =
        broker
            .java(
                "kafka.tools.StorageTool",
                "format",
                "-t",
                "MkU3OEVBNTcwNTJENDM2Qk",
                "-c",
                directory.resolve("server.properties").toString())
            .start()
            .waitFor();
    if (formatted != 0) {
      throw new IllegalStateException("the storage of the broker was not formatted");
    }
    broker.run();
    return broker;
  }

  private static int freePort() {
    try (ServerSocket first = new ServerSocket(0)) {
      return first.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ProcessBuilder java(String mainClass, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx384m");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(mainClass);
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("broker.log").toFile()));
  }

  void run() throws IOException {
    process = java("kafka.Kafka", directory.resolve("server.properties").toString()).start();
    Awaitility.await()
        .atMost(START)
        .until(() -> {
          try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
            return true;
          } catch (IOException e) {
            return false;
          }
        });
  }

  String bootstrap() {
    return "127.0.0.1:" + port;
  }

  /** SIGSTOP: connections stay open, nothing answers. */
  void freeze() throws Exception {
    signal("STOP");
  }

  void thaw() throws Exception {
    signal("CONT");
  }

  private void signal(String name) throws Exception {
    int done =
        new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start().waitFor();
    if (done != 0) {
      throw new IllegalStateException("the broker got no signal");
    }
  }

  void kill() throws InterruptedException {
    process.destroyForcibly();
    boolean unused = process.waitFor(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    if (process.isAlive()) {
      thaw();
      kill();
    }
  }
}
