package org.pilothouse.webapp.engines;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each engine at intervals, on a thread of its own, so that one that hangs does not hide the
 * others. Answers come from the last question, never from one made for the asker: a health endpoint
 * that is called often does not load the engines.
 */
public final class EngineWatch implements AutoCloseable {
  /** How an engine is. */
  public enum State {
    UP,
    SLOW,
    AWAY
  }

  /**
   * @param latency of the last answer; null while there was none
   * @param since when this state began
   * @param detail why it is away
   */
  public record Status(
      Engine engine,
      State state,
      @Nullable Duration latency,
      Instant since,
      Instant checkedAt,
      @Nullable String detail) {}

  private static final Logger LOG = LoggerFactory.getLogger(EngineWatch.class);
  private static final Duration INTERVAL = Duration.ofSeconds(3);
  private static final Duration SLOW = Duration.ofSeconds(1);

  /** A question that has not come back after this long is an answer too. */
  private static final Duration STALE = Duration.ofSeconds(15);

  private final Clock clock;
  private final Map<String, Status> statuses = new ConcurrentHashMap<>();
  private final Map<String, Engine> engines = new LinkedHashMap<>();
  private final ScheduledExecutorService executor;

  public EngineWatch(List<Engine> engines, Clock clock, MeterRegistry metrics) {
    this.clock = clock;
    this.executor =
        Executors.newScheduledThreadPool(
            engines.size(), Thread.ofPlatform().name("engine-watch-", 0).daemon(true).factory());
    for (Engine engine : engines) {
      this.engines.put(engine.name(), engine);
      Gauge.builder("pilothouse.engine.up", () -> isUp(engine.name()) ? 1 : 0)
          .tag("engine", engine.name())
          .register(metrics);
      executor.scheduleWithFixedDelay(
          () -> ask(engine), 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** All engines, in the order they were given. */
  public List<Status> all() {
    return engines.values().stream().map(this::status).toList();
  }

  /** Whether the last answer of the engine is recent. */
  public boolean isUp(String name) {
    Engine engine = engines.get(name);
    return engine != null && status(engine).state() != State.AWAY;
  }

  private Status status(Engine engine) {
    Instant now = clock.instant();
    Status last = statuses.get(engine.name());
    if (last == null) {
      return new Status(engine, State.AWAY, null, now, now, "not asked yet");
    }
    if (last.state() != State.AWAY && last.checkedAt().plus(STALE).isBefore(now)) {
      return new Status(
          engine,
          State.AWAY,
          last.latency(),
          last.checkedAt(),
          last.checkedAt(),
          "does not answer");
    }
    return last;
  }

  private void ask(Engine engine) {
    Instant started = clock.instant();
    State state;
    String detail = null;
    Duration latency = null;
    try {
      engine.question().ask();
      latency = Duration.between(started, clock.instant());
      state = latency.compareTo(SLOW) > 0 ? State.SLOW : State.UP;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } catch (Exception e) {
      state = State.AWAY;
      detail = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
    Status last = statuses.get(engine.name());
    Instant now = clock.instant();
    Instant since = last != null && last.state() == state ? last.since() : now;
    if (last == null || last.state() != state) {
      LOG.info("engine {} is {}{}", engine.name(), state, detail == null ? "" : ": " + detail);
    }
    statuses.put(engine.name(), new Status(engine, state, latency, since, now, detail));
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
