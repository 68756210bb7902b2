package org.pilothouse.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.outbox.OutboxMessage;
import org.pilothouse.kernel.outbox.OutboxMessage.Destination;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.pilothouse.platform.kafka.KafkaEventPublisher;
import org.pilothouse.platform.kafka.KafkaEventPublisher.Purpose;
import org.pilothouse.platform.kafka.KafkaOutboxSink;
import org.pilothouse.platform.kafka.KafkaProbe;
import org.pilothouse.platform.kafka.PublishFailure;
import org.pilothouse.platform.kafka.TopicProvisioner;
import org.pilothouse.platform.kafka.TopicSpec;
import org.pilothouse.platform.kafka.consume.BatchEffect;
import org.pilothouse.platform.kafka.consume.ConsumerRuntime;
import org.pilothouse.platform.kafka.consume.KafkaLogClients;
import org.pilothouse.platform.kafka.consume.KafkaRejections;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.consume.PoisonRecord;
import org.pilothouse.platform.kafka.consume.ReaderSpec;
import org.pilothouse.platform.kafka.consume.RejectedReader;
import org.pilothouse.platform.kafka.consume.RejectedReader.Redrive;
import org.pilothouse.platform.kafka.consume.RejectedRecord;
import org.pilothouse.platform.kafka.consume.TopicTail;
import org.pilothouse.platform.kafka.consume.Topics;

