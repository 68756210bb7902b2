package org.pilothouse.platform.rabbit;

import com.rabbitmq.client.Channel;

/** Takes away what a test has declared. */
final class Topologies {
  private Topologies() {}

  static void remove(RabbitConnection connection, Topology topology) throws Exception {
    try (Channel channel = connection.channel()) {
      for (String key : topology.routingKeys()) {
        var queue = channel.queueDelete(topology.queue(key));
      }
      var dead = channel.queueDelete(topology.deadLetters());
      var unroutable = channel.queueDelete(topology.unroutable());
      var exchange = channel.exchangeDelete(topology.exchange());
      var deadExchange = channel.exchangeDelete(topology.deadLetterExchange());
      var alternate = channel.exchangeDelete(topology.alternateExchange());
    }
  }
}
