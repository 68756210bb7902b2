package org.pilothouse.platform.rabbit;

/**
 * A quorum queue with its exchange and its dead letters.
 *
 * @param exchange a direct exchange, durable
 * @param routingKey what is routed to the queue
 * @param deliveryLimit after how many deliveries without an ack a message is a dead letter
 * @param maxLength messages that the queue holds; then publishing is refused
 */
public record QueueSpec(
    String name, String exchange, String routingKey, int deliveryLimit, long maxLength) {
  public QueueSpec {
    if (deliveryLimit < 1 || maxLength < 1) {
      throw new IllegalArgumentException("the bounds of a queue are positive");
    }
  }

  /** Where this queue's dead letters are kept for a person. */
  public String deadLetters() {
    return name + ".dead";
  }

  public String deadLetterExchange() {
    return exchange + ".dead";
  }
}
