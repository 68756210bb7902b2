package org.pilothouse.twins.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.platform.web.Json;
import org.pilothouse.twins.Command;
import org.pilothouse.twins.CommandBroker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings commands to devices by MQTT and their results back. What is to be brought stands in the
 * store, so that nothing is forgotten when this process or the broker dies: a command may come
 * twice, and devices know it by its id. A result is acknowledged once it is stored.
 */
final class CommandCourier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommandCourier.class);
  private static final String RESULTS = "pilothouse/+/+/commands/+/result";
  private static final int LARGEST_RESULT = 64 * 1024;
  private static final int LONGEST_ERROR = 500;
  private static final long SESSION_SECONDS = 7L * 24 * 3_600;
  private static final int IN_FLIGHT = 256;
  private static final Duration ROUND = Duration.ofMillis(500);
  private static final long RETRY_MILLIS = 1_000;

  private final Commands commands;
  private final Clock clock;
  private final Mqtt5AsyncClient client;
  private final ScheduledExecutorService executor =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().name("command-courier").daemon(true).factory());
  private final AtomicBoolean woken = new AtomicBoolean();
  private final Counter brought;
  private final Counter unheard;
  private final Counter taken;
  private final Counter ignored;
  private volatile boolean closed;

  CommandCourier(CommandBroker broker, Commands commands, Clock clock, MeterRegistry metrics) {
    this.commands = commands;
    this.clock = clock;
    this.brought = metrics.counter("pilothouse.commands.sent", "outcome", "delivered");
    this.unheard = metrics.counter("pilothouse.commands.sent", "outcome", "unheard");
    this.taken = metrics.counter("pilothouse.commands.results", "outcome", "taken");
    this.ignored = metrics.counter("pilothouse.commands.results", "outcome", "ignored");
    this.client =
        MqttClient.builder()
            .useMqttVersion5()
            .identifier("pilothouse-commands-0")
            .serverHost(broker.host())
            .serverPort(broker.port())
            .automaticReconnect()
            .initialDelay(500, TimeUnit.MILLISECONDS)
            .maxDelay(5, TimeUnit.SECONDS)
            .applyAutomaticReconnect()
            .simpleAuth()
            .username(broker.user())
            .password(broker.password().getBytes(StandardCharsets.UTF_8))
            .applySimpleAuth()
            .addConnectedListener(connected -> subscribe())
            .addDisconnectedListener(gone -> {
              if (!closed) {
                LOG.warn("mqtt broker away: {}", gone.getCause().getMessage());
              }
            })
            .buildAsync();
  }

  void start() {
    client.publishes(MqttGlobalPublishFilter.ALL, this::take, executor, true);
    client
        .connectWith()
        .cleanStart(false)
        .sessionExpiryInterval(SESSION_SECONDS)
        .keepAlive(20)
        .restrictions()
        .receiveMaximum(IN_FLIGHT)
        .applyRestrictions()
        .send()
        .whenComplete((connected, failure) -> {
          if (failure != null && !closed) {
            LOG.warn("commands wait for the mqtt broker: {}", failure.getMessage());
          }
        });
    commands.onSent(this::wake);
    var scheduled =
        executor.scheduleWithFixedDelay(
            this::round, ROUND.toMillis(), ROUND.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void subscribe() {
    client
        .subscribeWith()
        .topicFilter(RESULTS)
        .qos(MqttQos.AT_LEAST_ONCE)
        .send()
        .whenComplete((done, failure) -> {
          if (failure != null && !closed) {
            LOG.error("results of commands cannot be subscribed to: {}", failure.getMessage());
          }
        });
  }

  private void wake() {
    if (woken.compareAndSet(false, true)) {
      try {
        executor.execute(this::round);
      } catch (RejectedExecutionException closing) {
        LOG.debug("the courier has gone", closing);
      }
    }
  }

  private void round() {
    woken.set(false);
    try {
      while (commands.expire() > 0 && !closed) {
        LOG.debug("commands timed out");
      }
      if (client.getState().isConnected()) {
        commands.due().forEach(this::bring);
      }
    } catch (RuntimeException e) {
      LOG.warn("commands wait for the store: {}", e.getMessage());
    }
  }

  private void bring(Commands.Addressed addressed) {
    Command command = addressed.command();
    long left = Math.max(1, Duration.between(clock.instant(), command.expiresAt()).toSeconds());
    client
        .publishWith()
        .topic("pilothouse/" + addressed.pilot() + "/" + command.device() + "/commands")
        .qos(MqttQos.AT_LEAST_ONCE)
        .messageExpiryInterval(left)
        .payload(message(command).getBytes(StandardCharsets.UTF_8))
        .send()
        .whenComplete((sent, failure) -> settle(addressed, sent, failure));
  }

  private static String message(Command command) {
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    message.put("id", command.id());
    message.put("command_id", command.id());
    message.put("twin", command.twin().value());
    message.put("name", command.name());
    message.set("input", command.input().orElse(JsonNodeFactory.instance.nullNode()));
    message.put("expires_at", command.expiresAt().toString());
    return Twins.text(message);
  }

  private void settle(
      Commands.Addressed addressed,
      @Nullable Mqtt5PublishResult sent,
      @Nullable Throwable failure) {
    if (failure != null || sent == null || sent.getError().isPresent()) {
      unheard.increment();
      return;
    }
    boolean nobody =
        sent instanceof Mqtt5PublishResult.Mqtt5Qos1Result acknowledged
            && acknowledged.getPubAck().getReasonCode()
                == Mqtt5PubAckReasonCode.NO_MATCHING_SUBSCRIBERS;
    if (nobody) {
      unheard.increment();
      return;
    }
    brought.increment();
    try {
      executor.execute(() -> markDelivered(addressed));
    } catch (RejectedExecutionException closing) {
      LOG.debug("the courier has gone", closing);
    }
  }

  private void markDelivered(Commands.Addressed addressed) {
    try {
      commands.delivered(addressed.pilot(), addressed.command().id());
    } catch (RuntimeException e) {
      // It stays pending and goes out again, which devices must bear.
      LOG.warn("a delivery was not noted: {}", e.getMessage());
    }
  }

  private void take(Mqtt5Publish message) {
    List<String> levels = message.getTopic().getLevels();
    byte[] payload = message.getPayloadAsBytes();
    boolean ours = levels.size() == 6 && Names.isId(levels.get(1)) && Names.isId(levels.get(2));
    if (!ours) {
      ignored.increment();
      done(message);
      return;
    }
    try {
      Commands.Answer answer =
          commands.answered(
              new PilotId(levels.get(1)), levels.get(2), levels.get(4), result(payload));
      (answer == Commands.Answer.TAKEN ? taken : ignored).increment();
      done(message);
    } catch (Problem storeAway) {
      again(message);
    } catch (RuntimeException e) {
      LOG.error("a result cannot be stored and is let go", e);
      ignored.increment();
      done(message);
    }
  }

  /**
   * {@code {"state": "succeeded" | "failed", "output": …, "error": "…"}}; without a state it
   * succeeded, unless there is an error.
   */
  static Commands.Result result(byte[] payload) {
    if (payload.length > LARGEST_RESULT) {
      return new Commands.Result(false, null, "the device's answer is larger than 64 KiB");
    }
    if (payload.length == 0) {
      return new Commands.Result(true, null, null);
    }
    try {
      JsonNode answer = Json.mapper().readTree(new String(payload, StandardCharsets.UTF_8));
      if (answer == null || !answer.isObject()) {
        return new Commands.Result(false, null, "the device's answer is not a JSON object");
      }
      String state = answer.path("state").asText(answer.path("status").asText(""));
      String error =
          answer.path("error").isTextual() ? cut(answer.path("error").textValue()) : null;
      boolean succeeded = state.isEmpty() ? error == null : state.equals("succeeded");
      JsonNode output = answer.get("output");
      return new Commands.Result(
          succeeded,
          output == null || output.isNull()
              ? null
              : FreeObjects.checkedValue("/output", output, LARGEST_RESULT),
          succeeded ? null : error);
    } catch (IOException e) {
      return new Commands.Result(false, null, "the device's answer is not JSON");
    } catch (Problem unstorable) {
      return new Commands.Result(false, null, unstorable.detail());
    }
  }

  private static String cut(String text) {
    String shown =
        text.codePoints()
            .filter(
                c -> c >= 0x20 && !(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE))
            .limit(LONGEST_ERROR)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return shown.isEmpty() ? "the device named no reason" : shown;
  }

  private void again(Mqtt5Publish message) {
    if (!closed) {
      var scheduled = executor.schedule(() -> take(message), RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private static void done(Mqtt5Publish message) {
    try {
      message.acknowledge();
    } catch (IllegalStateException e) {
      LOG.debug("acknowledged too late: the broker sends it again", e);
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
