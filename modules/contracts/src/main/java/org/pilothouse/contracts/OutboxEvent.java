package org.pilothouse.contracts;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.outbox.OutboxMessage;

/** An event for the outbox, in the Kafka binary binding. */
public final class OutboxEvent {
  private OutboxEvent() {}

  /**
   * @param aggregate what the order is kept for
   * @param source who tells, for example {@code /pilots}
   * @param subject the id of what the event is about; also the key, so that its events stay in
   *     order
   * @param data JSON by the type's schema
   */
  public static OutboxMessage of(
      UUID id,
      String aggregate,
      String source,
      EventType type,
      PilotId pilot,
      String subject,
      byte[] data,
      Instant time) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(CloudEvents.SPECVERSION, CloudEvents.VERSION);
    headers.put(CloudEvents.ID, id.toString());
    headers.put(CloudEvents.SOURCE, source);
    headers.put(CloudEvents.TYPE, type.type());
    headers.put(CloudEvents.TIME, time.toString());
    headers.put(CloudEvents.SUBJECT, subject);
    headers.put(CloudEvents.PARTITION_KEY, subject);
    headers.put(CloudEvents.DATA_SCHEMA, type.schemaId());
    headers.put(CloudEvents.PILOT, pilot.value());
    headers.put(CloudEvents.CONTENT_TYPE, CloudEvents.JSON);
    return new OutboxMessage(
        id,
        aggregate,
        OutboxMessage.Destination.KAFKA,
        type.topicOf(pilot),
        subject,
        headers,
        data,
        time);
  }
}
