package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.pilothouse.ctl.api.ApiProblem;

/**
 * A closed day: from JSON telemetry on the topic to verified Parquet in object storage, beside
 * Kafka's own consumer benchmark on the same topic, which keeps nothing. One pilot has a day for
 * each measurement, and its topic holds nothing but the records of that day.
 */
final class WarehouseDump implements Benchmark {
  static final List<String> PEERS = List.of("connect");

  private static final String PILOT = "bench-dump";
  private static final String TOPIC = Stack.telemetryTopic(PILOT);
  private static final String BASE = "/api/v1/pilots/" + PILOT;

  /** Neither divides the other, so each twin reports all values in the course of time. */
  private static final int TWINS = 1_999;

  private static final int KINDS_OF_VALUES = 50_000;

  private static final long WARM_RECORDS = 500_000;
  private static final double BOUND = 0.4;
  private static final double LINEAR_BOUND = 0.8;
  private static final double SIZE_BOUND = 1.1;
  private static final double HEAP_BOUND = 512;
  private static final double CONNECT_BOUND = 4;
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final Duration BETWEEN_LOOKS_AT_THE_HEAP = Duration.ofSeconds(3);

  @Override
  public List<Figure> run(Stack stack, Options options) throws Exception {
    prepare(stack);
    try (Readers readers = new Readers(stack);
        Store store = Store.ofPilot(stack, PILOT)) {
      // What is on the topic is dropped before they go on, so that they need not take it.
      readers.pauseAll();
      try {
        return measured(stack, store, options);
      } finally {
        trim(stack);
      }
    }
  }

  /** Something that is measured over a closed day. */
  interface OnADay<T> {
    T measured(String pilot, LocalDate date) throws Exception;
  }

  /** Closes a day of so many records, and removes it afterwards. The other readers rest. */
  static <T> T onADay(Stack stack, long records, OnADay<T> work) throws Exception {
    prepare(stack);
    try (Store store = Store.ofPilot(stack, PILOT);
        Readers readers = new Readers(stack)) {
      readers.pauseAll();
      try {
        LocalDate date = fill(stack, store, records);
        IngestHttp.say("closing %s", date);
        Closed closed = close(stack, date, records, false);
        try {
          return work.measured(PILOT, date);
        } finally {
          forget(stack, closed);
        }
      } finally {
        trim(stack);
      }
    }
  }

  private static List<Figure> measured(Stack stack, Store store, Options options) throws Exception {
    IngestHttp.say("warming up with %,d records", WARM_RECORDS);
    LocalDate first = fill(stack, store, WARM_RECORDS);
    forget(stack, close(stack, first, WARM_RECORDS, false));
    List<Day> days = new ArrayList<>();
    List<Figure> figures = new ArrayList<>();
    for (long records : options.records()) {
      LocalDate date = fill(stack, store, records);
      ConsumerLimit.Watched before = ConsumerLimit.watched(stack, TOPIC, records);
      IngestHttp.say("limit: ConsumerPerformance, %,.0f records/s", before.rate().fetching());
      Closed closed = close(stack, date, records, options.memory());
      IngestHttp.say(
          "ours: %,d records in %.1f s, %,.0f records/s, %.1f s of CPU",
          records, closed.seconds(), closed.rate(), closed.use().cpuSeconds());
      ConsumerLimit.Watched after = ConsumerLimit.watched(stack, TOPIC, records);
      IngestHttp.say("limit again: %,.0f records/s", after.rate().fetching());
      DayFiles.Sizes sizes = sizes(stack, date, records);
      IngestHttp.say("%,d bytes, DuckDB %,d", sizes.ours(), sizes.duckdb());
      Day day = new Day(records, closed, before, after, sizes);
      days.add(day);
      figures.add(day.figure());
      if (options.peers().contains("connect")) {
        figures.add(beside(day, ConnectPeer.run(stack, TOPIC, records)));
      }
      forget(stack, closed);
    }
    figures.addAll(ofAll(days));
    // The first is the benchmark's.
    figures.sort(Comparator.comparing(figure -> !figure.equals(largest(days).figure())));
    return figures;
  }

  private static DayFiles.Sizes sizes(Stack stack, LocalDate date, long records)
      throws IOException, SQLException {
    try (DayFiles files = DayFiles.of(stack, PILOT, date)) {
      return files.judged(stack.homeDirectory(), records);
    }
  }

  private static Day largest(List<Day> days) {
    return days.stream().max(Comparator.comparingLong(Day::records)).orElseThrow();
  }

