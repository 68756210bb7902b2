package org.pilothouse.pilots.internal;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Clock;
import org.jdbi.v3.core.Handle;
import org.pilothouse.contracts.EventType;
import org.pilothouse.contracts.OutboxEvent;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
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
    byte[] payload;
    try {
      payload = MAPPER.writeValueAsBytes(data);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    outbox.add(
        transaction,
        OutboxEvent.of(
            ids.next(),
            "pilot:" + pilot + "/" + subject,
            SOURCE,
            type,
            pilot,
            subject,
            payload,
            clock.instant()));
  }
}
