package org.pilothouse.benchmarks;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * QoS 1 from devices through broker and bridge to the backbone, beside the same broker with nothing
 * behind it but a subscriber of a lasting session.
 */
final class IngestMqtt implements Benchmark {
  private static final double BOUND = 0.3;
  private static final int DEVICES = 4;
  private static final int WARM = 20_000;
  private static final long MESSAGES_A_SECOND = 4_000;
  private static final Duration LONGEST = Duration.ofMinutes(5);

  @Override
  public List<Figure> run(Stack stack, Options options) throws Exception {
    long messages = MESSAGES_A_SECOND * options.seconds();
    String run = "m" + Long.toString(System.currentTimeMillis(), 36);
    double before = alone(stack, run + "a", messages);
    IngestHttp.say("broker alone: %,.0f messages/s", before);
    double ours = ours(stack, run + "b", messages);
    IngestHttp.say("to the backbone: %,.0f messages/s", ours);
    double after = alone(stack, run + "c", messages);
    IngestHttp.say("broker alone again: %,.0f messages/s", after);
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("limit_before", before);
    details.put("limit_after", after);
    details.put("messages", messages);
    details.put("devices", DEVICES);
    return List.of(
        Figure.ofRatio("ingest-mqtt", ours, (before + after) / 2, "messages/s", BOUND, details));
  }

  private static double alone(Stack stack, String run, long messages) throws Exception {
    List<Stack.Device> devices = new ArrayList<>();
    for (int i = 1; i <= DEVICES; i++) {
      devices.add(new Stack.Device(BrokerAlone.PILOT, "device-" + i, "token-" + i));
    }
    try (BrokerAlone broker = new BrokerAlone(stack.homeDirectory().resolve("bench"))) {
      AtomicLong received = new AtomicLong();
      Mqtt5AsyncClient subscriber =
          Mqtt5Client.builder()
              .serverHost("127.0.0.1")
              .serverPort(broker.uri().getPort())
              .identifier("pilothouse-bridge-1")
              .simpleAuth()
              .username(BrokerAlone.USER)
              .password(BrokerAlone.PASSWORD.getBytes(StandardCharsets.UTF_8))
              .applySimpleAuth()
              .buildAsync();
      subscriber.publishes(MqttGlobalPublishFilter.ALL, ignored -> received.incrementAndGet());
      subscriber
          .connectWith()
          .cleanStart(false)
          .sessionExpiryInterval(3_600)
          .restrictions()
          .receiveMaximum(4_096)
          .applyRestrictions()
          .send()
          .get(30, TimeUnit.SECONDS);
      subscriber
          .subscribeWith()
          .topicFilter("pilothouse/+/+/telemetry")
          .qos(MqttQos.AT_LEAST_ONCE)
          .send()
          .get(30, TimeUnit.SECONDS);
      // The broker looks a few times a second whether somebody has subscribed.
      Thread.sleep(1_000);
      try (MqttPublishers publishers = new MqttPublishers(broker.uri(), devices)) {
        measured(publishers, run + "w", WARM, received::get);
        return measured(publishers, run, messages, received::get);
      } finally {
        subscriber.disconnect().get(10, TimeUnit.SECONDS);
      }
    }
  }

  private static double ours(Stack stack, String run, long messages) throws Exception {
    List<Stack.Device> devices = new ArrayList<>();
    for (int i = 1; i <= DEVICES; i++) {
      devices.add(stack.device(IngestHttp.PILOT, "mqtt-" + i));
    }
    String topic = Stack.telemetryTopic(IngestHttp.PILOT);
    try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                Map.of("bootstrap.servers", stack.kafka()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        MqttPublishers publishers = new MqttPublishers(stack.mqtt(), devices)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList();
      Count stored =
          () -> consumer.endOffsets(partitions).values().stream().mapToLong(Long::longValue).sum();
      measured(publishers, run + "w", WARM, stored);
      return measured(publishers, run, messages, stored);
    }
  }

  private interface Count {
    long now();
  }

  /** Messages a second from the first publish to the last arrival. */
  private static double measured(
      MqttPublishers publishers, String run, long messages, Count arrived) throws Exception {
    long before = arrived.now();
    long start = System.nanoTime();
    long refused = publishers.publish(run, messages);
    if (refused > 0) {
      throw new IllegalStateException(refused + " messages were refused by the broker");
    }
    while (arrived.now() - before < messages) {
      if (System.nanoTime() - start > LONGEST.toNanos()) {
        throw new IllegalStateException(
            "only " + (arrived.now() - before) + " of " + messages + " messages arrived");
      }
      Thread.sleep(5);
    }
    return messages / ((System.nanoTime() - start) / 1e9);
  }
}
