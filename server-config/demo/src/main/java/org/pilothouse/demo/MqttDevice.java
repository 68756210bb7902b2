package org.pilothouse.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** A machine that publishes by MQTT itself, QoS 1, and answers its commands there. */
final class MqttDevice implements AutoCloseable {
  private static final int MOST_WAITING = 200;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Mqtt5AsyncClient client;
  private final String topic;
  private final AtomicInteger waiting = new AtomicInteger();
  private final LongAdder acknowledged;
  private final String commands;
  private final Obedience obedience;

  MqttDevice(
      URI broker,
      String pilot,
      String device,
      String token,
      LongAdder acknowledged,
      Obedience obedience) {
    this.acknowledged = acknowledged;
    this.obedience = obedience;
    this.topic = "pilothouse/" + pilot + "/" + device + "/telemetry";
    this.commands = "pilothouse/" + pilot + "/" + device + "/commands";
    this.client =
        Mqtt5Client.builder()
            .serverHost(broker.getHost())
            .serverPort(broker.getPort())
            .identifier(device)
            .automaticReconnectWithDefaultConfig()
            .simpleAuth()
            .username(device)
            .password(token.getBytes(StandardCharsets.UTF_8))
            .applySimpleAuth()
            .buildAsync();
  }

  void connect() throws Exception {
    client
        .connectWith()
        .cleanStart(false)
        .sessionExpiryInterval(3_600)
        .keepAlive(30)
        .send()
        .get(20, TimeUnit.SECONDS);
    client
        .subscribeWith()
        .topicFilter(commands)
        .qos(MqttQos.AT_LEAST_ONCE)
        .callback(this::answer)
        .send()
        .get(20, TimeUnit.SECONDS);
  }

  private void answer(Mqtt5Publish message) {
    JsonNode command;
    try {
      command = JSON.readTree(message.getPayloadAsBytes());
    } catch (IOException e) {
      // The platform sends JSON; whatever this is, it is not for a machine.
      return;
    }
    client
        .publishWith()
        .topic(commands + "/" + command.path("id").asText() + "/result")
        .qos(MqttQos.AT_LEAST_ONCE)
        .payload(obedience.to(command).json().toString().getBytes(StandardCharsets.UTF_8))
        .send();
  }

  /** False when too many are not acknowledged yet; the reading is then skipped. */
  boolean publish(String line) {
    if (waiting.get() >= MOST_WAITING) {
      return false;
    }
    waiting.incrementAndGet();
    client
        .publishWith()
        .topic(topic)
        .qos(MqttQos.AT_LEAST_ONCE)
        .payload(line.getBytes(StandardCharsets.UTF_8))
        .send()
        .whenComplete((result, failure) -> {
          waiting.decrementAndGet();
          if (failure == null && result.getError().isEmpty()) {
            acknowledged.increment();
          }
        });
    return true;
  }

  @Override
  public void close() {
    client.disconnect();
  }
}
