package org.pilothouse.kernel.outbox;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * A message that was written down with the change it tells of, and is sent afterwards: at least
 * once, and for one aggregate in the order of its changes.
 *
 * @param id the same however often it is sent; receivers know a repeat by it
 * @param aggregate what the order is kept for, for example {@code device:aurora/press-4}
 * @param destination which engine takes it
 * @param topic a Kafka topic; on RabbitMQ the exchange
 * @param key the Kafka key; on RabbitMQ the routing key
 * @param headers text headers, among them the CloudEvents attributes
 */
public record OutboxMessage(
    UUID id,
    String aggregate,
    Destination destination,
    String topic,
    String key,
    Map<String, String> headers,
    byte[] payload,
    Instant createdAt) {

  public OutboxMessage {
    headers = Map.copyOf(headers);
    payload = payload.clone();
  }

  @Override
  public byte[] payload() {
    return payload.clone();
  }

  /** The engine that takes a message. */
  public enum Destination {
    KAFKA,
    RABBIT
  }
}
