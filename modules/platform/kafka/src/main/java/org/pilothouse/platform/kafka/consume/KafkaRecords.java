package org.pilothouse.platform.kafka.consume;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.pilothouse.platform.kafka.HeaderReader;

/** Between Kafka's records and ours. */
final class KafkaRecords {
  private KafkaRecords() {}

  static Partition own(TopicPartition partition) {
    return new Partition(partition.topic(), partition.partition());
  }

  static TopicPartition kafka(Partition partition) {
    return new TopicPartition(partition.topic(), partition.number());
  }

  /** The records of one partition, in order. */
  static List<LogRecord> own(Partition partition, List<ConsumerRecord<byte[], byte[]>> records) {
    List<LogRecord> own = new ArrayList<>(records.size());
    HeaderReader headers = new HeaderReader();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      byte[] key = record.key();
      own.add(
          new LogRecord(
              partition,
              record.offset(),
              record.timestamp(),
              key,
              record.value(),
              headers.read(record.headers().toArray(), key)));
    }
    return own;
  }
}
