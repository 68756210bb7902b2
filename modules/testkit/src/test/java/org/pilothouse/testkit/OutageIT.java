package org.pilothouse.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.pilothouse.platform.kafka.KafkaEventPublisher;
import org.pilothouse.platform.kafka.KafkaEventPublisher.Purpose;
import org.pilothouse.platform.kafka.PublishCallback;
import org.pilothouse.platform.kafka.PublishFailure;
import org.pilothouse.platform.kafka.TopicProvisioner;
import org.pilothouse.platform.kafka.TopicSpec;
import org.pilothouse.platform.kafka.consume.BatchEffect;
import org.pilothouse.platform.kafka.consume.ConsumerRuntime;
import org.pilothouse.platform.kafka.consume.Deduplicator;
import org.pilothouse.platform.kafka.consume.KafkaLogClients;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.consume.Reader;
import org.pilothouse.platform.kafka.consume.ReaderSpec;
import org.pilothouse.platform.kafka.consume.TopicTail;
import org.pilothouse.platform.kafka.consume.Topics;

/**
 * A sender that tries again what was not acknowledged, a reader that lets each event through once,
 * a tail, and a broker that goes away under them.
 */
class OutageIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final String TOPIC = "outage";

  @TempDir Path directory;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private BrokerProcess broker;
  private KafkaConfig config;
  private KafkaEventPublisher publisher;
  private LogReads reads;
  private ConsumerRuntime runtime;
  private Reader reader;
  private TopicTail tail;
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  private final Map<Partition, List<Long>> tailed = new ConcurrentHashMap<>();

  @BeforeEach
  void begin() throws Exception {
    broker = BrokerProcess.start(directory);
    config = KafkaConfig.of(broker.bootstrap());
    try (TopicProvisioner provisioner = new TopicProvisioner(config)) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> {
            var unused = provisioner.ensure(List.of(TopicSpec.keepingAll(TOPIC, 3)));
            return true;
          });
    }
    publisher =
        new KafkaEventPublisher("outage", config, Purpose.LIVE, Clock.systemUTC(), registry);
    publisher.warm(List.of(TOPIC));
    reads = new LogReads(config, 2);
    runtime =
        new ConsumerRuntime(
            new KafkaLogClients(config, registry),
            (record, name, reason, detail) -> {
              throw new IllegalStateException("nothing is poison here");
            },
            registry);
    reader =
        runtime.start(
            ReaderSpec.of(
                "outage",
                Topics.named(TOPIC),
                new Deduplicator(
                    "outage",
                    BatchEffect.each(record -> seen.add(record.headers().text("ce_id"))),
                    Deduplicator.Past.of(reads),
                    100_000,
                    Duration.ofMinutes(15),
                    Clock.systemUTC())));
    tail =
        new TopicTail(
            "outage",
            config,
            TOPIC::equals,
            record ->
                tailed
                    .computeIfAbsent(
                        record.partition(), at -> Collections.synchronizedList(new ArrayList<>()))
                    .add(record.offset()),
            registry);
    tail.start();
    assertThat(tail.awaitStarted(PATIENCE)).isTrue();
  }

  @AfterEach
  void end() throws Exception {
    tail.close();
    runtime.close();
    reads.close();
    publisher.close();
    broker.close();
  }

  /**
   * Sends events one after the other, about 50 a second; tries again until each is acknowledged.
   */
  private final class Sender implements AutoCloseable {
    final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    final Set<PublishFailure.Kind> failures = ConcurrentHashMap.newKeySet();
    private final Set<String> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger number = new AtomicInteger();
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
    private final ScheduledFuture<?> sending =
        clock.scheduleWithFixedDelay(
            () -> send("e-" + number.getAndIncrement()), 0, 20, TimeUnit.MILLISECONDS);

    private void send(String id) {
      open.add(id);
      publisher.publish(
          TOPIC,
          ("twin-" + id.hashCode() % 20).getBytes(UTF_8),
          "{}".getBytes(UTF_8),
          new EventHeaders().add("ce_id", id).add("ce_source", "sender"),
          new PublishCallback() {
            @Override
            public void acknowledged(int partition, long offset) {
              acknowledged.add(id);
              open.remove(id);
            }

            @Override
            public void failed(PublishFailure failure) {
              failures.add(failure.kind());
              var again = clock.schedule(() -> send(id), 1, TimeUnit.SECONDS);
            }
          });
    }

    @Override
    public void close() {
      sending.cancel(false);
      await().atMost(PATIENCE).until(open::isEmpty);
      clock.shutdownNow();
    }
  }

  private void verify(Sender sender) {
    await().atMost(PATIENCE).until(() -> new HashSet<>(seen).containsAll(sender.acknowledged));
    await()
        .atMost(PATIENCE)
        .until(() -> reader.status().lag() != null && reader.status().lag() == 0);
    Set<String> distinct = new HashSet<>();
    assertThat(seen.stream().filter(id -> !distinct.add(id)).toList())
        .as("events that were let through twice")
        .isEmpty();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(tail.positions()).isEqualTo(reads.ends(List.of(TOPIC))));
    tailed.values().forEach(offsets -> assertThat(offsets).isSorted().doesNotHaveDuplicates());
    assertThat(tailed.values().stream().mapToInt(List::size).sum())
        .isEqualTo(
            (int) reads.ends(List.of(TOPIC)).values().stream().mapToLong(Long::longValue).sum());
  }

  @Test
  void shouldLoseAndDoubleNothingWhenTheBrokerIsFrozen() throws Exception {
    Sender sender = new Sender();
    await().atMost(PATIENCE).until(() -> seen.size() > 100);

    broker.freeze();
    await().atMost(Duration.ofSeconds(20)).until(() -> publisher.pushingBack());
    await().pollDelay(Duration.ofSeconds(35)).atMost(PATIENCE).until(() -> true);
    broker.thaw();

    int before = sender.acknowledged.size();
    await().atMost(PATIENCE).until(() -> sender.acknowledged.size() > before + 100);
    sender.close();
    assertThat(sender.failures).contains(PublishFailure.Kind.BUSY);
    verify(sender);
  }

  @Test
  void shouldLoseAndDoubleNothingWhenTheBrokerIsKilledAgainAndAgain() throws Exception {
    Sender sender = new Sender();
    for (int i = 0; i < 3; i++) {
      int before = seen.size();
      await().atMost(PATIENCE).until(() -> seen.size() > before + 100);
      broker.kill();
      broker.run();
    }
    int before = seen.size();
    await().atMost(PATIENCE).until(() -> seen.size() > before + 100);
    sender.close();
    verify(sender);
  }
}