/** What the adapter does with a real broker, beyond what every backbone does. */
class KafkaAdapterIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final KafkaConfig config = KafkaConfig.from(TestHome.settings());
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final String prefix = "adapter-" + UUID.randomUUID().toString().substring(0, 8);
  private final String topic = prefix + ".work";
  private final String rejected = prefix + ".rejected";
  private TopicProvisioner provisioner;
  private KafkaEventPublisher publisher;
  private LogReads reads;

  @BeforeEach
  void begin() {
    provisioner = new TopicProvisioner(config);
    publisher =
        new KafkaEventPublisher("adapter-it", config, Purpose.LIVE, Clock.systemUTC(), registry);
    reads = new LogReads(config, 2);
    var unused =
        provisioner.ensure(
            List.of(TopicSpec.keepingAll(topic, 2), TopicSpec.keepingAll(rejected, 3)));
    publisher.warm(List.of(topic, rejected));
  }

  @AfterEach
  void end() {
    provisioner.remove(List.of(topic, rejected));
    publisher.close();
    provisioner.close();
    reads.close();
  }

  private EventPublisher.Position publish(String to, String key, String value) throws Exception {
    return publish(to, key, value, new EventHeaders());
  }

  private EventPublisher.Position publish(String to, String key, String value, EventHeaders headers)
      throws Exception {
    return publisher
        .publish(to, key.getBytes(UTF_8), value.getBytes(UTF_8), headers)
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  @Test
  void shouldReadAPartitionInPiecesOfSoManyRecordsOrBytes() throws Exception {
    byte[] key = "same-partition".getBytes(UTF_8);
    EventPublisher.Position last = new EventPublisher.Position(topic, 0, 0);
    for (int i = 0; i < 20; i++) {
      last =
          publisher
              .publish(topic, key, new byte[1_000], new EventHeaders())
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
    }
    Partition partition = new Partition(topic, last.partition());

    LogReads.Stretch byCount = reads.read(partition, 0, 20, 7, 1_000_000, PATIENCE);
    LogReads.Stretch byBytes = reads.read(partition, 7, 20, 100, 3_500, PATIENCE);
    LogReads.Stretch one = reads.read(partition, 7, 20, 100, 1, PATIENCE);
    LogReads.Stretch upTo = reads.read(partition, 7, 12, 100, 1_000_000, PATIENCE);
    LogReads.Stretch beyond = reads.read(partition, 12, 99, 100, 1_000_000, PATIENCE);

    assertThat(byCount.records())
        .extracting(LogRecord::offset)
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(byCount.next()).containsEntry(partition, 7L);
    assertThat(byCount.complete()).isFalse();
    assertThat(byBytes.records()).extracting(LogRecord::offset).containsExactly(7L, 8L);
    assertThat(byBytes.next()).containsEntry(partition, 9L);
    assertThat(one.records()).hasSize(1);
    assertThat(upTo.records()).hasSize(5);
    assertThat(upTo.next()).containsEntry(partition, 12L);
    assertThat(upTo.complete()).isTrue();
    assertThat(beyond.next()).containsEntry(partition, 20L);
    assertThat(reads.read(partition, 20, 99, 100, 1_000_000, PATIENCE).next())
        .containsEntry(partition, 20L);
  }

  @Test
  void shouldCorrectWhatDriftedAndOnlyGrowWhenATopicIsThere() {
    TopicSpec first = TopicSpec.keeping(prefix + ".spec", 2, Duration.ofDays(1));
    TopicSpec second = TopicSpec.keeping(prefix + ".spec", 4, Duration.ofDays(2));
    TopicSpec fewer = TopicSpec.keeping(prefix + ".spec", 1, Duration.ofDays(2));

    assertThat(provisioner.ensure(List.of(first)).created()).containsExactly(prefix + ".spec");
    // The broker knows of a new topic a moment later than the controller.
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(reads.ends(List.of(prefix + ".spec"))).hasSize(2));
    assertThat(provisioner.ensure(List.of(first)).none()).isTrue();
    TopicProvisioner.Changes changes = provisioner.ensure(List.of(second));
    assertThat(changes.grown()).containsExactly(prefix + ".spec");
    assertThat(changes.corrected()).containsExactly(prefix + ".spec");
    assertThat(provisioner.ensure(List.of(fewer)).none()).isTrue();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(reads.ends(List.of(prefix + ".spec"))).hasSize(4));

    provisioner.remove(List.of(prefix + ".spec"));
    provisioner.remove(List.of(prefix + ".spec"));
  }

  @Test
  void shouldSayRefusedWhenAnEventCanNeverBeTaken() {
    assertThatThrownBy(() -> publish(topic, "k", "x".repeat(200_000)))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .extracting(failure -> ((PublishFailure) failure).kind())
        .isEqualTo(PublishFailure.Kind.REFUSED);
    assertThatThrownBy(
            () -> publish(topic, "k", "x", new EventHeaders().add("ce_replayrun", "run-1")))
        .cause()
        .extracting(failure -> ((PublishFailure) failure).kind())
        .isEqualTo(PublishFailure.Kind.REFUSED);
  }

  @Test
  void shouldSayBusyAndSoonWhenATopicIsNotThere() {
    long start = System.nanoTime();
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> publish(prefix + ".nowhere", "k", "x"))
          .cause()
          .extracting(failure -> ((PublishFailure) failure).kind())
          .isEqualTo(PublishFailure.Kind.BUSY);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void shouldKnowWhetherTheBrokersAreThere() {
    try (KafkaProbe here = new KafkaProbe(config);
        KafkaProbe away = new KafkaProbe(KafkaConfig.of("127.0.0.1:1"))) {
      assertThat(here.ask(Duration.ofSeconds(10))).isInstanceOf(KafkaProbe.Answer.Up.class);
      assertThat(away.ask(Duration.ofSeconds(1))).isInstanceOf(KafkaProbe.Answer.Away.class);
    }
  }

  @Test
  void shouldListTheRejectedNewestFirstAndSendOneBackToItsOrigin() throws Exception {
    KafkaRejections rejections =
        new KafkaRejections(publisher, from -> rejected, Clock.systemUTC(), PATIENCE);
    for (int i = 0; i < 25; i++) {
      EventPublisher.Position at =
          publish(topic, "k" + i, "v" + i, new EventHeaders().add("ce_id", "e-" + i));
      LogRecord record = reads.one(new Partition(topic, at.partition()), at.offset()).orElseThrow();
      rejections.keep(record, "tester", "bad_value", "it is number " + i);
    }
    RejectedReader reader = new RejectedReader(reads, publisher);

    List<RejectedRecord> all = new ArrayList<>();
    String cursor = null;
    int pages = 0;
    do {
      RejectedReader.Page page = reader.page(rejected, 10, cursor);
      all.addAll(page.records());
      cursor = page.nextCursor();
      pages++;
    } while (cursor != null);

    assertThat(pages).isEqualTo(3);
    assertThat(all).hasSize(25);
    assertThat(all.getFirst().eventId()).isEqualTo("e-24");
    assertThat(all)
        .extracting(RejectedRecord::rejectedAt)
        .isSortedAccordingTo(Collections.reverseOrder());
    assertThat(reader.countSince(rejected, Instant.now().minusSeconds(3600))).isEqualTo(25);
    assertThat(reader.countSince(rejected, Instant.now().plusSeconds(3600))).isZero();
    assertThatThrownBy(() -> reader.page(rejected, 10, "1-2;drop")).isInstanceOf(Problem.class);

    RejectedRecord chosen = all.get(7);
    Redrive redrive = reader.redrive(rejected, chosen.id());
    assertThat(redrive).isInstanceOf(Redrive.Sent.class);
    EventPublisher.Position sent = ((Redrive.Sent) redrive).position();
    LogRecord again =
        reads.one(new Partition(topic, sent.partition()), sent.offset()).orElseThrow();
    assertThat(sent.topic()).isEqualTo(topic);
    assertThat(again.headers().text("ce_id")).isEqualTo(chosen.eventId());
    assertThat(again.headers().text(RejectedReader.REDRIVEN_FOR)).isEqualTo("tester");
    assertThat(again.headers().text("ce_rejectreason")).isNull();
    assertThat(reader.redrive(rejected, "0-999999")).isInstanceOf(Redrive.NotThere.class);
    assertThat(reader.redrive(rejected, "../x")).isInstanceOf(Redrive.NotThere.class);
  }

  @Test
  void shouldKeepThePlaceOfARejectedRecordWhenItsBytesAreTooMany() throws Exception {
    KafkaRejections rejections =
        new KafkaRejections(publisher, from -> rejected, Clock.systemUTC(), PATIENCE);
    RejectedReader reader = new RejectedReader(reads, publisher);

    rejections.keep(
        new LogRecord(new Partition(topic, 1), 17, 0, null, new byte[200_000], new EventHeaders()),
        "tester",
        "too_large",
        "larger than an event may be");
    rejections.keep(
        new LogRecord(new Partition(rejected, 0), 3, 0, null, new byte[10], new EventHeaders()),
        "tester",
        "bad_value",
        "it is among the rejected already");

    List<RejectedRecord> kept = reader.page(rejected, 10, null).records();
    assertThat(kept).hasSize(1);
    assertThat(kept.getFirst().originOffset()).isEqualTo(17);
    assertThat(reader.redrive(rejected, kept.getFirst().id())).isInstanceOf(Redrive.NotThere.class);
  }

  @Test
  void shouldApplyARedrivenRecordWhenItsCauseWasRemoved() throws Exception {
    List<String> applied = Collections.synchronizedList(new ArrayList<>());
    java.util.concurrent.atomic.AtomicBoolean broken =
        new java.util.concurrent.atomic.AtomicBoolean(true);
    try (ConsumerRuntime runtime =
        new ConsumerRuntime(
            new KafkaLogClients(config, registry),
            new KafkaRejections(publisher, from -> rejected, Clock.systemUTC(), PATIENCE),
            registry)) {
      var unused =
          runtime.start(
              ReaderSpec.of(
                      "redriven",
                      Topics.named(topic),
                      new org.pilothouse.platform.kafka.consume.Deduplicator(
                          "redriven",
                          BatchEffect.each(record -> {
                            if (broken.get()) {
                              throw new PoisonRecord(record, "unknown_unit", "not yet known");
                            }
                            applied.add(record.headers().text("ce_id"));
                          }),
                          org.pilothouse.platform.kafka.consume.Deduplicator.Past.of(reads),
                          1000,
                          Duration.ofMinutes(5),
                          Clock.systemUTC()))
                  .inGroup(prefix + ".redriven"));
      var sent =
          publish(
              topic, "k", "v", new EventHeaders().add("ce_id", "e-1").add("ce_source", "device"));
      RejectedReader reader = new RejectedReader(reads, publisher);
      await().atMost(PATIENCE).until(() -> reader.page(rejected, 5, null).records().size() == 1);

      broken.set(false);
      String id = reader.page(rejected, 5, null).records().getFirst().id();
      assertThat(reader.redrive(rejected, id)).isInstanceOf(Redrive.Sent.class);
      assertThat(reader.redrive(rejected, id)).isInstanceOf(Redrive.Sent.class);
      var end = publish(topic, "k", "v", new EventHeaders().add("ce_id", "end"));

      await().atMost(PATIENCE).until(() -> applied.contains("end"));
      assertThat(applied).containsExactly("e-1", "end");
      assertThat(end.offset()).isEqualTo(sent.offset() + 3);
    }
  }

  @Test
  void shouldShowWhatArrivesAndWhatTopicsAppearWhenItTails() throws Exception {
    var before = publish(topic, "k", "before");
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    try (TopicTail tail =
        new TopicTail(
            "it",
            config,
            name -> name.startsWith(prefix),
            record -> seen.add(new String(record.value(), UTF_8)),
            registry)) {
      tail.start();
      assertThat(tail.awaitStarted(PATIENCE)).isTrue();
      assertThat(tail.positions())
          .containsEntry(new Partition(topic, before.partition()), before.offset() + 1);
      var live = publish(topic, "k", "live");
      await().atMost(PATIENCE).until(() -> seen.contains("live"));

      var created = provisioner.ensure(List.of(TopicSpec.keepingAll(prefix + ".later", 1)));
      var later = publish(prefix + ".later", "k", "later");
      await().atMost(PATIENCE).until(() -> seen.contains("later"));

      assertThat(seen).containsExactly("live", "later");
      assertThat(created.created()).hasSize(1);
      LogReads.Stretch missed =
          reads.read(
              Map.of(new Partition(topic, before.partition()), before.offset()), 100, PATIENCE);
      assertThat(missed.records())
          .extracting(record -> new String(record.value(), UTF_8))
          .containsExactly("before", "live");
      assertThat(missed.complete()).isTrue();
      assertThat(missed.next())
          .containsEntry(new Partition(topic, live.partition()), live.offset() + 1);
      assertThat(later.offset()).isZero();
      provisioner.remove(List.of(prefix + ".later"));
    }
  }

  @Test
  void shouldStopAtTheLimitAndGoOnThereWhenAStretchIsLong() throws Exception {
    for (int i = 0; i < 30; i++) {
      var unused = publish(topic, "k" + i, "v" + i);
    }
    Map<Partition, Long> from = reads.beginnings(List.of(topic));
    List<LogRecord> all = new ArrayList<>();
    LogReads.Stretch stretch;
    do {
      stretch = reads.read(from, 7, PATIENCE);
      assertThat(stretch.records().size()).isLessThanOrEqualTo(7);
      all.addAll(stretch.records());
      from = stretch.next();
    } while (!stretch.complete());

    assertThat(all).hasSize(30);
    assertThat(all.stream().map(record -> record.partition() + ":" + record.offset()))
        .doesNotHaveDuplicates();
  }

  @Test
  void shouldCarryAnOutboxMessageWithItsIdAsTheEventsId() throws Exception {
    OutboxMessage message =
        new OutboxMessage(
            UUID.randomUUID(),
            "device:a/b",
            Destination.KAFKA,
            topic,
            "b",
            Map.of("ce_type", "device.registered"),
            "{}".getBytes(UTF_8),
            Instant.EPOCH);

    var unused =
        new KafkaOutboxSink(publisher)
            .send(message)
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);

    LogReads.Stretch stretch = reads.read(reads.beginnings(List.of(topic)), 10, PATIENCE);
    assertThat(stretch.records()).hasSize(1);
    assertThat(stretch.records().getFirst().headers().text("ce_id"))
        .isEqualTo(message.id().toString());
  }
}
