package org.pilothouse.platform.kafka;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.PublishFailure.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes with an idempotent producer, {@code acks=all}. Turns events away rather than waiting
 * once its share of memory is full or the brokers have been silent for too long, so that a slow
 * backbone never holds the threads of those who publish.
 */
public final class KafkaEventPublisher implements EventPublisher {
  /** Which events may pass: replayed ones must never be taken for live ones. */
  public enum Purpose {
    LIVE,
    REPLAY
  }

  private static final Logger LOG = LoggerFactory.getLogger(KafkaEventPublisher.class);

  /** The rest is the producer's own room for batches that are not full. */
  private static final double ADMITTED_SHARE = 0.7;

  private static final int EVENT_OVERHEAD_BYTES = 64;
  private static final int MOST_BLOCKED_TOPICS = 10_000;
  private static final long BLOCKED_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaClientMetrics clientMetrics;
  private final Purpose purpose;
  private final Clock clock;
  private final int maxEventBytes;
  private final long limitBytes;
  private final long stallNanos;
  private final AtomicLong inFlightBytes = new AtomicLong();
  private final AtomicLong inFlightEvents = new AtomicLong();
  private volatile long progressAt = System.nanoTime();
  private final Map<String, Long> blockedTopics = new ConcurrentHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Counter acknowledged;
  private final Map<Kind, Counter> failures = new HashMap<>();