  private static List<Figure> ofAll(List<Day> days) {
    Day largest = largest(days);
    Day smallest = days.stream().min(Comparator.comparingLong(Day::records)).orElseThrow();
    List<Figure> figures = new ArrayList<>();
    figures.add(
        Figure.ofCeiling(
            "warehouse-dump, size to DuckDB's",
            largest.sizes().ratio(),
            "x",
            SIZE_BOUND,
            Map.of("ours_bytes", largest.sizes().ours(), "duckdb", largest.sizes().duckdb())));
    if (largest.records() > smallest.records()) {
      figures.add(
          Figure.ofRatio(
              "warehouse-dump, %,d beside %,d".formatted(largest.records(), smallest.records()),
              largest.closed().rate(),
              smallest.closed().rate(),
              "records/s",
              LINEAR_BOUND,
              Map.of()));
    }
    for (Day day : days) {
      day.closed()
          .liveMegabytes()
          .ifPresent(live ->
              figures.add(
                  Figure.ofCeiling(
                      "warehouse-dump, live heap, %,d".formatted(day.records()),
                      live,
                      "MB",
                      HEAP_BOUND,
                      Map.of(
                          "how",
                          "live objects of the deployable after a collection, the most of several"
                              + " looks in the middle, less before"))));
    }
    return figures;
  }

