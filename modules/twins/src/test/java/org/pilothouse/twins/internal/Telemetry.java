package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;

/** Records of telemetry as ingest publishes them. */
final class Telemetry {
  static final PilotId AURORA = new PilotId("aurora");
  static final Partition PARTITION = new Partition(TopicKind.TELEMETRY.of(AURORA), 0);

  private Telemetry() {}

  static LogRecord record(long offset, String twin, String time, String values) {
    return record(offset, twin, time, values, "press-device");
  }

  static LogRecord record(long offset, String twin, String time, String values, String device) {
    EventHeaders headers =
        new EventHeaders()
            .add(CloudEvents.ID, "e" + offset)
            .add(CloudEvents.SOURCE, "/pilots/aurora/devices/" + device)
            .add(CloudEvents.TIME, time);
    String line = "{\"twin\":\"" + twin + "\",\"time\":\"" + time + "\",\"values\":" + values + "}";
    return new LogRecord(
        PARTITION,
        offset,
        System.currentTimeMillis(),
        twin.getBytes(UTF_8),
        line.getBytes(UTF_8),
        headers);
  }

  static Batch batch(long position, LogRecord... records) {
    return new Batch(PARTITION, List.of(records), position, position + records.length);
  }
}
