package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Kafka Connect with the Apache Iceberg sink, two tasks, from a topic of JSON into zstd Parquet on
 * the local disk. It is fetched from Maven Central when it is asked for the first time. Its clock
 * begins when its consumers have their partitions, and ends with the commit that holds all records.
 */
final class ConnectPeer {
  private static final String CONNECTOR = "bench-iceberg";
  private static final String CONTROL = "bench.iceberg-control";
  private static final Duration LONGEST_FETCH = Duration.ofMinutes(10);
  private static final Duration LONGEST = Duration.ofMinutes(8);
  private static final int OLDEST_JAVA = 17;
  private static final int NEWEST_JAVA = 23;
  private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+).*");
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param seconds for all records
   */
  record Seen(double seconds, ProcessUse.Use use) {}

  private ConnectPeer() {}

  static Seen run(Stack stack, String topic, long records) throws Exception {
    Path home = Files.createDirectories(Stack.repository().resolve("target/bench/peers/connect"));
    String classPath = fetch(home);
    Path work = Files.createTempDirectory(home, "run");
    try {
      controlTopic(stack);
      return run(stack, topic, records, classPath, home, work);
    } finally {
      try (Stream<Path> left = Files.walk(work)) {
        for (Path each : left.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  /** The class path of the worker; the plug-in lies in a directory of its own. */
  private static String fetch(Path home)
      throws IOException, InterruptedException, TimeoutException {
    Path poms = Stack.repository().resolve("modules/benchmarks/src/main/peers/connect");
    Path classPath = home.resolve("worker.classpath");
    Path plugin = home.resolve("plugins/iceberg");
    if (!Files.exists(classPath)) {
      maven(
          poms.resolve("worker-pom.xml"),
          "dependency:build-classpath",
          "-Dmdep.outputFile=" + classPath);
    }
    if (!Files.isDirectory(plugin)) {
      IngestHttp.say("fetching the Iceberg sink from Maven Central");
      maven(
          poms.resolve("plugin-pom.xml"),
          "dependency:copy-dependencies",
          "-DoutputDirectory=" + plugin);
    }
    return Files.readString(classPath).strip();
  }

  /** Has Maven fetch what the pom names. */
  static void maven(Path pom, String... arguments)
      throws IOException, InterruptedException, TimeoutException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Stack.repository().resolve("mvnw").toString(), "-B", "-q", "-f", pom.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (!process.waitFor(LONGEST_FETCH.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new TimeoutException("Maven Central does not answer in time");
    }
    if (process.exitValue() != 0) {
      throw new IOException("the peer could not be fetched");
    }
  }

  private static void controlTopic(Stack stack) throws Exception {
    try (Admin admin = stack.admin()) {
      admin.createTopics(List.of(new NewTopic(CONTROL, 1, (short) 1))).all().get();
    } catch (java.util.concurrent.ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  private static Seen run(
      Stack stack, String topic, long records, String classPath, Path home, Path work)
      throws Exception {
    String connector = CONNECTOR + "-" + Long.toString(System.currentTimeMillis(), 36);
    Path worker = work.resolve("worker.properties");
    Files.writeString(
        worker,
        """
        bootstrap.servers=%s
        key.converter=org.apache.kafka.connect.storage.StringConverter
        value.converter=org.apache.kafka.connect.json.JsonConverter
        value.converter.schemas.enable=false
        offset.storage.file.filename=%s
        plugin.path=%s
        listeners=http://127.0.0.1:%d
        consumer.max.poll.records=5000
        consumer.fetch.min.bytes=1048576
        plugin.discovery=only_scan
        offset.flush.interval.ms=1000
        """
            .formatted(
                stack.kafka(), work.resolve("offsets"), home.resolve("plugins"), freePort()));
    Path sink = work.resolve("sink.properties");
    Path warehouse = work.resolve("warehouse");
    Files.writeString(
        sink,
        """
        name=%s
        connector.class=org.apache.iceberg.connect.IcebergSinkConnector
        tasks.max=2
        topics=%s
        iceberg.tables=db.telemetry
        iceberg.tables.auto-create-enabled=true
        iceberg.catalog.type=hadoop
        iceberg.catalog.warehouse=file://%s
        iceberg.control.topic=%s
        iceberg.control.commit.interval-ms=5000
        iceberg.control.commit.timeout-ms=60000
        iceberg.kafka.bootstrap.servers=%s
        iceberg.kafka.auto.offset.reset=earliest
        iceberg.tables.auto-create-props.write.parquet.compression-codec=zstd
        consumer.override.auto.offset.reset=earliest
        """
            .formatted(connector, topic, warehouse, CONTROL, stack.kafka()));
    Path log = home.resolve("connect.log");
    Process process =
        new ProcessBuilder(
                List.of(
                    java().toString(),
                    "-Xmx2g",
                    "-cp",
                    classPath + File.pathSeparator,
                    "org.apache.kafka.connect.cli.ConnectStandalone",
                    worker.toString(),
                    sink.toString()))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try (ProcessUse use = ProcessUse.ofNew(process)) {
      long end = System.nanoTime() + LONGEST.toNanos();
      untilOrFail(process, log, end, () -> hasItsPartitions(stack, "connect-" + connector));
      long start = System.nanoTime();
      Path metadata = warehouse.resolve("db/telemetry/metadata");
      untilOrFail(process, log, end, () -> committed(metadata) >= records);
      double seconds = (System.nanoTime() - start) / 1e9;
      IngestHttp.say("Connect: %,.0f records/s", records / seconds);
      return new Seen(seconds, use.use());
    } finally {
      process.destroy();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  /** Its Hadoop does not run on a JDK of 24 and up (JEP 486). */
  private static Path java() throws IOException {
    if (Runtime.version().feature() <= NEWEST_JAVA) {
      return Path.of(System.getProperty("java.home"), "bin", "java");
    }
    try (Stream<Path> installed =
        Files.list(Path.of(System.getProperty("java.home")).resolve(".."))) {
      for (Path each : installed.sorted().toList()) {
        int feature = feature(each.resolve("release"));
        if (feature >= OLDEST_JAVA && feature <= NEWEST_JAVA) {
          return each.resolve("bin/java");
        }
      }
    }
    throw new IOException(
        "the Iceberg sink needs a JDK of "
            + OLDEST_JAVA
            + " to "
            + NEWEST_JAVA
            + " beside this one");
  }

  /** 0 where there is no JDK. */
  private static int feature(Path release) throws IOException {
    if (!Files.exists(release)) {
      return 0;
    }
    for (String line : Files.readAllLines(release)) {
      Matcher version = VERSION.matcher(line);
      if (version.matches()) {
        return Integer.parseInt(version.group(1));
      }
    }
    return 0;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void untilOrFail(Process process, Path log, long end, Condition condition)
      throws Exception {
    while (!condition.holds()) {
      if (!process.isAlive() || hasFailed(log) || System.nanoTime() > end) {
        throw new IOException("Connect does not come to its end; see " + log);
      }
      Thread.sleep(100);
    }
  }

  /** A task that has ended stays so, and the worker goes on without it. */
  private static boolean hasFailed(Path log) throws IOException {
    return Files.readString(log).contains("Task is being killed");
  }

  private static boolean hasItsPartitions(Stack stack, String group) throws Exception {
    try (Admin admin = stack.admin()) {
      ConsumerGroupDescription found =
          admin.describeConsumerGroups(List.of(group)).all().get().get(group);
      return found != null
          && found.members().stream()
              .anyMatch(member -> !member.assignment().topicPartitions().isEmpty());
    } catch (java.util.concurrent.ExecutionException e) {
      // It is not there yet.
      return false;
    }
  }

  /** Records in the newest snapshot of the table. */
  private static long committed(Path metadata) throws IOException {
    if (!Files.isDirectory(metadata)) {
      return 0;
    }
    long most = 0;
    try (Stream<Path> files = Files.list(metadata)) {
      for (Path file :
          files
              .filter(each -> each.getFileName().toString().matches("v\\d+\\.metadata\\.json"))
              .toList()) {
        for (JsonNode snapshot : JSON.readTree(file.toFile()).path("snapshots")) {
          most = Math.max(most, snapshot.at("/summary/total-records").asLong());
        }
      }
    }
    return most;
  }
}
