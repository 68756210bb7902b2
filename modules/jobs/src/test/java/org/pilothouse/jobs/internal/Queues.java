package org.pilothouse.jobs.internal;

import com.rabbitmq.client.Channel;
import java.util.List;
import org.pilothouse.platform.rabbit.RabbitConnection;

/** The room's queues, by hand. */
final class Queues {
  private static final List<String> TYPES = List.of("noop", "test");

  private Queues() {}

  static void delete(RabbitConnection connection, String queue) {
    try (Channel channel = connection.channel()) {
      var deleted = channel.queueDelete(queue);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** All that a test may have left. */
  static void remove(RabbitConnection connection, String exchange) {
    for (String type : TYPES) {
      for (Priority priority : Priority.values()) {
        delete(connection, exchange + "." + new Lane(type, priority).routingKey());
      }
    }
    for (String more : List.of("dead", "unroutable")) {
      delete(connection, exchange + "." + more);
    }
    try (Channel channel = connection.channel()) {
      for (String each : List.of(exchange, exchange + ".dead", exchange + ".unroutable")) {
        var deleted = channel.exchangeDelete(each);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
