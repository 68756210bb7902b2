package org.pilothouse.warehouse.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;

/** One partition of telemetry, in memory. */
final class Logged implements Telemetry {
  private static final Partition PARTITION = new Partition("pilot.aurora.telemetry", 0);

  final List<LogRecord> records = new ArrayList<>();
  long next;
  private long beginning;

  /** An event that came a second after its time. */
  Logged event(String twin, String id, Instant time, String values) {
    return event(twin, id, time, values, time.plusSeconds(1));
  }

  Logged event(String twin, String id, Instant time, String values, Instant given) {
    String data = "{\"twin\":\"" + twin + "\",\"time\":\"" + time + "\",\"values\":" + values + "}";
    return raw(twin, id, time.toString(), data, given);
  }

  Logged raw(String twin, String id, String time, String data, Instant given) {
    EventHeaders headers =
        new EventHeaders()
            .add(CloudEvents.ID, id)
            .add(CloudEvents.SOURCE, "/devices/press")
            .add(CloudEvents.TIME, time);
    records.add(
        new LogRecord(
            PARTITION,
            next++,
            given.toEpochMilli(),
            twin.getBytes(UTF_8),
            data.getBytes(UTF_8),
            headers));
    return this;
  }

  /** The same event once more. */
  Logged repeat(LogRecord record, Instant given) {
    records.add(
        new LogRecord(
            PARTITION,
            next++,
            given.toEpochMilli(),
            record.key(),
            record.value(),
            record.headers()));
    return this;
  }

  /** Offsets that no record has, as transactions leave them. */
  Logged hole(int offsets) {
    next += offsets;
    return this;
  }

  /** Retention drops what lies before. */
  void drop(long to) {
    beginning = to;
    records.removeIf(record -> record.offset() < to);
  }

  @Override
  public void read(int partition, long from, long to, Consumer<LogRecord> each) {
    for (LogRecord record : List.copyOf(records)) {
      if (record.offset() >= from && record.offset() < to) {
        each.accept(record);
      }
    }
  }

  @Override
  public long beginning(int partition) {
    return beginning;
  }
}
