package org.pilothouse.benchmarks;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Telemetry of ten thousand twins from the topic to the stored state, in PostgreSQL or on the
 * backbone alone: how fast a backlog is folded, beside Kafka's own consumer benchmark on the same
 * topic; and how long an event takes until its value can be read, at a steady rate.
 */
final class TwinsState implements Benchmark {
  private static final String PILOT = "bench-twins";
  private static final String TOPIC = Stack.telemetryTopic(PILOT);
  private static final int TWINS = 10_000;
  private static final long WARM_EVENTS = 300_000;
  private static final long EVENTS_A_SECOND_OF_BENCH = 50_000;
  private static final double BOUND = 0.3;
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private static final int RATE = 20_000;
  private static final int WARM_SECONDS = 10;
  private static final double VISIBLE_BOUND = 500;

  /** Twins whose states are watched, in every partition; each gets a value in its turn. */
  private static final int PROBES = 24;

  private static final long PROBE_EVERY = TimeUnit.MILLISECONDS.toNanos(20);
  private static final Duration LOOK_EVERY = Duration.ofMillis(5);
  private static final Duration LAST_LOOKS = Duration.ofSeconds(20);

  @Override
  public List<Figure> run(Stack stack, Options options) throws Exception {
    stack.pilot(PILOT, 1);
    untilTopic(stack);
    List<Figure> figures = new ArrayList<>();
    try (FoldedTwins twins = folded(stack)) {
      IngestHttp.say("states are kept in %s", twins.kept());
      IngestHttp.say("warming up with %,d events", WARM_EVENTS);
      feed(stack, WARM_EVENTS);
      untilFolded(stack, twins);
      IngestHttp.say("readers caught up after %d s", stack.untilCaughtUp().toSeconds());
      Figure beside = visible(stack, twins, options, "all readers");
      untilFolded(stack, twins);
      // What the others have not taken by now is left to them; they go on when this ends.
      try (Readers readers = new Readers(stack)) {
        readers.pauseAll();
        figures.add(throughput(stack, twins, readers, options));
        figures.add(visible(stack, twins, options, "no other reader"));
      }
      figures.add(beside);
    }
    return figures;
  }

  private static FoldedTwins folded(Stack stack) throws SQLException {
    Optional<FoldedTwins> onBackbone = BackboneTwins.find(stack, PILOT);
    return onBackbone.isPresent() ? onBackbone.get() : new StoredTwins(stack, PILOT);
  }

  private static Figure throughput(Stack stack, FoldedTwins twins, Readers readers, Options options)
      throws Exception {
    long events = EVENTS_A_SECOND_OF_BENCH * options.seconds();
    IngestHttp.say("filling the topic with %,d events while the readers are paused", events);
    feed(stack, events);
    ConsumerLimit.Rate before = ConsumerLimit.run(stack, TOPIC, events);
    IngestHttp.say("limit: ConsumerPerformance, %,.0f records/s", before.fetching());
    long start = System.nanoTime();
    twins.readers().forEach(readers::resume);
    untilFolded(stack, twins);
    double ours = events / ((System.nanoTime() - start) / 1e9);
    IngestHttp.say("ours: %,.0f events/s", ours);
    ConsumerLimit.Rate after = ConsumerLimit.run(stack, TOPIC, events);
    IngestHttp.say("limit again: %,.0f records/s", after.fetching());
    long stored = twins.twins();
    if (stored < TWINS) {
      throw new IllegalStateException("only " + stored + " twins have a state");
    }
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("events", events);
    details.put("twins", TWINS);
    details.put("kept_in", twins.kept());
    details.put("record_bytes", ProducerLimit.meanRecordSize(stack, TOPIC));
    details.put("limit_before", before.fetching());
    details.put("limit_after", after.fetching());
    details.put("limit_before_with_joining", before.total());
    details.put("limit_after_with_joining", after.total());
    details.put("other_readers", "paused");
    return Figure.ofRatio(
        "twins-state, topic to stored",
        ours,
        (before.fetching() + after.fetching()) / 2,
        "events/s",
        BOUND,
        details);
  }

