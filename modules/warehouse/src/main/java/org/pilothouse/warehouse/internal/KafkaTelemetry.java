package org.pilothouse.warehouse.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.kernel.PlainUtc;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;

/** A pilot's topic of telemetry on the backbone. */
final class KafkaTelemetry implements Telemetry {
  /** Of one range; the readers ask for short ones. */
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  /** The records of a partition that tell how far it is. */
  private static final int LAST = 100;

  private final LogReads reads;
  private final String topic;

  KafkaTelemetry(LogReads reads, String topic) {
    this.reads = reads;
    this.topic = topic;
  }

  @Override
  public void read(int partition, long from, long to, Consumer<LogRecord> each) {
    reads.forEach(new Partition(topic, partition), from, to, TIMEOUT, each);
  }

  @Override
  public long beginning(int partition) {
    return beginnings().getOrDefault(partition, 0L);
  }

  Map<Integer, Long> beginnings() {
    return byNumber(reads.beginnings(List.of(topic)));
  }

  Map<Integer, Long> ends() {
    return byNumber(reads.ends(List.of(topic)));
  }

  /** The first record given to the backbone at or after the time, or the end. */
  Map<Integer, Long> at(Instant time) {
    return byNumber(reads.at(List.of(topic), time));
  }

  /** How far the partitions are, which end so. */
  List<Watermark> watermarks(Map<Integer, Long> ends) {
    List<Watermark> watermarks = new ArrayList<>();
    ends.forEach((partition, end) -> {
      Last last = new Last();
      read(partition, Math.max(0, end - LAST), end, last);
      watermarks.add(last.watermark(partition));
    });
    return watermarks;
  }

  /** The newest of some records. */
  private static final class Last implements Consumer<LogRecord> {
    private @Nullable Instant event;
    private @Nullable Instant given;

    @Override
    public void accept(LogRecord record) {
      Instant time = Instant.ofEpochMilli(record.timestampMillis());
      if (given == null || time.isAfter(given)) {
        given = time;
      }
      String text = record.headers().text(CloudEvents.TIME);
      if (text == null) {
        return;
      }
      try {
        Instant at = PlainUtc.instant(text);
        if (event == null || at.isAfter(event)) {
          event = at;
        }
      } catch (java.time.DateTimeException e) {
        // It tells nothing of how far its partition is.
      }
    }

    Watermark watermark(int partition) {
      return new Watermark(partition, event, given);
    }
  }

  private static Map<Integer, Long> byNumber(Map<Partition, Long> offsets) {
    Map<Integer, Long> result = new TreeMap<>();
    offsets.forEach((partition, offset) -> result.put(partition.number(), offset));
    return result;
  }
}
