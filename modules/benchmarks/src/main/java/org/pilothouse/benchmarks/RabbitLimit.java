package org.pilothouse.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * RabbitMQ's own PerfTest on a quorum queue of the same broker: persistent messages of 1 KB, one by
 * one, each confirmed before the next is sent, each acknowledged before the next is given out. It
 * is fetched from Maven Central when it is asked for the first time.
 */
final class RabbitLimit {
  private static final Duration STARTING = Duration.ofMinutes(1);
  private static final Pattern RECEIVED =
      Pattern.compile("receiving rate avg: ([0-9.]+) msg/s", Pattern.CASE_INSENSITIVE);

  private RabbitLimit() {}

  /** Messages received a second. */
  static double run(Stack stack, int seconds) throws Exception {
    Path home = Files.createDirectories(Stack.repository().resolve("target/bench/peers/rabbitmq"));
    Path log = home.resolve("perf-test.log");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-cp",
                    classPath(home),
                    "com.rabbitmq.perf.PerfTest",
                    "--uri",
                    // With a path, even an empty one, it asks for another virtual host.
                    stack.amqp().replaceFirst("/$", ""),
                    "--quorum-queue",
                    "--queue",
                    "bench.perf-test",
                    // A quorum queue cannot go with its last consumer.
                    "--queue-args",
                    "x-expires=60000",
                    "--flag",
                    "persistent",
                    "--size",
                    "1024",
                    "--confirm",
                    "1",
                    "--qos",
                    "1",
                    "--time",
                    Integer.toString(seconds)))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (!process.waitFor(seconds + STARTING.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("PerfTest does not end; see " + log);
      }
    } finally {
      process.destroyForcibly();
    }
    Matcher received = RECEIVED.matcher(Files.readString(log, StandardCharsets.UTF_8));
    if (process.exitValue() != 0 || !received.find()) {
      throw new IOException("PerfTest has measured nothing; see " + log);
    }
    return Double.parseDouble(received.group(1));
  }

  private static String classPath(Path home) throws Exception {
    Path classPath = home.resolve("classpath");
    if (!Files.exists(classPath)) {
      ConnectPeer.maven(
          Stack.repository().resolve("modules/benchmarks/src/main/peers/rabbitmq/pom.xml"),
          "dependency:build-classpath",
          "-Dmdep.outputFile=" + classPath);
    }
    return Files.readString(classPath).strip();
  }
}
