package org.pilothouse.platform.rabbit;

import java.util.concurrent.CompletionStage;
import org.pilothouse.kernel.outbox.OutboxMessage;
import org.pilothouse.kernel.outbox.OutboxSink;

/** Takes messages of the outbox to RabbitMQ; the outbox's id is the message's id. */
public final class RabbitOutboxSink implements OutboxSink {
  private final ConfirmedPublisher publisher;

  public RabbitOutboxSink(ConfirmedPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public OutboxMessage.Destination destination() {
    return OutboxMessage.Destination.RABBIT;
  }

  @Override
  public CompletionStage<Void> send(OutboxMessage message) {
    return publisher.publish(
        message.topic(),
        message.key(),
        message.id().toString(),
        message.headers(),
        message.payload());
  }
}