  private static Figure beside(Day day, ConnectPeer.Seen peer) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("records", day.records());
    day.closed().use().into(details, "ours");
    peer.use().into(details, "connect");
    details.put("connect_seconds", peer.seconds());
    return Figure.ofRatio(
        "warehouse-dump beside Connect, %,d".formatted(day.records()),
        day.closed().rate(),
        day.records() / peer.seconds(),
        "records/s",
        CONNECT_BOUND,
        details);
  }

  /** One measurement. */
  private record Day(
      long records,
      Closed closed,
      ConsumerLimit.Watched before,
      ConsumerLimit.Watched after,
      DayFiles.Sizes sizes) {
    Figure figure() {
      Map<String, Object> details = new LinkedHashMap<>();
      details.put("records", records);
      details.put("twins", TWINS);
      details.put("seconds", closed.seconds());
      closed.use().into(details, "deployable");
      details.put("limit_before", before.rate().fetching());
      details.put("limit_after", after.rate().fetching());
      before.use().into(details, "limit");
      details.put("parts_bytes", sizes.ours());
      details.put("other_readers", "paused");
      return Figure.ofRatio(
          "warehouse-dump, %,d".formatted(records),
          closed.rate(),
          (before.rate().fetching() + after.rate().fetching()) / 2,
          "records/s",
          BOUND,
          details);
    }
  }

  private static void prepare(Stack stack) throws Exception {
    stack.pilot(PILOT, 1);
    MachineModel.introduce(stack, PILOT, TWINS);
    untilToldOf(stack, PILOT, TWINS);
  }

  /** The topics are there, and the facts of so many twins on one of them. */
  static void untilToldOf(Stack stack, String pilot, int twins) throws Exception {
    String thread = "pilot." + pilot + ".thread";
    String telemetry = Stack.telemetryTopic(pilot);
    long end = System.nanoTime() + LONGEST.toNanos();
    while (sum(ends(stack, thread)) < twins || ends(stack, telemetry).isEmpty()) {
      if (System.nanoTime() > end) {
        throw new TimeoutException("the twins are not told of on " + thread);
      }
      Thread.sleep(200);
    }
  }

  private static long sum(Map<TopicPartition, Long> offsets) {
    return offsets.values().stream().mapToLong(Long::longValue).sum();
  }

  /** By partition; none where the topic is not there yet. */
  private static Map<TopicPartition, Long> ends(Stack stack, String topic)
      throws ExecutionException, InterruptedException {
    try (Admin admin = stack.admin()) {
      Map<TopicPartition, OffsetSpec> asked = new LinkedHashMap<>();
      for (TopicDescription found :
          admin.describeTopics(List.of(topic)).allTopicNames().get().values()) {
        found
            .partitions()
            .forEach(each ->
                asked.put(new TopicPartition(topic, each.partition()), OffsetSpec.latest()));
      }
      Map<TopicPartition, Long> ends = new LinkedHashMap<>();
      admin.listOffsets(asked).all().get().forEach((at, found) -> ends.put(at, found.offset()));
      return ends;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Map.of();
      }
      throw e;
    }
  }

  /** Has the backbone drop what is there. */
  private static void trim(Stack stack) throws ExecutionException, InterruptedException {
    Map<TopicPartition, RecordsToDelete> dropped = new LinkedHashMap<>();
    ends(stack, TOPIC).forEach((at, end) -> dropped.put(at, RecordsToDelete.beforeOffset(end)));
    try (Admin admin = stack.admin()) {
      admin.deleteRecords(dropped).all().get();
    }
  }

  /**
   * Fills the topic with the events of a day that no measurement has had yet, and with nothing
   * else. Where the day begins on the backbone is noted down as the schedule would have, had the
   * events come in time.
   */
  private static LocalDate fill(Stack stack, Store store, long records) throws Exception {
    trim(stack);
    untilScanned(stack, store);
    LocalDate date = unused(store);
    for (Map.Entry<TopicPartition, Long> each : ends(stack, TOPIC).entrySet()) {
      store.change(
          "INSERT INTO warehouse.opening (pilot_id, date, partition, first_offset) VALUES (?, ?, ?,"
              + " ?)",
          PILOT,
          date,
          each.getKey().partition(),
          each.getValue());
    }
    IngestHttp.say("filling the topic with %,d records of %s", records, date);
    Instant start = date.atStartOfDay().toInstant(ZoneOffset.UTC);
    long millis = TimeUnit.DAYS.toMillis(1);
    String run = "d" + Long.toString(System.currentTimeMillis(), 36);
    try (TelemetryFeed feed = new TelemetryFeed(stack, PILOT, run, TWINS, KINDS_OF_VALUES)) {
      for (long i = 0; i < records; i++) {
        feed.next(start.plusMillis((long) ((double) i / records * millis)));
      }
      feed.flush();
    }
    untilScanned(stack, store);
    return date;
  }

  /**
   * The platform goes through what has come since a day was closed, for late events of it. On a
   * night that was done before; here it would go on beside the measurement.
   */
  private static void untilScanned(Stack stack, Store store) throws Exception {
    long all = sum(ends(stack, TOPIC));
    long end = System.nanoTime() + LONGEST.toNanos();
    while (true) {
      long scanned =
          store.number(
              "SELECT coalesce(sum(scanned_to), ?) FROM warehouse.late_scan WHERE pilot_id = ?",
              all,
              PILOT);
      if (scanned >= all) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new TimeoutException("late events are looked for up to " + scanned + " of " + all);
      }
      Thread.sleep(200);
    }
  }

  /** Each goes one day further back: a day is closed once, and its beginning is noted once. */
  private static LocalDate unused(Store store) throws SQLException {
    LocalDate before = LocalDate.now(ZoneOffset.UTC).minusDays(1);
    long earlier =
        store.number(
            "SELECT coalesce(greatest(0, ? - min(date) + 1), 0) FROM warehouse.opening WHERE"
                + " pilot_id = ?",
            before,
            PILOT);
    return before.minusDays(earlier);
  }

  /**
   * A day that is closed.
   *
   * @param seconds from asking for it until it was seen to be closed
   * @param liveMegabytes live objects of the deployable more than before; empty where nobody looked
   */
  private record Closed(
      String dataset,
      long records,
      double seconds,
      ProcessUse.Use use,
      OptionalDouble liveMegabytes) {
    double rate() {
      return records / seconds;
    }
  }

  private static Closed close(Stack stack, LocalDate date, long records, boolean memory)
      throws Exception {
    String dumps = BASE + "/dumps";
    double before = memory ? stack.liveHeapMegabytes() : 0;
    double live = 0;
    long nextLook = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    long pid = stack.pid("pilothouse").orElseThrow();
    try (ProcessUse use = ProcessUse.ofRunning(pid)) {
      long start = System.nanoTime();
      var unused =
          stack
              .platform()
              .post(dumps, JsonNodeFactory.instance.objectNode().put("date", date.toString()));
      while (true) {
        JsonNode dump = stack.platform().get(dumps + "/" + date).path("revisions").path(0);
        long now = System.nanoTime();
        String state = dump.path("state").asText();
        if (!state.equals("running")) {
          checked(dump, records);
          return new Closed(
              dump.path("dataset_id").asText(),
              records,
              (now - start) / 1e9,
              use.use(),
              memory ? OptionalDouble.of(live - before) : OptionalDouble.empty());
        }
        if (now - start > LONGEST.toNanos()) {
          throw new TimeoutException("the day is not closed within " + LONGEST + ": " + dump);
        }
        if (memory && now > nextLook) {
          live = Math.max(live, stack.liveHeapMegabytes());
          nextLook = now + BETWEEN_LOOKS_AT_THE_HEAP.toNanos();
        }
        Thread.sleep(50);
      }
    }
  }

  private static void checked(JsonNode dump, long records) throws IOException {
    if (!dump.path("state").asText().equals("complete")
        || dump.path("events").asLong() != records
        || dump.path("rejected").asLong() != 0) {
      throw new IOException("not all " + records + " records are in the closed day: " + dump);
    }
  }

  /** The next days need the room. */
  private static void forget(Stack stack, Closed closed) {
    try {
      var unused = stack.platform().delete(BASE + "/datasets/" + closed.dataset());
    } catch (ApiProblem problem) {
      IngestHttp.say("  %s stays: %s", closed.dataset(), problem.code());
    }
  }
}