  /** The platform makes the topic after it has answered. */
  private static void untilTopic(Stack stack) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    try (Admin admin = stack.admin()) {
      while (true) {
        try {
          admin.describeTopics(List.of(TOPIC)).allTopicNames().get();
          return;
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
              || System.nanoTime() > end) {
            throw e;
          }
        }
        Thread.sleep(200);
      }
    }
  }

  private static String run() {
    return "s" + Long.toString(System.currentTimeMillis(), 36);
  }

  private static void feed(Stack stack, long events) {
    try (TelemetryFeed feed = new TelemetryFeed(stack, PILOT, run(), TWINS)) {
      for (long i = 0; i < events; i++) {
        feed.next();
      }
      feed.flush();
    }
  }

  /** Until all of the topic is in the states. */
  private static void untilFolded(Stack stack, FoldedTwins twins) throws Exception {
    long end;
    try (Admin admin = stack.admin()) {
      Map<TopicPartition, OffsetSpec> asked = new LinkedHashMap<>();
      for (TopicDescription topic :
          admin.describeTopics(List.of(TOPIC)).allTopicNames().get().values()) {
        topic
            .partitions()
            .forEach(each ->
                asked.put(new TopicPartition(TOPIC, each.partition()), OffsetSpec.latest()));
      }
      end =
          admin.listOffsets(asked).all().get().values().stream()
              .mapToLong(each -> each.offset())
              .sum();
    }
    long start = System.nanoTime();
    while (true) {
      long position = twins.position();
      if (position >= end) {
        return;
      }
      if (System.nanoTime() - start > LONGEST.toNanos()) {
        throw new IllegalStateException(
            "the states are folded up to " + position + " of " + end + " only");
      }
      Thread.sleep(20);
    }
  }

  /**
   * An open model: events are due in even steps, whatever became of those before. A probe counts
   * from when it was due until its value, or a later one of the same twin, was read.
   */
  private static Figure visible(Stack stack, FoldedTwins twins, Options options, String with)
      throws Exception {
    int seconds = WARM_SECONDS + Math.max(30, options.seconds());
    IngestHttp.say("open model: %,d events/s for %d s, %s", RATE, seconds, with);
    int probes = (int) (TimeUnit.SECONDS.toNanos(seconds) / PROBE_EVERY);
    int warm = (int) (TimeUnit.SECONDS.toNanos(WARM_SECONDS) / PROBE_EVERY);
    Latencies latencies = new Latencies();
    long events = 0;
    long behind = 0;
    long start;
    double took;
    try (TelemetryFeed feed = new TelemetryFeed(stack, PILOT, run(), TWINS)) {
      long number = System.currentTimeMillis() * 1_000;
      start = System.nanoTime() + 200_000_000L;
      Watch watch = new Watch(twins, number, probes, warm, start, latencies);
      long end = start + TimeUnit.SECONDS.toNanos(seconds);
      int probe = 0;
      for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
        long due = Math.max(0, (now - start) * RATE / 1_000_000_000L);
        behind = Math.max(behind, due - events);
        for (; events < due; events++) {
          feed.next();
        }
        for (; probe < probes && start + probe * PROBE_EVERY <= now; probe++) {
          feed.report(twin(probe % PROBES), "\"number\":" + (number + probe));
        }
        TimeUnit.MILLISECONDS.sleep(1);
      }
      took = (System.nanoTime() - start) / 1e9;
      feed.flush();
      watch.join();
    }
    Map<String, Object> details = latencies.details();
    details.put("twins", TWINS);
    details.put("kept_in", twins.kept());
    details.put("offered_events_per_second", RATE);
    details.put("achieved_events_per_second", events / took);
    details.put("generator_behind_at_most_events", behind);
    details.put("probes", probes - warm);
    details.put("probes_not_seen", probes - warm - latencies.count());
    details.put("looked_every_ms", LOOK_EVERY.toMillis());
    details.put("readers", with);
    double p99 = latencies.p99Millis();
    IngestHttp.say(
        "  p50 %,.0f ms, p99 %,.0f ms, %d of %d probes seen",
        latencies.p50Millis(), p99, latencies.count(), probes - warm);
    boolean pass = p99 <= VISIBLE_BOUND && latencies.count() == probes - warm;
    return new Figure(
        "twins-state p99 to visible, " + with, p99, null, "ms", VISIBLE_BOUND, pass, details);
  }

  private static String twin(int probe) {
    return "probe-" + probe;
  }

  /** Looks at the stored states of the probes until the last was seen. */
  private static final class Watch {
    private final FoldedTwins states;
    private final long first;
    private final int probes;
    private final int warm;
    private final long start;
    private final Latencies latencies;
    private final int[] next = new int[PROBES];
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final Thread thread;
    private int seen;

    Watch(FoldedTwins states, long first, int probes, int warm, long start, Latencies latencies) {
      this.states = states;
      this.first = first;
      this.probes = probes;
      this.warm = warm;
      this.start = start;
      this.latencies = latencies;
      for (int i = 0; i < PROBES; i++) {
        next[i] = i;
      }
      this.thread = Thread.ofPlatform().daemon().name("watch").start(this::watch);
    }

    private void watch() {
      long end = start + probes * PROBE_EVERY + LAST_LOOKS.toNanos();
      try {
        while (seen < probes && System.nanoTime() < end) {
          states.numbers(
              due(),
              (twin, number) ->
                  see(Integer.parseInt(twin.substring(twin(0).length() - 1)), number - first));
          Thread.sleep(LOOK_EVERY);
        }
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        failure.set(e);
      }
    }

    /** Twins of which something was reported that was not seen yet. */
    private List<String> due() {
      long now = System.nanoTime();
      return IntStream.range(0, PROBES)
          .filter(probe -> next[probe] < probes && start + next[probe] * PROBE_EVERY - now <= 0)
          .mapToObj(TwinsState::twin)
          .toList();
    }

    private void see(int probe, long number) {
      for (; next[probe] <= number && next[probe] < probes; next[probe] += PROBES) {
        if (next[probe] >= warm) {
          latencies.since(start + next[probe] * PROBE_EVERY);
        }
        seen++;
      }
    }

    void join() throws InterruptedException {
      thread.join();
      Exception failed = failure.get();
      if (failed != null) {
        throw new IllegalStateException("the states cannot be watched", failed);
      }
    }
  }
}
