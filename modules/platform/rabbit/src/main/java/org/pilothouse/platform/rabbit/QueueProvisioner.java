package org.pilothouse.platform.rabbit;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Declares exchanges, quorum queues and their dead letters. May run as often as one likes. */
public final class QueueProvisioner {
  private final RabbitConnection connection;

  public QueueProvisioner(RabbitConnection connection) {
    this.connection = connection;
  }

  /**
   * @throws RabbitUnavailable the broker does not answer
   * @throws IllegalStateException a queue of that name is there with other properties
   */
  public void ensure(Iterable<QueueSpec> queues) {
    for (QueueSpec queue : queues) {
      try (Channel channel = connection.channel()) {
        declare(channel, queue);
      } catch (IOException e) {
        if (e.getCause() instanceof com.rabbitmq.client.ShutdownSignalException signal
            && !signal.isHardError()) {
          throw new IllegalStateException(
              "the queue " + queue.name() + " is there with other properties", e);
        }
        throw new RabbitUnavailable("the queues were not declared", e);
      } catch (TimeoutException | AlreadyClosedException e) {
        throw new RabbitUnavailable("the queues were not declared", e);
      }
    }
  }

  private static void declare(Channel channel, QueueSpec queue) throws IOException {
    channel.exchangeDeclare(queue.exchange(), BuiltinExchangeType.DIRECT, true);
    channel.exchangeDeclare(queue.deadLetterExchange(), BuiltinExchangeType.DIRECT, true);
    channel.queueDeclare(
        queue.deadLetters(),
        true,
        false,
        false,
        Map.of("x-queue-type", "quorum", "x-overflow", "reject-publish"));
    channel.queueBind(queue.deadLetters(), queue.deadLetterExchange(), queue.routingKey());
    // At-least-once dead letters need a queue that refuses what it cannot hold.
    channel.queueDeclare(
        queue.name(),
        true,
        false,
        false,
        Map.of(
            "x-queue-type",
            "quorum",
            "x-delivery-limit",
            queue.deliveryLimit(),
            "x-max-length",
            queue.maxLength(),
            "x-overflow",
            "reject-publish",
            "x-dead-letter-exchange",
            queue.deadLetterExchange(),
            "x-dead-letter-routing-key",
            queue.routingKey(),
            "x-dead-letter-strategy",
            "at-least-once"));
    channel.queueBind(queue.name(), queue.exchange(), queue.routingKey());
  }
}
