package org.pilothouse.ingest.internal;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ingest.IngestResult;
import org.pilothouse.ingest.MqttConfig;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what devices publish by MQTT to the backbone. The broker keeps a message until it is
 * acknowledged here, and that is done when the backbone has it: a crash on either side repeats
 * messages, and a repeat is the same event.
 *
 * <p>The broker has authenticated the device and holds it to its own topic, so the topic says who
 * it was.
 */
public final class MqttBridge implements AutoCloseable {
  /** What becomes of a message that can never be taken. */
  public interface DeadLetters {
    CompletionStage<?> reject(Origin origin, byte[] payload, String code, String detail);
  }

  /** The origin of a device's events, empty when there is no such device any more. */
  public interface Devices {
    Optional<Origin> find(PilotId pilot, String device);
  }

  private static final Logger LOG = LoggerFactory.getLogger(MqttBridge.class);
  // Not shared: the broker forgets what a shared subscription had in flight when it is killed.
  private static final String FILTER = "pilothouse/+/+/telemetry";
  private static final long SESSION_SECONDS = 7L * 24 * 3_600;
  private static final long TAKEN_OVER_SECONDS = 30;
  private static final long RETRY_MILLIS = 1_000;

  private final Mqtt5AsyncClient client;
  private final int inFlightBound;
  private final TelemetryIngest ingest;
  private final Devices devices;
  private final DeadLetters deadLetters;
  private final ScheduledExecutorService executor;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Counter taken;
  private final Counter refused;
  private final Counter retried;
  private volatile boolean closed;

  public MqttBridge(
      MqttConfig config,
      TelemetryIngest ingest,
      Devices devices,
      DeadLetters deadLetters,
      MeterRegistry metrics) {
    this.inFlightBound = config.inFlight();
    this.ingest = ingest;
    this.devices = devices;
    this.deadLetters = deadLetters;
    this.executor =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("mqtt-bridge").daemon(true).factory());
    this.taken = metrics.counter("pilothouse.mqtt.messages", "outcome", "taken");
    this.refused = metrics.counter("pilothouse.mqtt.messages", "outcome", "refused");
    this.retried = metrics.counter("pilothouse.mqtt.messages", "outcome", "retried");
    Gauge.builder("pilothouse.mqtt.in.flight", inFlight, AtomicInteger::get).register(metrics);
    this.client =
        MqttClient.builder()
            .useMqttVersion5()
            .identifier("pilothouse-bridge-0")
            .serverHost(config.host())
            .serverPort(config.port())
            .automaticReconnect()
            .initialDelay(500, TimeUnit.MILLISECONDS)
            .maxDelay(5, TimeUnit.SECONDS)
            .applyAutomaticReconnect()
            .simpleAuth()
            .username(config.user())
            .password(config.password().getBytes(StandardCharsets.UTF_8))
            .applySimpleAuth()
            .addConnectedListener(connected -> subscribe())
            .addDisconnectedListener(gone -> {
              if (!closed) {
                LOG.warn("mqtt broker away: {}", gone.getCause().getMessage());
              }
            })
            .buildAsync();
  }

  /** Connects in the background and keeps trying; what the broker kept comes first. */
  public void start() {
    client.publishes(MqttGlobalPublishFilter.ALL, this::take, executor, true);
    client
        .connectWith()
        .cleanStart(false)
        .sessionExpiryInterval(SESSION_SECONDS)
        .keepAlive(20)
        .restrictions()
        .receiveMaximum(inFlightBound)
        .applyRestrictions()
        .send()
        .whenComplete((connected, failure) -> {
          if (failure != null && !closed) {
            LOG.warn("mqtt bridge cannot connect yet: {}", failure.getMessage());
          }
        });
  }

  /** Whether the broker is reached at the moment. */
  public boolean isConnected() {
    return client.getState().isConnected();
  }

  private void subscribe() {
    LOG.info("mqtt bridge connected");
    client
        .subscribeWith()
        .topicFilter(FILTER)
        .qos(MqttQos.AT_LEAST_ONCE)
        .send()
        .whenComplete((done, failure) -> {
          if (failure != null && !closed) {
            LOG.error("mqtt bridge cannot subscribe: {}", failure.getMessage());
          }
        });
  }

  private void take(Mqtt5Publish message) {
    inFlight.incrementAndGet();
    attempt(message);
  }

  private void attempt(Mqtt5Publish message) {
    byte[] payload = message.getPayloadAsBytes();
    Optional<Origin> found;
    try {
      found = origin(message.getTopic().getLevels());
    } catch (Problem storeAway) {
      again(message);
      return;
    }
    if (found.isEmpty()) {
      // Removed after it had published: nobody is left whose event it could be.
      refused.increment();
      done(message);
      return;
    }
    Origin origin = found.get();
    try {
      ingest
          .message(origin, payload)
          .whenComplete((result, failure) -> settle(message, origin, payload, result, failure));
    } catch (Problem unreadable) {
      settle(message, origin, payload, null, unreadable);
    }
  }

  private Optional<Origin> origin(List<String> levels) {
    return levels.size() == 4 && Names.isId(levels.get(1)) && Names.isId(levels.get(2))
        ? devices.find(new PilotId(levels.get(1)), levels.get(2))
        : Optional.empty();
  }

  private void settle(
      Mqtt5Publish message,
      Origin origin,
      byte[] payload,
      @Nullable IngestResult result,
      @Nullable Throwable failure) {
    if (result != null && result.rejectedTotal() == 0) {
      taken.increment();
      done(message);
    } else if (result != null) {
      IngestResult.Rejection first = result.rejected().get(0);
      bury(
          message,
          origin,
          payload,
          first.code(),
          first.detail()
              + " ("
              + result.rejectedTotal()
              + " refused, "
              + result.accepted()
              + " taken)");
    } else if (origin != null
        && cause(failure) instanceof Problem problem
        && isFinal(problem.code())) {
      bury(message, origin, payload, problem.code().code(), problem.detail());
    } else {
      again(message);
    }
  }

  /** What is wrong with the message itself does not get better with time. */
  private static boolean isFinal(ProblemCode code) {
    return code.status() < 429;
  }

  private static @Nullable Throwable cause(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private void bury(
      Mqtt5Publish message, Origin origin, byte[] payload, String code, String detail) {
    refused.increment();
    deadLetters
        .reject(origin, payload, code, detail)
        .whenComplete((buried, failure) -> {
          if (failure == null) {
            done(message);
          } else {
            again(message);
          }
        });
  }

  private void again(Mqtt5Publish message) {
    retried.increment();
    if (!closed) {
      executor.schedule(() -> attempt(message), RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void done(Mqtt5Publish message) {
    inFlight.decrementAndGet();
    try {
      message.acknowledge();
    } catch (IllegalStateException e) {
      // The connection it came over is gone: the broker will send it again.
      LOG.debug("acknowledged too late", e);
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      client.disconnect().get(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      LOG.debug("the broker was away already", e);
    }
    executor.shutdownNow();
  }
}
