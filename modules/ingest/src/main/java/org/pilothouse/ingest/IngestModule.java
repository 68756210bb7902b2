package org.pilothouse.ingest;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.ingest.internal.BodyMemory;
import org.pilothouse.ingest.internal.EventCountStore;
import org.pilothouse.ingest.internal.EventCounts;
import org.pilothouse.ingest.internal.LiveFeeds;
import org.pilothouse.ingest.internal.MqttBridge;
import org.pilothouse.ingest.internal.MqttDeadLetters;
import org.pilothouse.ingest.internal.Origin;
import org.pilothouse.ingest.internal.TelemetryIngest;
import org.pilothouse.ingest.rest.OverviewResource;
import org.pilothouse.ingest.rest.RejectedResource;
import org.pilothouse.ingest.rest.StreamResource;
import org.pilothouse.ingest.rest.TelemetryResource;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.pilots.DeviceDirectory;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.pilothouse.platform.kafka.consume.BatchEffect;
import org.pilothouse.platform.kafka.consume.ConsumerRuntime;
import org.pilothouse.platform.kafka.consume.Deduplicator;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.kafka.consume.ReaderSpec;
import org.pilothouse.platform.kafka.consume.Topics;
import org.pilothouse.platform.mqtt.MqttConfig;
import org.pilothouse.platform.postgres.Database;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The room, put together; composition makes one and hands out its services to its resources. */
public final class IngestModule implements AutoCloseable {
  /** The schemas to migrate before this is made. */
  public static final List<String> SCHEMAS = List.of("ingest");

  /** The resources that stand under {@code /api/v1}. */
  public static final Set<Class<?>> RESOURCES =
      Set.of(
          TelemetryResource.class,
          StreamResource.class,
          OverviewResource.class,
          RejectedResource.class);

  private static final Logger LOG = LoggerFactory.getLogger(IngestModule.class);
  private static final String COUNTS = "event-counts";
  private static final Duration COUNTS_GATHER = Duration.ofMillis(500);
  private static final long BODIES = 128L * 1024 * 1024;
  private static final Duration SLOWEST_BODY = Duration.ofSeconds(60);
  private static final int REMEMBERED_EVENTS = 100_000;
  private static final Duration REMEMBERED_FOR = Duration.ofMinutes(30);

  private final TelemetryIngest telemetry;
  private final BodyMemory memory;
  private final LiveFeeds feeds;
  private final EventCountStore counts;
  private final @Nullable MqttBridge bridge;
  private final ScheduledExecutorService pruning =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("ingest-prune").daemon(true).factory());

  /**
   * What the room needs of others.
   *
   * @param stream whether this node reads the backbone
   * @param mqtt where the broker is; empty where this node carries no MQTT
   */
  public record Needs(
      KafkaConfig kafka,
      EventPublisher publisher,
      LogReads reads,
      ConsumerRuntime readers,
      Database database,
      DeviceDirectory devices,
      EventIds ids,
      Clock clock,
      MeterRegistry metrics,
      boolean stream,
      Optional<MqttConfig> mqtt) {}

  public IngestModule(Needs needs) {
    this.telemetry = new TelemetryIngest(needs.publisher(), TopicKind.TELEMETRY::of, needs.clock());
    this.memory = new BodyMemory(BODIES, SLOWEST_BODY, System::nanoTime);
    Gauge.builder("pilothouse.ingest.body.memory.used", memory, BodyMemory::used)
        .description("Share of the memory for request bodies that is in use")
        .register(needs.metrics());
    this.feeds = new LiveFeeds(needs.kafka(), needs.reads(), needs.metrics(), System::nanoTime);
    this.counts = new EventCountStore(needs.database());
    if (needs.stream()) {
      startCounting(needs);
    }
    this.bridge = needs.mqtt().map(config -> startBridge(config, needs)).orElse(null);
  }

  private void startCounting(Needs needs) {
    BatchEffect effect =
        new Deduplicator(
            COUNTS,
            new EventCounts(counts),
            Deduplicator.Past.of(needs.reads()),
            REMEMBERED_EVENTS,
            REMEMBERED_FOR,
            needs.clock());
    var unused =
        needs
            .readers()
            .start(
                ReaderSpec.of(
                        COUNTS,
                        Topics.matching(
                            TopicKind.TELEMETRY.pattern() + "|" + TopicKind.REJECTED.pattern()),
                        effect)
                    .storingOffsetsIn(counts)
                    .bounded(
                        new ReaderSpec.Bounds(
                            2, 5_000, 8L * 1024 * 1024, 20_000, 32L * 1024 * 1024))
                    .timed(ReaderSpec.Times.gathering(COUNTS_GATHER)));
    var scheduled =
        pruning.scheduleWithFixedDelay(() -> prune(needs.clock()), 1, 60, TimeUnit.MINUTES);
  }

  private void prune(Clock clock) {
    try {
      int removed = counts.prune(clock.instant());
      LOG.debug("pruned rows={}", removed);
    } catch (RuntimeException e) {
      LOG.warn("old counts stay until the next hour: {}", e.getMessage());
    }
  }

  private MqttBridge startBridge(MqttConfig config, Needs needs) {
    MqttBridge started =
        new MqttBridge(
            config,
            telemetry,
            (pilot, device) ->
                needs
                    .devices()
                    .find(pilot, new DeviceId(device))
                    .map(known -> Origin.device(pilot, known.id().value(), known.twins())),
            new MqttDeadLetters(needs.publisher(), needs.ids(), needs.clock()),
            needs.metrics());
    started.start();
    return started;
  }

  public TelemetryIngest telemetry() {
    return telemetry;
  }

  public BodyMemory memory() {
    return memory;
  }

  public LiveFeeds feeds() {
    return feeds;
  }

  public EventCountStore counts() {
    return counts;
  }

  /** Whether the MQTT broker is reached; empty where this node carries no MQTT. */
  public Optional<Boolean> mqttConnected() {
    return Optional.ofNullable(bridge).map(MqttBridge::isConnected);
  }

  /** Takes nothing more from the broker and lets watchers go. */
  @Override
  public void close() {
    pruning.shutdownNow();
    feeds.close();
    if (bridge != null) {
      bridge.close();
    }
  }
}
