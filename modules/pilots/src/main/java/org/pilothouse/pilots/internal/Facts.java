package org.pilothouse.pilots.internal;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.contracts.EventType;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.outbox.OutboxMessage;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.web.Json;

/** Tells the backbone, through the outbox, what happened to pilots and devices. */
public final class Facts {
  private static final String SOURCE = "/pilots";

  /** What a fact does not have is absent from its data. */
  private static final ObjectMapper MAPPER =
      Json.mapper().copy().setSerializationInclusion(JsonInclude.Include.NON_NULL);

  private final Outbox outbox;
  private final EventIds ids;
  private final Clock clock;

  public Facts(Outbox outbox, EventIds ids, Clock clock) {
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
  }

  /**
   * @param subject the id of what the fact is about; also the key, so that its facts stay in order
   * @param data the payload, written as snake_case JSON
   */
  void tell(Handle transaction, EventType type, PilotId pilot, String subject, Object data) {
    var id = ids.next();
    Instant now = clock.instant();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(CloudEvents.SPECVERSION, CloudEvents.VERSION);
    headers.put(CloudEvents.ID, id.toString());
    headers.put(CloudEvents.SOURCE, SOURCE);
    headers.put(CloudEvents.TYPE, type.type());
    headers.put(CloudEvents.TIME, now.toString());
    headers.put(CloudEvents.SUBJECT, subject);
    headers.put(CloudEvents.PARTITION_KEY, subject);
    headers.put(CloudEvents.DATA_SCHEMA, type.schemaId());
    headers.put(CloudEvents.PILOT, pilot.value());
    headers.put(CloudEvents.CONTENT_TYPE, CloudEvents.JSON);
    byte[] payload;
    try {
      payload = MAPPER.writeValueAsBytes(data);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    outbox.add(
        transaction,
        new OutboxMessage(
            id,
            "pilot:" + pilot + "/" + subject,
            OutboxMessage.Destination.KAFKA,
            type.topicOf(pilot),
            subject,
            headers,
            payload,
            now));
  }
}
