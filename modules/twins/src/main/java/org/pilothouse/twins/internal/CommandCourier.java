package org.pilothouse.twins.internal;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.mqtt.MqttSession;
import org.pilothouse.platform.mqtt.MqttSession.Delivery;
import org.pilothouse.twins.Command;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings commands to devices by MQTT. What is to be brought stands in the store, so that nothing is
 * forgotten when this process or the broker dies: a command may come twice, and devices know it by
 * its id.
 */
final class CommandCourier implements AutoCloseable {
  /** Commands that wait for the broker's acknowledgement. */
  static final int MOST_UNDER_WAY = MqttSession.MOST_PUBLISHING;

  private static final Logger LOG = LoggerFactory.getLogger(CommandCourier.class);
  private static final Duration ROUND = Duration.ofMillis(500);
  private static final int AT_ONCE = 100;

  /** Hands to the broker. */
  interface Post {
    boolean isConnected();

    CompletionStage<Delivery> publish(String topic, byte[] payload, Duration expiry);
  }

  /** Where commands are. */
  interface Store {
    List<Commands.Addressed> due(int most);

    void delivered(PilotId pilot, String id);
  }

  private final Store store;
  private final Post post;
  private final Clock clock;
  private final ScheduledExecutorService executor =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().name("command-courier").daemon(true).factory());
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final Counter brought;
  private final Counter unheard;

  CommandCourier(Store store, Post post, Clock clock, MeterRegistry metrics) {
    this.store = store;
    this.post = post;
    this.clock = clock;
    this.brought = metrics.counter("pilothouse.commands.sent", "outcome", "delivered");
    this.unheard = metrics.counter("pilothouse.commands.sent", "outcome", "unheard");
  }

  void start() {
    var scheduled =
        executor.scheduleWithFixedDelay(
            this::round, ROUND.toMillis(), ROUND.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Looks at once for what is to be brought. */
  void wake() {
    if (woken.compareAndSet(false, true)) {
      later(this::round);
    }
  }

  private void later(Runnable work) {
    try {
      executor.execute(work);
    } catch (RejectedExecutionException closing) {
      LOG.debug("the courier has gone", closing);
    }
  }

  void round() {
    woken.set(false);
    int room = Math.min(AT_ONCE, MOST_UNDER_WAY - underWay.size());
    if (room <= 0 || !post.isConnected()) {
      return;
    }
    try {
      List<Commands.Addressed> due = store.due(room);
      due.forEach(this::bring);
      if (due.size() == AT_ONCE) {
        wake();
      }
    } catch (RuntimeException e) {
      LOG.warn("commands wait for the store: {}", e.getMessage());
    }
  }

  private void bring(Commands.Addressed addressed) {
    Command command = addressed.command();
    // Due again while the broker still thinks about it: once is enough.
    if (!underWay.add(command.id())) {
      return;
    }
    CompletionStage<Delivery> published;
    try {
      published =
          post.publish(
              "pilothouse/" + addressed.pilot() + "/" + command.device() + "/commands",
              message(command),
              Duration.between(clock.instant(), command.expiresAt()));
    } catch (RuntimeException e) {
      underWay.remove(command.id());
      throw e;
    }
    var settled = published.whenComplete((delivery, failure) -> settle(addressed, delivery));
  }

  private static byte[] message(Command command) {
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    message.put("id", command.id());
    message.put("command_id", command.id());
    message.put("twin", command.twin().value());
    message.put("name", command.name());
    message.set("input", command.input().orElse(JsonNodeFactory.instance.nullNode()));
    message.put("expires_at", command.expiresAt().toString());
    return Twins.text(message).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @param delivery null when the broker did not answer in time, or not at all
   */
  private void settle(Commands.Addressed addressed, @Nullable Delivery delivery) {
    if (delivery != Delivery.HANDED_OVER) {
      unheard.increment();
      underWay.remove(addressed.command().id());
      return;
    }
    brought.increment();
    later(() -> markDelivered(addressed));
  }

  private void markDelivered(Commands.Addressed addressed) {
    try {
      store.delivered(addressed.pilot(), addressed.command().id());
    } catch (RuntimeException e) {
      // It stays pending and goes out again, which devices must bear.
      LOG.warn("a delivery was not noted: {}", e.getMessage());
    } finally {
      underWay.remove(addressed.command().id());
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
