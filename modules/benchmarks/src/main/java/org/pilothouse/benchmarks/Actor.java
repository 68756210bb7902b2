package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A simulated device that does what {@link Orders} say and takes over what is desired of it. */
final class Actor implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long AGAIN_MILLIS = 200;

  private final Stack.Device device;
  private final Mqtt5AsyncClient client;
  private final Set<String> known = new HashSet<>();
  private final ObjectNode desired = JsonNodeFactory.instance.objectNode();
  private final AtomicLong brought = new AtomicLong();
  private final AtomicLong unreadable = new AtomicLong();
  private long revision;
  private volatile boolean closed;

  Actor(Stack.Device device, URI broker) throws Exception {
    this.device = device;
    this.client = Load.client(device, broker);
    client.publishes(MqttGlobalPublishFilter.ALL, this::take);
    client
        .connectWith()
        .cleanStart(false)
        .sessionExpiryInterval(3_600)
        .keepAlive(10)
        .send()
        .get(60, TimeUnit.SECONDS);
    client
        .subscribeWith()
        .topicFilter(topic())
        .qos(MqttQos.AT_LEAST_ONCE)
        .send()
        .get(60, TimeUnit.SECONDS);
  }

  String twin() {
    return device.device();
  }

  private String topic() {
    return "pilothouse/" + device.pilot() + "/" + device.device() + "/commands";
  }

  private void take(Mqtt5Publish message) {
    try {
      JsonNode command =
          JSON.readTree(new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8));
      take(command);
    } catch (IOException e) {
      unreadable.incrementAndGet();
    }
  }

  private synchronized void take(JsonNode command) {
    brought.incrementAndGet();
    String id = command.path("command_id").asText();
    boolean repeat = !known.add(id);
    JsonNode input = command.path("input");
    if (command.path("name").asText().equals(Orders.DESIRED)) {
      if (input.path("revision").asLong() > revision
          && input.path("desired") instanceof ObjectNode told) {
        revision = input.path("revision").asLong();
        desired.setAll(told);
      }
      var unused = say(id, JsonNodeFactory.instance.objectNode().put("state", "succeeded"));
      return;
    }
    Orders.Order order = Orders.Order.of(input);
    if (order.first() != Orders.First.NONE) {
      CompletableFuture<Void> said = say(id, Orders.answer(order, 1));
      if (order.again() && !repeat) {
        // The broker has the first by then, so it stays the first.
        var unused = said.thenCompose(done -> say(id, Orders.answer(order, 2)));
      }
    }
  }

  /** Until the broker has it. */
  private CompletableFuture<Void> say(String id, ObjectNode answer) {
    return client
        .publishWith()
        .topic(topic() + "/" + id + "/result")
        .qos(MqttQos.AT_LEAST_ONCE)
        .payload(answer.toString().getBytes(StandardCharsets.UTF_8))
        .send()
        .thenAccept(result -> {
          if (result.getError().isPresent()) {
            throw new CompletionException(result.getError().get());
          }
        })
        .exceptionallyComposeAsync(
            failure -> closed ? CompletableFuture.failedFuture(failure) : say(id, answer),
            CompletableFuture.delayedExecutor(AGAIN_MILLIS, TimeUnit.MILLISECONDS));
  }

  /** Messages that came, repeats included. */
  long brought() {
    return brought.get();
  }

  long unreadable() {
    return unreadable.get();
  }

  /** What it has taken over; null for what is no longer desired. */
  synchronized ObjectNode desired() {
    return desired.deepCopy();
  }

  @Override
  public void close() {
    closed = true;
    var unused = client.disconnect();
  }
}
