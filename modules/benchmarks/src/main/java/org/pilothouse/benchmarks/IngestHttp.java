package org.pilothouse.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.admin.Admin;

/**
 * Telemetry in NDJSON batches through the public door to 202, beside Kafka's own producer benchmark
 * with the same record size on the same broker. The limit is taken before and after ours.
 */
final class IngestHttp implements Benchmark {
  static final String PILOT = "bench";
  private static final double BOUND = 0.35;
  private static final double FLAT = 1.15;
  private static final long MEGABYTE = 1024 * 1024;

  @Override
  public List<Figure> run(Stack stack, Options options) throws Exception {
    Stack.Device device = stack.device(PILOT, "load-1");
    HttpLoad load =
        new HttpLoad(
            stack.http(),
            device,
            options.connections(),
            options.lines(),
            Long.toString(System.currentTimeMillis(), 36));
    say("warming up for %d s", options.seconds());
    HttpLoad.Result warm = load.run(Duration.ofSeconds(options.seconds()), Long.MAX_VALUE);
    say("  %,.0f events/s while warming up", warm.perSecond());
    say("  readers caught up after %d s", stack.untilCaughtUp().toSeconds());

    String topic = Stack.telemetryTopic(PILOT);
    int size = ProducerLimit.meanRecordSize(stack, topic);
    ProducerLimit limit = new ProducerLimit(stack, size);
    int partitions = partitions(stack, topic);
    limit.prepare(partitions);
    long records = 150_000L * options.seconds();
    say("limit: ProducerPerformance, %,d records of %d bytes", records, size);
    double before = limit.run(records);
    say("  %,.0f records/s", before);
    say("ours: %d connections, %d lines a request", options.connections(), options.lines());
    HttpLoad.Result ours = load.run(Duration.ofSeconds(options.seconds()), Long.MAX_VALUE);
    say("  %,.0f events/s, %d answers of 429 or 503", ours.perSecond(), ours.pushedBack());
    long behind = stack.untilCaughtUp().toSeconds();
    say("  readers caught up after %d s", behind);
    double after = limit.run(records);
    say("limit again: %,.0f records/s", after);

    Map<String, Object> details = new LinkedHashMap<>();
    details.put("record_bytes", size);
    details.put("partitions", partitions);
    details.put("limit_before", before);
    details.put("limit_after", after);
    details.put("accepted", ours.accepted());
    details.put("seconds", ours.seconds());
    details.put("requests", ours.requests());
    details.put("pushed_back", ours.pushedBack());
    details.put("readers_caught_up_after_seconds", behind);
    details.put("connections", options.connections());
    details.put("lines_per_request", options.lines());
    List<Figure> figures = new ArrayList<>();
    figures.add(
        Figure.ofRatio(
            "ingest-http", ours.perSecond(), (before + after) / 2, "events/s", BOUND, details));
    if (options.events() > 0) {
      figures.add(memory(stack, load, options.events()));
    }
    return figures;
  }

  private static Figure memory(Stack stack, HttpLoad load, long events) throws Exception {
    OptionalLong pid = stack.pid("pilothouse");
    if (pid.isEmpty()) {
      throw new IllegalStateException("./pilothouse status does not name the deployable's process");
    }
    say("memory: %,d events", events);
    try (ServerMemory memory = new ServerMemory(pid.getAsLong(), stack.http())) {
      HttpLoad.Result result = load.run(Duration.ofHours(2), events);
      List<ServerMemory.Sample> samples = memory.samples();
      long early = ServerMemory.peak(samples, 0.05, 0.35);
      long late = ServerMemory.peak(samples, 0.7, 1);
      long heap = samples.stream().mapToLong(ServerMemory.Sample::heap).max().orElse(0);
      Map<String, Object> details = new LinkedHashMap<>();
      details.put("events", result.accepted());
      details.put("events_per_second", result.perSecond());
      details.put("resident_early_mb", early / MEGABYTE);
      details.put("resident_late_mb", late / MEGABYTE);
      details.put("heap_peak_mb", heap / MEGABYTE);
      details.put("samples", samples.size());
      say(
          "  resident %d MB early, %d MB late; heap at most %d MB",
          early / MEGABYTE, late / MEGABYTE, heap / MEGABYTE);
      double growth = (double) late / early;
      boolean pass = growth <= FLAT && heap <= 1024 * MEGABYTE;
      return new Figure(
          "ingest-http memory, late to early", growth, null, "ratio", FLAT, pass, details);
    }
  }

  private static int partitions(Stack stack, String topic) throws Exception {
    try (Admin admin = stack.admin()) {
      return admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
          .mapToInt(description -> description.partitions().size())
          .sum();
    }
  }

  static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
