package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.LineageConfig;
import org.pilothouse.platform.postgres.Database;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the lives of datasets to a gatherer outside, one dataset after the other: its events from
 * the first on, as often as it takes. A dataset that the gatherer refuses holds up no other, and a
 * gatherer that is away holds up nothing else; it is told all that happened when it is back.
 */
public final class LineageSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LineageSender.class);
  private static final Duration POLL = Duration.ofSeconds(2);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

  /** Longer than the events of one dataset can take, each in its time. */
  private static final Duration LEASE = Duration.ofSeconds(90);

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Duration FIRST_REST = Duration.ofSeconds(5);
  private static final Duration LONGEST_REST = Duration.ofMinutes(5);
  private static final Duration COUNTED = Duration.ofSeconds(15);

  /** Of a dataset that is refused; with the pauses between them about a quarter of an hour. */
  static final int TRIES = 8;

  private final Database database;
  private final Untold untold;
  private final LineageEvents lives;
  private final URI base;
  private final @Nullable LineageConfig config;
  private final @Nullable LineageEndpoint endpoint;
  private final Steps steps;
  private final MeterRegistry metrics;
  private final Semaphore wake = new Semaphore(0);
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong oldestSeconds = new AtomicLong();
  private final Thread thread;
  private long countedNanos = System.nanoTime() - COUNTED.toNanos();

  /**
   * @param base how browsers reach the platform; names in events begin with it
   * @param config empty: nothing is sent
   */
  LineageSender(
      Database database,
      LineageEvents lives,
      URI base,
      Optional<LineageConfig> config,
      Steps steps,
      MeterRegistry metrics) {
    this.database = database;
    this.untold = new Untold(database);
    this.lives = lives;
    this.base = base;
    this.config = config.orElse(null);
    this.endpoint = config.map(LineageEndpoint::new).orElse(null);
    this.steps = steps;
    this.metrics = metrics;
    this.thread = Thread.ofPlatform().name("lineage-sender").daemon(true).unstarted(this::loop);
  }

  /** What the sender is at. */
  public enum State {
    /** No gatherer is named. */
    OFF,
    /** Nothing waits. */
    IDLE,
    SENDING,
    /** What was tried last has failed. */
    FAILING
  }

  /**
   * How it stands on all nodes.
   *
   * @param to where events go; null where nothing is sent
   * @param waiting datasets whose life is not told as it is now
   * @param refused datasets that the gatherer refuses as they are
   */
  public record Status(
      State state,
      @Nullable String to,
      long waiting,
      long refused,
      @Nullable Instant waitingSince,
      @Nullable Instant toldAt,
      @Nullable Instant failedAt,
      @Nullable String failure) {}

  public Status status() {
    Untold.Standing standing = untold.standing();
    return new Status(
        state(standing),
        config == null ? null : config.shown(),
        standing.waiting(),
        standing.refused(),
        standing.oldest(),
        standing.toldAt(),
        standing.failedAt(),
        standing.failure());
  }

  private State state(Untold.Standing standing) {
    if (config == null) {
      return State.OFF;
    }
    if (standing.waiting() == 0) {
      return State.IDLE;
    }
    Instant told = standing.toldAt();
    Instant failed = standing.failedAt();
    return failed != null && (told == null || failed.isAfter(told)) ? State.FAILING : State.SENDING;
  }

  /** Begins, where a gatherer is named. */
  void start() {
    if (endpoint == null) {
      return;
    }
    Gauge.builder("pilothouse.openlineage.waiting", waiting, AtomicLong::get)
        .description("Datasets whose life the gatherer does not know as it is now")
        .register(metrics);
    Gauge.builder("pilothouse.openlineage.refused", refused, AtomicLong::get)
        .description("Datasets that the gatherer refuses")
        .register(metrics);
    Gauge.builder("pilothouse.openlineage.oldest.seconds", oldestSeconds, AtomicLong::get)
        .description("How long the longest has been waiting")
        .register(metrics);
    thread.start();
  }

  private void loop() {
    int failures = 0;
    while (running.get()) {
      Duration pause = POLL;
      try {
        count();
        switch (tellNext()) {
          case TOLD, REFUSED -> {
            failures = 0;
            continue;
          }
          case NONE -> failures = 0;
          case AWAY -> pause = doubled(FIRST_PAUSE, failures++, LONGEST_PAUSE);
        }
      } catch (RuntimeException | LinkageError e) {
        LOG.warn("lineage cannot be told now, trying again error={}", e.toString());
        pause = AFTER_FAILURE;
      } catch (InterruptedException e) {
        return;
      }
      try {
        var unused = wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  static Duration doubled(Duration first, int failures, Duration longest) {
    long seconds = first.toSeconds() << Math.min(failures, 16);
    return Duration.ofSeconds(Math.min(seconds, longest.toSeconds()));
  }

  private void count() {
    if (System.nanoTime() - countedNanos < COUNTED.toNanos()) {
      return;
    }
    countedNanos = System.nanoTime();
    Untold.Standing standing = untold.standing();
    waiting.set(standing.waiting());
    refused.set(standing.refused());
    Instant oldest = standing.oldest();
    oldestSeconds.set(oldest == null ? 0 : Math.max(0, age(oldest).toSeconds()));
  }

  /** By the clock that all nodes share. */
  private Duration age(Instant then) {
    return Duration.between(then, database.asPlatform(DatasetRows::now));
  }

  /** What came of a turn. */
  enum Outcome {
    NONE,
    TOLD,
    REFUSED,
    AWAY
  }

  /** The life of the next dataset. */
  Outcome tellNext() throws InterruptedException {
    LineageEndpoint there = endpoint;
    Optional<Untold.Turn> next = there == null ? Optional.empty() : untold.next(LEASE);
    return there == null || next.isEmpty() ? Outcome.NONE : tell(there, next.get());
  }

  private Outcome tell(LineageEndpoint there, Untold.Turn turn) throws InterruptedException {
    for (ObjectNode event : life(turn)) {
      switch (send(there, event)) {
        case LineageEndpoint.Answer.Taken taken -> {}
        case LineageEndpoint.Answer.Refused refusal -> {
          boolean inVain = turn.failures() + 1 >= TRIES;
          LOG.warn(
              "the gatherer of lineage refuses dataset={} reason={} in_vain={}",
              turn.dataset(),
              refusal.why(),
              inVain);
          untold.failed(turn, inVain ? null : rest(turn), refusal.why());
          return Outcome.REFUSED;
        }
        case LineageEndpoint.Answer.Away away -> {
          LOG.info("the gatherer of lineage takes nothing now reason={}", away.why());
          untold.failed(turn, rest(turn), away.why());
          return Outcome.AWAY;
        }
      }
    }
    steps.reached(Step.LINEAGE_TOLD);
    untold.told(turn);
    return Outcome.TOLD;
  }

  private static Duration rest(Untold.Turn turn) {
    return doubled(FIRST_REST, turn.failures(), LONGEST_REST);
  }

  private List<ObjectNode> life(Untold.Turn turn) {
    Dataset dataset =
        database.inPilot(
            turn.pilot(),
            transaction ->
                DatasetRows.find(transaction, turn.pilot(), turn.dataset())
                    .orElseThrow(DatasetRows::notFound));
    return lives.of(base, dataset);
  }

  private LineageEndpoint.Answer send(LineageEndpoint there, ObjectNode event)
      throws InterruptedException {
    Timer.Sample sample = Timer.start(metrics);
    String outcome = "interrupted";
    try {
      LineageEndpoint.Answer answer = there.send(event);
      outcome =
          switch (answer) {
            case LineageEndpoint.Answer.Taken taken -> "taken";
            case LineageEndpoint.Answer.Refused refusal -> "refused";
            case LineageEndpoint.Answer.Away away -> "away";
          };
      return answer;
    } finally {
      sample.stop(
          Timer.builder("pilothouse.openlineage.sends")
              .description("Run events sent to the gatherer of lineage")
              .tag("outcome", outcome)
              .register(metrics));
    }
  }

  @Override
  public void close() {
    running.set(false);
    wake.release();
    try {
      if (thread.isAlive() && !thread.join(Duration.ofSeconds(20))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (endpoint != null) {
      endpoint.close();
    }
  }
}
