package org.pilothouse.ingest.internal;

import java.time.Clock;
import java.util.concurrent.CompletionStage;
import org.pilothouse.contracts.EventType;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.EventPublisher;

/**
 * Keeps what a device published and nobody could take, as {@code event.rejected}: MQTT has no
 * answer that would tell the device. It never stood on the backbone, so it has no origin there and
 * is not sent again.
 */
public final class MqttDeadLetters implements MqttBridge.DeadLetters {
  private final EventPublisher publisher;
  private final EventIds ids;
  private final Clock clock;

  public MqttDeadLetters(EventPublisher publisher, EventIds ids, Clock clock) {
    this.publisher = publisher;
    this.ids = ids;
    this.clock = clock;
  }

  @Override
  public CompletionStage<?> reject(Origin origin, byte[] payload, String code, String detail) {
    EventHeaders headers =
        new EventHeaders()
            .add("ce_specversion", "1.0")
            .add("ce_id", ids.next().toString())
            .add("ce_source", origin.source())
            .add("ce_type", EventType.EVENT_REJECTED.type())
            .add("ce_time", clock.instant().toString())
            .add("ce_pilot", origin.pilot().value())
            .add("ce_rejectreason", code)
            .add("ce_rejectdetail", detail)
            .add("ce_rejectreader", "mqtt")
            .add("content-type", "application/octet-stream");
    return publisher.publish(
        EventType.EVENT_REJECTED.topicOf(origin.pilot()), null, payload, headers);
  }
}
