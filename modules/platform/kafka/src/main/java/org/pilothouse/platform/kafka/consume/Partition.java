package org.pilothouse.platform.kafka.consume;

import org.apache.kafka.common.utils.Utils;

/** One partition of one topic. */
public record Partition(String topic, int number) implements Comparable<Partition> {
  /** Which of so many partitions the brokers' clients choose for a key. */
  public static int numberOf(byte[] key, int partitions) {
    return Utils.toPositive(Utils.murmur2(key)) % partitions;
  }

  @Override
  public int compareTo(Partition other) {
    int byTopic = topic.compareTo(other.topic);
    return byTopic != 0 ? byTopic : Integer.compare(number, other.number);
  }

  @Override
  public String toString() {
    return topic + "/" + number;
  }
}
