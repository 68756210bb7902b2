package org.pilothouse.ingest.internal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
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
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.mqtt.MqttConfig;
import org.pilothouse.platform.mqtt.MqttMessage;
import org.pilothouse.platform.mqtt.MqttSession;

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

  private static final String FILTER = "pilothouse/+/+/telemetry";
  private static final String ROLE = "bridge";
  private static final long RETRY_MILLIS = 1_000;

  private final MqttSession session;
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
    this.session = new MqttSession(config, ROLE, config.inFlight(), metrics);
  }

  /** Connects in the background and keeps trying; what the broker kept comes first. */
  public void start() {
    session.open(new MqttSession.Subscription(FILTER, executor, this::take));
  }

  /** Whether the broker is reached at the moment. */
  public boolean isConnected() {
    return session.isConnected();
  }

  private void take(MqttMessage message) {
    inFlight.incrementAndGet();
    attempt(message);
  }

  private void attempt(MqttMessage message) {
    byte[] payload = message.payload();
    Optional<Origin> found;
    try {
      found = origin(message.levels());
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
      MqttMessage message,
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
      MqttMessage message, Origin origin, byte[] payload, String code, String detail) {
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

  private void again(MqttMessage message) {
    retried.increment();
    if (!closed) {
      executor.schedule(() -> attempt(message), RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void done(MqttMessage message) {
    inFlight.decrementAndGet();
    message.acknowledge();
  }

  @Override
  public void close() {
    closed = true;
    session.close();
    executor.shutdownNow();
  }
}
