package org.pilothouse.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Kafka's own {@code ConsumerPerformance} on a topic: what a reader without an effect can do. */
final class ConsumerLimit {
  private static final String FIRST_COLUMN = "start.time";
  private static final String TOTAL = "nMsg.sec";
  private static final String FETCHING = "fetch.nMsg.sec";

  /**
   * Records a second.
   *
   * @param total with the time that joining the group took
   * @param fetching without it
   */
  record Rate(double total, double fetching) {}

  /** With what the tool took for it. */
  record Watched(Rate rate, ProcessUse.Use use) {}

  private ConsumerLimit() {}

  /** From the beginning of the topic, so many records. */
  static Rate run(Stack stack, String topic, long records)
      throws IOException, InterruptedException {
    return watched(stack, topic, records).rate();
  }

  static Watched watched(Stack stack, String topic, long records)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-Dlogback.configurationFile=bench-logback.xml",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "org.apache.kafka.tools.ConsumerPerformance",
                    "--bootstrap-server",
                    stack.kafka(),
                    "--topic",
                    topic,
                    "--num-records",
                    Long.toString(records),
                    "--timeout",
                    "30000"))
            .redirectErrorStream(true)
            .start();
    try (ProcessUse use = ProcessUse.ofNew(process)) {
      String said =
          new String(process.getInputStream().readNBytes(1 << 16), StandardCharsets.UTF_8);
      if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException("ConsumerPerformance failed:\n" + said);
      }
      return new Watched(rate(said), use.use());
    }
  }

  /** The tool names its columns when it begins, and says the figures when it ends. */
  static Rate rate(String said) throws IOException {
    List<String> names = List.of();
    for (String line : said.lines().toList()) {
      List<String> columns = List.of(line.split(",\\s*"));
      if (columns.getFirst().equals(FIRST_COLUMN)) {
        names = columns;
      } else if (columns.size() > 1 && columns.size() == names.size()) {
        return new Rate(
            Double.parseDouble(columns.get(names.indexOf(TOTAL))),
            Double.parseDouble(columns.get(names.indexOf(FETCHING))));
      }
    }
    throw new IOException("ConsumerPerformance said no rate:\n" + said);
  }
}
