package org.pilothouse.platform.rabbit;

import java.util.List;

/**
 * A direct exchange with a quorum queue for each routing key. What was delivered too often or was
 * refused is kept in one queue of dead letters, what no queue takes in another: nothing that was
 * published is dropped.
 *
 * @param exchange durable; the names of all others begin with it
 * @param routingKeys each has a queue of its own, called {@link #queue}
 * @param deliveryLimit after how many returns without an ack a message is a dead letter
 * @param maxLength messages that a queue holds; then publishing is refused
 */
public record Topology(
    String exchange, List<String> routingKeys, int deliveryLimit, long maxLength) {
  public Topology {
    if (deliveryLimit < 1 || maxLength < 1) {
      throw new IllegalArgumentException("the bounds of a queue are positive");
    }
    routingKeys = List.copyOf(routingKeys);
  }

  public String queue(String routingKey) {
    return exchange + "." + routingKey;
  }

  String deadLetterExchange() {
    return exchange + ".dead";
  }

  /** Where dead letters are kept. */
  public String deadLetters() {
    return exchange + ".dead";
  }

  String alternateExchange() {
    return exchange + ".unroutable";
  }

  /** Where messages are kept whose routing key has no queue. */
  public String unroutable() {
    return exchange + ".unroutable";
  }
}
