package org.pilothouse.platform.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session at the broker (MQTT 5, section 4.1) that outlives its connections: the broker keeps
 * what comes for it for a week, and it connects again by itself. A node has one of each role; its
 * id is {@code pilothouse-<role>-<node>}.
 *
 * <p>Not shared with other nodes: the broker forgets what a shared subscription had in flight when
 * it is killed.
 */
public final class MqttSession implements AutoCloseable {
  /** Publishes that may wait for their acknowledgement at the same time. */
  public static final int MOST_PUBLISHING = 256;

  /** What became of a publish that the broker answered. */
  public enum Delivery {
    /** It lies in the session of somebody who is subscribed. */
    HANDED_OVER,
    /** Nobody is subscribed to the topic; it is gone. */
    NOBODY
  }

  /**
   * @param filter a topic filter, subscribed to with QoS 1 on each connection
   * @param executor where the taker runs; it must not lose what it is given
   * @param taker acknowledges each message itself; until then it counts as in flight
   */
  public record Subscription(String filter, Executor executor, Consumer<MqttMessage> taker) {}

  private static final Logger LOG = LoggerFactory.getLogger(MqttSession.class);
  private static final long SESSION_SECONDS = 7L * 24 * 3_600;
  private static final int KEEP_ALIVE_SECONDS = 20;
  private static final Duration FIRST_RECONNECT = Duration.ofMillis(500);
  private static final Duration SLOWEST_RECONNECT = Duration.ofSeconds(5);
  private static final Duration PUBLISHING = Duration.ofSeconds(10);
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final String id;
  private final int receiveMaximum;
  private final Duration publishTimeout;
  private final Mqtt5AsyncClient client;
  private final Semaphore publishing = new Semaphore(MOST_PUBLISHING);
  private final Counter connections;
  private final Counter handedOver;
  private final Counter unheard;
  private final Counter failed;
  private final Counter dropped;
  private volatile @Nullable Subscription subscription;
  private volatile boolean closed;

  /**
   * @param role what the session is for; part of its id
   * @param receiveMaximum messages taken and not yet acknowledged, at most; 1 to 65535
   */
  public MqttSession(MqttConfig config, String role, int receiveMaximum, MeterRegistry metrics) {
    this(config, role, receiveMaximum, PUBLISHING, metrics);
  }

  /**
   * @param publishTimeout from a publish to the broker's acknowledgement
   */
  MqttSession(
      MqttConfig config,
      String role,
      int receiveMaximum,
      Duration publishTimeout,
      MeterRegistry metrics) {
    this.id = "pilothouse-" + role + "-" + config.node();
    this.receiveMaximum = receiveMaximum;
    this.publishTimeout = publishTimeout;
    this.connections = metrics.counter("pilothouse.mqtt.connections", "session", role);
    this.handedOver = publishes(metrics, role, "handed_over");
    this.unheard = publishes(metrics, role, "nobody");
    this.failed = publishes(metrics, role, "failed");
    this.dropped = metrics.counter("pilothouse.mqtt.takers.failed", "session", role);
    this.client =
        MqttClient.builder()
            .useMqttVersion5()
            .identifier(id)
            .serverHost(config.host())
            .serverPort(config.port())
            .automaticReconnect()
            .initialDelay(FIRST_RECONNECT.toMillis(), TimeUnit.MILLISECONDS)
            .maxDelay(SLOWEST_RECONNECT.toMillis(), TimeUnit.MILLISECONDS)
            .applyAutomaticReconnect()
            .simpleAuth()
            .username(config.user())
            .password(config.password().getBytes(StandardCharsets.UTF_8))
            .applySimpleAuth()
            .addConnectedListener(connected -> connected())
            .addDisconnectedListener(gone -> {
              if (!closed) {
                LOG.warn("mqtt broker away session={}: {}", id, gone.getCause().getMessage());
              }
            })
            .buildAsync();
    Gauge.builder("pilothouse.mqtt.connected", client, c -> c.getState().isConnected() ? 1 : 0)
        .tag("session", role)
        .register(metrics);
    Gauge.builder(
            "pilothouse.mqtt.publishing", publishing, p -> MOST_PUBLISHING - p.availablePermits())
        .description("Publishes that wait for the broker's acknowledgement")
        .tag("session", role)
        .register(metrics);
  }

  private static Counter publishes(MeterRegistry metrics, String role, String outcome) {
    return metrics.counter("pilothouse.mqtt.publishes", "session", role, "outcome", outcome);
  }

