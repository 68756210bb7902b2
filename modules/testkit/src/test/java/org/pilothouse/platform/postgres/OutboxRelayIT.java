package org.pilothouse.platform.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.outbox.OutboxMessage;
import org.pilothouse.kernel.outbox.OutboxSink;
import org.pilothouse.testkit.TestDatabase;

class OutboxRelayIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Outbox outbox = new Outbox();
  private TestDatabase store;
  private Database database;
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeEach
  void open() {
    store = TestDatabase.create(List.of());
    database = store.database();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable part : open.reversed()) {
      part.close();
    }
    store.close();
  }

  /**
   * Takes messages slowly and at random refuses some, or loses the acknowledgement after taking.
   */
  private static final class UnreliableSink implements OutboxSink {
    private final Random random = new Random(42);
    private final Executor later = CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS);
    private final Map<String, List<String>> taken = new ConcurrentHashMap<>();
    private final double failing;

    UnreliableSink(double failing) {
      this.failing = failing;
    }

    @Override
    public OutboxMessage.Destination destination() {
      return OutboxMessage.Destination.KAFKA;
    }

    @Override
    public CompletionStage<Void> send(OutboxMessage message) {
      double luck;
      synchronized (random) {
        luck = random.nextDouble();
      }
      return CompletableFuture.runAsync(
          () -> {
            if (luck < failing / 2) {
              throw new IllegalStateException("refused");
            }
            taken
                .computeIfAbsent(
                    message.aggregate(), a -> Collections.synchronizedList(new ArrayList<>()))
                .add(new String(message.payload(), StandardCharsets.UTF_8));
            if (luck < failing) {
              throw new IllegalStateException("the acknowledgement was lost");
            }
          },
          later);
    }

    /** In the order in which each was first seen; repeats are the same message. */
    List<String> firstSeen(String aggregate) {
      List<String> all = taken.getOrDefault(aggregate, List.of());
      synchronized (all) {
        return List.copyOf(new LinkedHashSet<>(all));
      }
    }
  }

  /** Takes messages and never says that it did. */
  private record SilentSink(CompletableFuture<Void> asked) implements OutboxSink {
    @Override
    public OutboxMessage.Destination destination() {
      return OutboxMessage.Destination.RABBIT;
    }

    @Override
    public CompletionStage<Void> send(OutboxMessage message) {
      asked.complete(null);
      return new CompletableFuture<>();
    }
  }

  private OutboxMessage message(String aggregate, String payload) {
    return message(OutboxMessage.Destination.KAFKA, aggregate, payload);
  }

  private OutboxMessage message(
      OutboxMessage.Destination destination, String aggregate, String payload) {
    return new OutboxMessage(
        UUID.randomUUID(),
        aggregate,
        destination,
        "topic",
        aggregate,
        Map.of("ce_type", "test"),
        payload.getBytes(StandardCharsets.UTF_8),
        Clock.systemUTC().instant());
  }

  private OutboxRelay relay(OutboxSink sink) {
    OutboxRelay relay =
        OutboxRelay.start(database, outbox, sink, Clock.systemUTC(), new SimpleMeterRegistry());
    open.add(relay);
    return relay;
  }

  @Test
  void shouldKeepCommitOrderOfEachAggregateWhenRelaysCompeteAndSinksFail() throws Exception {
    int aggregates = 12;
    int perAggregate = 25;
    UnreliableSink sink = new UnreliableSink(0.06);
    for (int i = 0; i < 3; i++) {
      relay(sink);
    }
    Map<String, List<String>> committed = new ConcurrentHashMap<>();
    ExecutorService writers = Executors.newFixedThreadPool(6);
    try {
      AtomicInteger next = new AtomicInteger();
      List<CompletableFuture<Void>> written = new ArrayList<>();
      for (int i = 0; i < aggregates * perAggregate; i++) {
        written.add(
            CompletableFuture.runAsync(
                () -> {
                  int n = next.getAndIncrement();
                  String aggregate = "aggregate-" + n % aggregates;
                  String payload = aggregate + "/" + n;
                  database.runAsPlatform(transaction -> {
                    outbox.add(transaction, message(aggregate, payload));
                    // The lock on the aggregate is held here, so this is the commit order.
                    committed
                        .computeIfAbsent(
                            aggregate, a -> Collections.synchronizedList(new ArrayList<>()))
                        .add(payload);
                  });
                },
                writers));
      }
      CompletableFuture.allOf(written.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
    } finally {
      writers.shutdownNow();
    }

    await().atMost(PATIENCE).until(() -> unsent() == 0);

    assertThat(committed).hasSize(aggregates);
    committed.forEach(
        (aggregate, order) -> assertThat(sink.firstSeen(aggregate)).isEqualTo(List.copyOf(order)));
  }

  @Test
  void shouldSendToOneEngineWhileAnotherDoesNotAnswer() throws Exception {
    SilentSink silent = new SilentSink(new CompletableFuture<>());
    UnreliableSink sink = new UnreliableSink(0);
    database.runAsPlatform(transaction ->
        outbox.add(transaction, message(OutboxMessage.Destination.RABBIT, "aggregate-1", "kept")));
    relay(silent);
    relay(sink);
    silent.asked().get(60, TimeUnit.SECONDS);

    database.runAsPlatform(
        transaction -> outbox.add(transaction, message("aggregate-2", "passes")));

    await().atMost(PATIENCE).until(() -> sink.firstSeen("aggregate-2").equals(List.of("passes")));
    // The silent engine is still waited for.
    assertThat(attempts("aggregate-1")).isZero();
  }

  @Test
  void shouldSendInCommitOrderWhenSequenceNumbersWereTakenInAnother() throws Exception {
    UnreliableSink sink = new UnreliableSink(0);
    CompletableFuture<Void> firstAdded = new CompletableFuture<>();
    CompletableFuture<Void> mayCommit = new CompletableFuture<>();
    CompletableFuture<Void> slow =
        CompletableFuture.runAsync(() ->
            database.runAsPlatform(transaction -> {
              outbox.add(transaction, message("slow", "1"));
              firstAdded.complete(null);
              mayCommit.join();
            }));
    firstAdded.get(10, TimeUnit.SECONDS);
    database.runAsPlatform(transaction -> outbox.add(transaction, message("quick", "1")));
    relay(sink);

    // The quick one has the higher number and goes out first; the slow one must not be passed over.
    await().atMost(PATIENCE).until(() -> !sink.firstSeen("quick").isEmpty());
    assertThat(sink.firstSeen("slow")).isEmpty();
    mayCommit.complete(null);
    slow.get(10, TimeUnit.SECONDS);

    await().atMost(PATIENCE).until(() -> !sink.firstSeen("slow").isEmpty());
  }

  @Test
  void shouldHoldBackOnlyTheAggregateWhoseMessageFails() {
    Set<String> taken = ConcurrentHashMap.newKeySet();
    OutboxSink sink =
        new OutboxSink() {
          @Override
          public OutboxMessage.Destination destination() {
            return OutboxMessage.Destination.KAFKA;
          }

          @Override
          public CompletionStage<Void> send(OutboxMessage message) {
            String payload = new String(message.payload(), StandardCharsets.UTF_8);
            if (payload.equals("poison")) {
              return CompletableFuture.failedFuture(new IllegalStateException("never"));
            }
            taken.add(payload);
            return CompletableFuture.completedFuture(null);
          }
        };
    database.runAsPlatform(transaction -> {
      outbox.add(transaction, message("ill", "poison"));
      outbox.add(transaction, message("ill", "behind"));
      outbox.add(transaction, message("well", "passes"));
    });
    relay(sink);

    await().atMost(PATIENCE).until(() -> taken.contains("passes") && attempts("ill") >= 2);

    assertThat(taken).isEqualTo(new HashSet<>(List.of("passes")));
    assertThat(unsent()).isEqualTo(2);
  }

  @Test
  void shouldSendNothingWhenTheTransactionRollsBack() {
    UnreliableSink sink = new UnreliableSink(0);
    relay(sink);
    assertThatThrownBy(() ->
            database.runAsPlatform(transaction -> {
              outbox.add(transaction, message("undone", "1"));
              throw new IllegalStateException("changed my mind");
            }))
        .isInstanceOf(IllegalStateException.class);
    database.runAsPlatform(transaction -> outbox.add(transaction, message("done", "1")));

    await().atMost(PATIENCE).until(() -> !sink.firstSeen("done").isEmpty());

    assertThat(sink.firstSeen("undone")).isEmpty();
  }

  private long unsent() {
    return count(
        "SELECT count(*) FROM outbox.message WHERE sent_at IS NULL", new LinkedHashMap<>());
  }

  private long attempts(String aggregate) {
    return count(
        "SELECT coalesce(max(attempts), 0) FROM outbox.message WHERE aggregate = :aggregate",
        new LinkedHashMap<>(Map.of("aggregate", aggregate)));
  }

  private long count(String sql, Map<String, String> bound) {
    return database.asPlatform((Handle transaction) ->
        transaction.createQuery(sql).bindMap(bound).mapTo(Long.class).one());
  }
}
