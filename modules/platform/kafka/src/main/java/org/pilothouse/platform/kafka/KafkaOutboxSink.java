package org.pilothouse.platform.kafka;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.pilothouse.kernel.outbox.OutboxMessage;
import org.pilothouse.kernel.outbox.OutboxSink;

/**
 * Takes messages of the outbox to the backbone. The message's id becomes the CloudEvents id where
 * the headers hold none, so that a message that is sent twice is one event.
 */
public final class KafkaOutboxSink implements OutboxSink {
  private final EventPublisher publisher;

  /**
   * @param publisher a live one; its delivery timeout bounds a send
   */
  public KafkaOutboxSink(EventPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public OutboxMessage.Destination destination() {
    return OutboxMessage.Destination.KAFKA;
  }

  @Override
  public CompletionStage<Void> send(OutboxMessage message) {
    EventHeaders headers = new EventHeaders();
    Map<String, String> given = new TreeMap<>(message.headers());
    given.putIfAbsent("ce_id", message.id().toString());
    given.forEach(headers::add);
    return publisher
        .publish(
            message.topic(),
            message.key().isEmpty() ? null : message.key().getBytes(StandardCharsets.UTF_8),
            message.payload(),
            headers)
        .thenAccept(position -> {});
  }
}
