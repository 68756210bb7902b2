package org.pilothouse.platform.postgres;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.outbox.OutboxMessage;
import org.pilothouse.kernel.outbox.OutboxSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what the outbox holds for one engine. Any number of nodes may run one. Aggregates are
 * spread over buckets; whoever holds a bucket's advisory lock sends for it, so an aggregate has one
 * sender at a time. Within an aggregate the next message goes out after the one before was
 * acknowledged; one that fails holds back its aggregate only, and is tried again with back-off for
 * as long as it takes.
 *
 * <p>Each engine has a relay of its own: one that is away, or slow, holds up nothing that goes to
 * another.
 *
 * <p>A node that dies between an acknowledgement and the commit sends again: at least once, with
 * the same id.
 */
public final class OutboxRelay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OutboxRelay.class);
  private static final int BATCH = 200;
  private static final int BUCKET_LOCK = 0x0b0c0002;
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(2);
  // Shorter than the server's patience with an idle transaction (60 s), which the sends happen in.
  private static final Duration SEND = Duration.ofSeconds(30);
  private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(60);
  private static final Duration KEPT = Duration.ofHours(1);
  private static final Duration HOUSEKEEPING = Duration.ofSeconds(10);

  private final Database database;
  private final Outbox outbox;
  private final OutboxSink sink;
  private final OutboxMessage.Destination destination;
  private final Clock clock;
  private final Semaphore wake = new Semaphore(0);
  private final Runnable waker = this::wake;
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final Thread thread;
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicLong oldestSeconds = new AtomicLong();
  private final Counter sent;
  private final Counter failed;
  private long lastHousekeeping;

  private OutboxRelay(
      Database database, Outbox outbox, OutboxSink sink, Clock clock, MeterRegistry registry) {
    this.database = database;
    this.outbox = outbox;
    this.sink = sink;
    this.destination = sink.destination();
    String word = destination.name().toLowerCase(Locale.ROOT);
    this.clock = clock;
    this.sent =
        Counter.builder("pilothouse.outbox.sent")
            .tag("destination", word)
            .description("Messages sent")
            .register(registry);
    this.failed =
        Counter.builder("pilothouse.outbox.failed")
            .tag("destination", word)
            .description("Attempts to send that failed")
            .register(registry);
    Gauge.builder("pilothouse.outbox.waiting", waiting, AtomicLong::get)
        .tag("destination", word)
        .description("Messages not sent yet")
        .register(registry);
    Gauge.builder("pilothouse.outbox.oldest.seconds", oldestSeconds, AtomicLong::get)
        .tag("destination", word)
        .description("Age of the oldest message not sent yet")
        .register(registry);
    this.lastHousekeeping = System.nanoTime() - HOUSEKEEPING.toNanos();
    this.thread =
        Thread.ofPlatform().name("outbox-relay-" + word).daemon(true).unstarted(this::loop);
  }

  public static OutboxRelay start(
      Database database, Outbox outbox, OutboxSink sink, Clock clock, MeterRegistry registry) {
    OutboxRelay relay = new OutboxRelay(database, outbox, sink, clock, registry);
    outbox.onCommit(relay.waker);
    relay.thread.start();
    return relay;
  }

  /** Messages that were waiting at the last look; a few seconds old. */
  public long waiting() {
    return waiting.get();
  }

  private void wake() {
    if (wake.availablePermits() == 0) {
      wake.release();
    }
  }

  private void loop() {
    while (running.get()) {
      Duration pause = POLL;
      try {
        List<Integer> waitingIn = waitingBuckets();
        boolean more = !waitingIn.isEmpty() && relay(waitingIn);
        housekeeping();
        if (more) {
          continue;
        }
      } catch (RuntimeException e) {
        LOG.warn("the outbox cannot be relayed, trying again error={}", e.toString());
        pause = AFTER_FAILURE;
      }
      try {
        if (wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private List<Integer> waitingBuckets() {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "SELECT DISTINCT bucket FROM outbox.message WHERE sent_at IS NULL AND destination ="
                    + " :destination AND next_attempt_at <= :now")
            .bind("destination", destination.name())
            .bind("now", now())
            .mapTo(Integer.class)
            .list());
  }

  /**
   * Those of the buckets that nobody else sends for, in one transaction: what waits is spread over
   * many buckets, and each transaction costs a commit.
   *
   * @return whether there may be more to send at once
   */
  private boolean relay(List<Integer> waitingIn) {
    return database.asPlatform(transaction -> {
      List<Integer> held = locked(transaction, waitingIn);
      if (held.isEmpty()) {
        return false;
      }
      List<OutboxMessage> batch = due(transaction, held);
      if (batch.isEmpty()) {
        return false;
      }
      List<Verdict> verdicts = send(batch);
      mark(transaction, verdicts);
      return batch.size() == BATCH
          && verdicts.stream().allMatch(verdict -> verdict instanceof Verdict.Sent);
    });
  }

  private List<Integer> locked(Handle transaction, List<Integer> buckets) {
    return transaction
        .createQuery(
            "SELECT bucket FROM unnest(:buckets) AS b(bucket) WHERE"
                + " pg_try_advisory_xact_lock(:space, bucket + :first)")
        .bind("space", BUCKET_LOCK)
        .bind("first", destination.ordinal() * Outbox.BUCKETS)
        .bindArray("buckets", Integer.class, buckets)
        .mapTo(Integer.class)
        .list();
  }

  /**
   * A statement of its own, after the locks were got: its snapshot then holds all that the last
   * holder marked. Each bucket is read by its index, so a long backlog costs no more than a short
   * one. An aggregate whose first message waits for its next attempt is left out whole.
   */
  private List<OutboxMessage> due(Handle transaction, List<Integer> buckets) {
    return transaction
        .createQuery(
            "SELECT m.* FROM unnest(:buckets) AS b(bucket) CROSS JOIN LATERAL (SELECT sequence, id,"
                + " aggregate, destination, topic, key, headers::text AS headers, payload,"
                + " created_at FROM outbox.message o WHERE o.bucket = b.bucket AND o.destination ="
                + " :destination AND o.sent_at IS NULL AND NOT EXISTS (SELECT 1 FROM outbox.message"
                + " w WHERE w.aggregate = o.aggregate AND w.destination = o.destination AND"
                + " w.sent_at IS NULL AND w.next_attempt_at > :now AND w.sequence <= o.sequence)"
                + " ORDER BY o.sequence LIMIT :batch) m ORDER BY m.sequence LIMIT :batch")
        .bindArray("buckets", Integer.class, buckets)
        .bind("destination", destination.name())
        .bind("now", now())
        .bind("batch", BATCH)
        .map((row, context) ->
            new OutboxMessage(
                row.getObject("id", UUID.class),
                row.getString("aggregate"),
                OutboxMessage.Destination.valueOf(row.getString("destination")),
                row.getString("topic"),
                row.getString("key"),
                Outbox.headers(row.getString("headers")),
                row.getBytes("payload"),
                row.getObject("created_at", OffsetDateTime.class).toInstant()))
        .list();
  }

  private List<Verdict> send(List<OutboxMessage> batch) {
    Map<String, List<OutboxMessage>> byAggregate = new LinkedHashMap<>();
    batch.forEach(message ->
        byAggregate.computeIfAbsent(message.aggregate(), a -> new ArrayList<>()).add(message));
    long until = System.nanoTime() + SEND.toNanos();
    List<Chain> chains = new ArrayList<>();
    byAggregate.values().forEach(messages -> chains.add(new Chain(messages, until)));
    chains.forEach(Chain::next);
    List<Verdict> verdicts = new ArrayList<>();
    for (Chain chain : chains) {
      verdicts.addAll(chain.await(until));
    }
    return verdicts;
  }

  private void mark(Handle transaction, List<Verdict> verdicts) {
    List<UUID> done = new ArrayList<>();
    for (Verdict verdict : verdicts) {
      switch (verdict) {
        case Verdict.Sent(UUID id) -> done.add(id);
        case Verdict.Failed(UUID id, String error) -> postpone(transaction, id, error);
      }
    }
    if (!done.isEmpty()) {
      transaction
          .createUpdate(
              "UPDATE outbox.message SET sent_at = :now, attempts = attempts + 1,"
                  + " last_error = NULL WHERE id = ANY(:ids)")
          .bind("now", now())
          .bindArray("ids", UUID.class, done)
          .execute();
      transaction.afterCommit(() -> sent.increment(done.size()));
    }
  }

  private void postpone(Handle transaction, UUID id, String error) {
    int attempts =
        transaction
            .createQuery("SELECT attempts FROM outbox.message WHERE id = :id")
            .bind("id", id)
            .mapTo(Integer.class)
            .one();
    Duration wait = backOff(attempts);
    transaction
        .createUpdate(
            "UPDATE outbox.message SET attempts = attempts + 1, last_error = :error,"
                + " next_attempt_at = :next WHERE id = :id")
        .bind("error", error)
        .bind("next", now().plus(wait))
        .bind("id", id)
        .execute();
    failed.increment();
    LOG.warn(
        "outbox message not sent id={} attempts={} next_in={} error={}",
        id,
        attempts + 1,
        wait,
        error);
  }

  /**
   * Doubles from half a second to a minute; the jitter keeps aggregates from coming back at once.
   */
  static Duration backOff(int attemptsBefore) {
    long millis = Math.min(LONGEST_BACK_OFF.toMillis(), 500L << Math.min(attemptsBefore, 7));
    return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
  }

  private void housekeeping() {
    if (System.nanoTime() - lastHousekeeping < HOUSEKEEPING.toNanos()) {
      return;
    }
    lastHousekeeping = System.nanoTime();
    database.runAsPlatform(transaction -> {
      transaction
          .createUpdate(
              "DELETE FROM outbox.message WHERE sequence IN (SELECT sequence FROM"
                  + " outbox.message WHERE sent_at < :before AND destination = :destination LIMIT"
                  + " 5000)")
          .bind("destination", destination.name())
          .bind("before", now().minus(KEPT))
          .execute();
      transaction
          .createQuery(
              "SELECT count(*) AS waiting, min(created_at) AS oldest FROM outbox.message"
                  + " WHERE sent_at IS NULL AND destination = :destination")
          .bind("destination", destination.name())
          .map((row, context) -> {
            waiting.set(row.getLong("waiting"));
            OffsetDateTime oldest = row.getObject("oldest", OffsetDateTime.class);
            oldestSeconds.set(
                oldest == null
                    ? 0
                    : Math.max(
                        0, Duration.between(oldest.toInstant(), clock.instant()).toSeconds()));
            return true;
          })
          .one();
    });
  }

  private OffsetDateTime now() {
    return Instant.now(clock).atOffset(ZoneOffset.UTC);
  }

  /** Stops after the batch at hand; what is not acknowledged by then is sent again by the next. */
  @Override
  public void close() {
    outbox.forget(waker);
    running.set(false);
    wake.release();
    try {
      if (!thread.join(SEND.plusSeconds(5))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private sealed interface Verdict {
    record Sent(UUID id) implements Verdict {}

    record Failed(UUID id, String error) implements Verdict {}
  }

  /** One aggregate's messages of a batch, one after the other. */
  private final class Chain {
    private final List<OutboxMessage> messages;
    private final long until;
    private final List<Verdict> verdicts = new ArrayList<>();
    private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
    private int index;

    Chain(List<OutboxMessage> messages, long until) {
      this.messages = messages;
      this.until = until;
    }

    void next() {
      OutboxMessage message;
      synchronized (this) {
        if (end.isDone()) {
          return;
        }
        if (index == messages.size() || System.nanoTime() - until > 0) {
          end.complete(null);
          return;
        }
        message = messages.get(index);
      }
      try {
        sink.send(message).whenComplete((nothing, error) -> done(message, error));
      } catch (RuntimeException e) {
        done(message, e);
      }
    }

    private void done(OutboxMessage message, @Nullable Throwable error) {
      synchronized (this) {
        if (end.isDone()) {
          return;
        }
        if (error != null) {
          verdicts.add(new Verdict.Failed(message.id(), text(error)));
          end.complete(null);
          return;
        }
        verdicts.add(new Verdict.Sent(message.id()));
        index++;
      }
      next();
    }

    List<Verdict> await(long deadline) {
      try {
        end.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        synchronized (this) {
          if (!end.isDone()) {
            verdicts.add(
                new Verdict.Failed(messages.get(index).id(), "not acknowledged within " + SEND));
            end.complete(null);
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        synchronized (this) {
          end.complete(null);
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
      synchronized (this) {
        return List.copyOf(verdicts);
      }
    }

    private static String text(Throwable error) {
      Throwable cause = error.getCause() != null ? error.getCause() : error;
      String said = cause.getClass().getSimpleName() + ": " + cause.getMessage();
      return said.length() > 500 ? said.substring(0, 500) : said;
    }
  }
}