  /**
   * Connects in the background and keeps trying; what the broker kept comes first. To be called
   * once.
   */
  public void open(Subscription wanted) {
    subscription = wanted;
    client.publishes(
        MqttGlobalPublishFilter.ALL,
        message -> hand(wanted.taker(), message),
        wanted.executor(),
        true);
    client
        .connectWith()
        .cleanStart(false)
        .sessionExpiryInterval(SESSION_SECONDS)
        .keepAlive(KEEP_ALIVE_SECONDS)
        .restrictions()
        .receiveMaximum(receiveMaximum)
        .applyRestrictions()
        .send()
        .whenComplete((connected, failure) -> {
          if (failure != null && !closed) {
            LOG.warn("mqtt session={} cannot connect yet: {}", id, failure.getMessage());
          }
        });
  }

  private void connected() {
    LOG.info("mqtt session={} connected", id);
    connections.increment();
    Subscription wanted = subscription;
    if (wanted == null) {
      return;
    }
    client
        .subscribeWith()
        .topicFilter(wanted.filter())
        .qos(MqttQos.AT_LEAST_ONCE)
        .send()
        .whenComplete((done, failure) -> {
          if (failure != null && !closed) {
            LOG.error("mqtt session={} cannot subscribe: {}", id, failure.getMessage());
          }
        });
  }

  private void hand(Consumer<MqttMessage> taker, Mqtt5Publish message) {
    try {
      taker.accept(
          new MqttMessage(
              message.getTopic().getLevels(),
              message.getPayloadAsBytes(),
              () -> acknowledge(message)));
    } catch (RuntimeException e) {
      // An exception would end the client's stream for good. The message stays unacknowledged: the
      // next connection brings it again.
      dropped.increment();
      LOG.error("a message was not taken session={}", id, e);
    }
  }

  private static void acknowledge(Mqtt5Publish message) {
    try {
      message.acknowledge();
    } catch (IllegalStateException e) {
      // Acknowledged before, or the connection it came over is gone: the broker sends it again.
      LOG.debug("acknowledged too late", e);
    }
  }

  /** Whether the broker is reached at the moment. */
  public boolean isConnected() {
    return client.getState().isConnected();
  }

  /**
   * Publishes with QoS 1. A publish counts against {@link #MOST_PUBLISHING} until the client has
   * done with it, also after its time is up: whoever tries again cannot pile up messages here.
   *
   * @param expiry after which the broker throws it away; whole seconds, at least one
   * @return fails with {@link MqttUnavailable} when the broker is away, too much waits for it, or
   *     it does not answer in time
   */
  public CompletionStage<Delivery> publish(String topic, byte[] payload, Duration expiry) {
    if (closed || !isConnected()) {
      return refused("the MQTT broker is away");
    }
    if (!publishing.tryAcquire()) {
      return refused(MOST_PUBLISHING + " messages wait for the MQTT broker already");
    }
    CompletableFuture<Delivery> answer = new CompletableFuture<>();
    CompletableFuture<Mqtt5PublishResult> sent;
    try {
      sent =
          client
              .publishWith()
              .topic(topic)
              .qos(MqttQos.AT_LEAST_ONCE)
              .messageExpiryInterval(Math.max(1, expiry.toSeconds()))
              .payload(payload)
              .send();
    } catch (RuntimeException e) {
      publishing.release();
      throw e;
    }
    var settled =
        sent.whenComplete((result, failure) -> {
          publishing.release();
          settle(answer, result, failure);
        });
    answer.orTimeout(publishTimeout.toMillis(), TimeUnit.MILLISECONDS);
    return answer.handle((delivery, failure) -> {
      if (delivery == null) {
        failed.increment();
        throw failure instanceof MqttUnavailable known
            ? known
            : MqttUnavailable.unanswered("the MQTT broker did not answer in time", failure);
      }
      (delivery == Delivery.HANDED_OVER ? handedOver : unheard).increment();
      return delivery;
    });
  }

  private CompletionStage<Delivery> refused(String why) {
    failed.increment();
    return CompletableFuture.failedFuture(MqttUnavailable.notSent(why));
  }

  private static void settle(
      CompletableFuture<Delivery> answer,
      @Nullable Mqtt5PublishResult result,
      @Nullable Throwable failure) {
    Throwable error =
        failure != null ? failure : result == null ? null : result.getError().orElse(null);
    if (error != null || result == null) {
      answer.completeExceptionally(
          MqttUnavailable.unanswered("the MQTT broker did not take the message", error));
      return;
    }
    boolean nobody =
        result instanceof Mqtt5PublishResult.Mqtt5Qos1Result acknowledged
            && acknowledged.getPubAck().getReasonCode()
                == Mqtt5PubAckReasonCode.NO_MATCHING_SUBSCRIBERS;
    answer.complete(nobody ? Delivery.NOBODY : Delivery.HANDED_OVER);
  }

  /** Leaves the connection; the session stays at the broker. Takes five seconds at most. */
  @Override
  public void close() {
    closed = true;
    try {
      client.disconnect().get(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("the broker was away already", e);
    }
  }
}
