package org.pilothouse.webapp.it;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** How much stands on pilots' telemetry topics, asked from the broker itself. */
final class TelemetryTopic implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final KafkaConsumer<byte[], byte[]> consumer =
      new KafkaConsumer<>(
          Map.of("bootstrap.servers", TestStack.endpoint("kafka")),
          new ByteArrayDeserializer(),
          new ByteArrayDeserializer());

  /** Records ever written for the pilot. */
  long written(String pilot) {
    List<TopicPartition> partitions =
        consumer.partitionsFor("pilot." + pilot + ".telemetry", PATIENCE).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    return consumer.endOffsets(partitions, PATIENCE).values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
