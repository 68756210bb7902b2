package org.pilothouse.platform.kafka.consume;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.pilothouse.platform.kafka.EventHeaders;

/** Between Kafka's records and ours. */
final class KafkaRecords {
  private KafkaRecords() {}

  static Partition own(TopicPartition partition) {
    return new Partition(partition.topic(), partition.partition());
  }

  static TopicPartition kafka(Partition partition) {
    return new TopicPartition(partition.topic(), partition.number());
  }

  static LogRecord own(Partition partition, ConsumerRecord<byte[], byte[]> record) {
    return new LogRecord(
        partition,
        record.offset(),
        record.timestamp(),
        record.key(),
        record.value(),
        EventHeaders.of(record.headers()));
  }
}
