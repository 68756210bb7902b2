package org.pilothouse.twins.internal;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pilothouse.platform.kafka.BackboneUnavailable;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;

/**
 * What a rebuild needs of the backbone. Every call throws {@link BackboneUnavailable} when the
 * brokers do not answer in time.
 */
interface Backlog {
  /**
   * Records in order.
   *
   * @param next where to go on
   */
  record Stretch(List<LogRecord> records, long next) {}

  /** The first offset that is kept of each partition; empty where there is no such topic. */
  SortedMap<Integer, Long> beginnings(String topic);

  /** Where each partition ends now. */
  SortedMap<Integer, Long> ends(String topic);

  /** Some of the records between the offsets; {@code to} is excluded. */
  Stretch read(Partition partition, long from, long to, int limit);

  static Backlog of(LogReads reads) {
    return new Backlog() {
      /** Beside the records, what is made of them: see {@link Wiring} on batches of states. */
      private static final long MOST_BYTES = 4L * 1024 * 1024;

      private static final Duration READING = Duration.ofSeconds(10);

      @Override
      public SortedMap<Integer, Long> beginnings(String topic) {
        return byNumber(reads.beginnings(List.of(topic)));
      }

      @Override
      public SortedMap<Integer, Long> ends(String topic) {
        return byNumber(reads.ends(List.of(topic)));
      }

      @Override
      public Stretch read(Partition partition, long from, long to, int limit) {
        LogReads.Stretch read = reads.read(partition, from, to, limit, MOST_BYTES, READING);
        return new Stretch(read.records(), read.next().getOrDefault(partition, from));
      }

      private static SortedMap<Integer, Long> byNumber(Map<Partition, Long> offsets) {
        SortedMap<Integer, Long> byNumber = new TreeMap<>();
        offsets.forEach((partition, offset) -> byNumber.put(partition.number(), offset));
        return byNumber;
      }
    };
  }
}