  public KafkaEventPublisher(
      String name, KafkaConfig config, Purpose purpose, Clock clock, MeterRegistry registry) {
    this.purpose = purpose;
    this.clock = clock;
    this.maxEventBytes = config.maxEventBytes();
    this.limitBytes = (long) (config.bufferBytes() * ADMITTED_SHARE);
    this.stallNanos = config.stallLimit().toNanos();
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "pilothouse-" + name);
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 5);
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, config.linger().toMillis());
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, config.batchBytes());
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, config.bufferBytes());
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 1024 * 1024);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, config.maxBlock().toMillis());
    settings.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) config.requestTimeout().toMillis());
    settings.put(
        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) config.deliveryTimeout().toMillis());
    settings.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
    settings.put(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 500);
    settings.put(ProducerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG, 5000);
    settings.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, config.metadataMaxAge().toMillis());
    settings.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    this.producer =
        KafkaClients.create(() ->
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()));
    this.clientMetrics = new KafkaClientMetrics(producer);
    clientMetrics.bindTo(registry);
    Gauge.builder("pilothouse.backbone.inflight.bytes", inFlightBytes, AtomicLong::get)
        .baseUnit("bytes")
        .tag("publisher", name)
        .description("Events sent or waiting, not yet acknowledged")
        .register(registry);
    Gauge.builder("pilothouse.backbone.pushing.back", this, p -> p.pushingBack() ? 1 : 0)
        .tag("publisher", name)
        .description("1 while new events are turned away")
        .register(registry);
    this.acknowledged =
        Counter.builder("pilothouse.backbone.published")
            .tag("publisher", name)
            .description("Events that the brokers acknowledged")
            .register(registry);
    for (Kind kind : Kind.values()) {
      failures.put(
          kind,
          Counter.builder("pilothouse.backbone.failed")
              .tag("publisher", name)
              .tag("kind", kind.name().toLowerCase(java.util.Locale.ROOT))
              .description("Events that were not acknowledged")
              .register(registry));
    }
  }

  @Override
  public void publish(
      String topic,
      byte @Nullable [] key,
      byte @Nullable [] value,
      EventHeaders headers,
      PublishCallback callback) {
    int bytes = (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
    bytes += headers.bytes() + EVENT_OVERHEAD_BYTES;
    @Nullable PublishFailure refusal = refusal(topic, bytes, headers);
    if (refusal != null) {
      fail(callback, refusal);
      return;
    }
    inFlightBytes.addAndGet(bytes);
    if (inFlightEvents.get() == 0) {
      // Before the count: nobody may see something in flight since the last time of traffic.
      progressAt = System.nanoTime();
    }
    long unused = inFlightEvents.incrementAndGet();
    Pending pending = new Pending(topic, bytes, callback);
    try {
      // Brokers refuse what comes from more than an hour ahead: the time is not left to the client.
      producer.send(
          new ProducerRecord<>(topic, null, clock.millis(), key, value, headers.kafka()), pending);
    } catch (KafkaException | IllegalStateException | IllegalArgumentException e) {
      pending.fail(e);
    } finally {
      pending.sender = null;
    }
  }

  private @Nullable PublishFailure refusal(String topic, int bytes, EventHeaders headers) {
    if (bytes > maxEventBytes) {
      return new PublishFailure(
          Kind.REFUSED,
          "the event takes " + bytes + " bytes, more than the " + maxEventBytes + " allowed",
          null);
    }
    if (headers.has(REPLAY_RUN_HEADER) != (purpose == Purpose.REPLAY)) {
      return new PublishFailure(
          Kind.REFUSED,
          purpose == Purpose.LIVE
              ? "a replayed event may not be published to a live topic"
              : "an event without its run may not be published to a replay topic",
          null);
    }
    if (pushingBack()) {
      return new PublishFailure(Kind.BUSY, "the backbone takes no more at the moment", null);
    }
    if (!blockedTopics.isEmpty()) {
      Long until = blockedTopics.get(topic);
      if (until != null) {
        if (until - System.nanoTime() > 0) {
          return new PublishFailure(
              Kind.BUSY, "the backbone does not know " + topic + " yet", null);
        }
        blockedTopics.remove(topic);
      }
    }
    return null;
  }

  private void fail(PublishCallback callback, PublishFailure failure) {
    Counter counter = failures.get(failure.kind());
    if (counter != null) {
      counter.increment();
    }
    callback.failed(failure);
  }

  @Override
  public boolean pushingBack() {
    return inFlightBytes.get() >= limitBytes || stalledNanos() >= stallNanos;
  }

  private long stalledNanos() {
    return inFlightEvents.get() == 0 ? 0 : Math.max(0, System.nanoTime() - progressAt);
  }

  @Override
  public Pressure pressure() {
    return new Pressure(
        inFlightBytes.get(),
        limitBytes,
        inFlightEvents.get(),
        Duration.ofNanos(stalledNanos()),
        pushingBack());
  }

  @Override
  public void warm(Collection<String> topics) {
    for (String topic : topics) {
      try {
        var unused = producer.partitionsFor(topic);
      } catch (KafkaException e) {
        LOG.atDebug().addKeyValue("topic", topic).setCause(e).log("no metadata yet");
      }
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      producer.close(CLOSE_TIMEOUT);
      clientMetrics.close();
    }
  }

  private final class Pending implements Callback {
    private final String topic;
    private final int bytes;
    private final PublishCallback callback;
    private final AtomicBoolean told = new AtomicBoolean();

    /**
     * The thread that is inside {@code send}. A failure heard on it was met before anything was
     * sent; any other thread can only see null or a thread that it is not.
     */
    private @Nullable Thread sender = Thread.currentThread();

    Pending(String topic, int bytes, PublishCallback callback) {
      this.topic = topic;
      this.bytes = bytes;
      this.callback = callback;
    }

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception exception) {
      if (exception == null && metadata != null) {
        if (settle()) {
          progressAt = System.nanoTime();
          acknowledged.increment();
          callback.acknowledged(metadata.partition(), metadata.offset());
        }
      } else {
        fail(exception == null ? new KafkaException("no metadata") : exception);
      }
    }

    void fail(Exception exception) {
      if (settle()) {
        KafkaEventPublisher.this.fail(
            callback, failure(exception, Thread.currentThread() == sender));
      }
    }

    private boolean settle() {
      if (!told.compareAndSet(false, true)) {
        return false;
      }
      inFlightBytes.addAndGet(-bytes);
      inFlightEvents.decrementAndGet();
      return true;
    }

    private PublishFailure failure(Exception exception, boolean beforeSending) {
      if (exception instanceof RetriableException && beforeSending) {
        if (!(exception instanceof BufferExhaustedException)
            && blockedTopics.size() < MOST_BLOCKED_TOPICS) {
          blockedTopics.put(topic, System.nanoTime() + BLOCKED_NANOS);
        }
        return new PublishFailure(
            Kind.BUSY, "the backbone does not answer for " + topic, exception);
      }
      if (exception instanceof RetriableException || !(exception instanceof ApiException)) {
        return new PublishFailure(
            beforeSending ? Kind.BUSY : Kind.UNCERTAIN,
            "the brokers did not acknowledge in time",
            exception);
      }
      return new PublishFailure(
          Kind.REFUSED, "the brokers refuse it: " + exception.getMessage(), exception);
    }
  }
}
