package org.pilothouse.benchmarks;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a telemetry topic from where it ended when this was made. */
final class Backbone implements AutoCloseable {
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final byte[] prefix;
  private final BitSet present = new BitSet();
  private long records;

  /**
   * @param run the first part of the event ids that count
   */
  Backbone(Stack stack, String topic, String run) {
    consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stack.kafka(),
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                10_000,
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                120_000),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    prefix = (run + "-").getBytes(StandardCharsets.ISO_8859_1);
    partitions =
        consumer.partitionsFor(topic).stream()
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.endOffsets(partitions).forEach(consumer::seek);
  }

  /** Reads on to the end as it is now; the numbers of all events of the run so far. */
  BitSet read() {
    Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofSeconds(1));
      for (ConsumerRecord<byte[], byte[]> record : polled) {
        Header id = record.headers().lastHeader("ce_id");
        if (id != null) {
          count(Objects.requireNonNull(id.value()));
        }
      }
    }
    return (BitSet) present.clone();
  }

  private void count(byte[] id) {
    if (id.length <= prefix.length) {
      return;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (id[i] != prefix[i]) {
        return;
      }
    }
    int number = 0;
    for (int i = prefix.length; i < id.length; i++) {
      number = number * 10 + (id[i] - '0');
    }
    records++;
    present.set(number);
  }

  /** Records of the run, those that stand there twice included. */
  long records() {
    return records;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
