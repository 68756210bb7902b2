package org.pilothouse.platform.rabbit;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Declares a topology. May run as often as one likes. Only arguments that brokers from 3.10 to 4
 * take alike are used.
 */
public final class TopologyProvisioner {
  private static final Logger LOG = LoggerFactory.getLogger(TopologyProvisioner.class);

  private final RabbitConnection connection;

  public TopologyProvisioner(RabbitConnection connection) {
    this.connection = connection;
  }

  /** One question to the broker. */
  private interface Step {
    void on(Channel channel) throws IOException;
  }

  /**
   * Declares what is missing. What is there with other properties stays as it is, and messages go
   * through it as they can.
   *
   * @return what is there with other properties, for people; empty where all is as it should be
   * @throws RabbitUnavailable the broker does not answer
   */
  public List<String> ensure(Topology topology) {
    List<String> mismatches = new ArrayList<>();
    try (Declaring declaring = new Declaring(mismatches)) {
      declaring.step(
          "exchange " + topology.alternateExchange(),
          channel ->
              channel.exchangeDeclare(
                  topology.alternateExchange(), BuiltinExchangeType.FANOUT, true));
      declaring.step(
          "exchange " + topology.deadLetterExchange(),
          channel ->
              channel.exchangeDeclare(
                  topology.deadLetterExchange(), BuiltinExchangeType.DIRECT, true));
      declaring.step(
          "exchange " + topology.exchange(),
          channel ->
              channel.exchangeDeclare(
                  topology.exchange(),
                  BuiltinExchangeType.DIRECT,
                  true,
                  false,
                  Map.of("alternate-exchange", topology.alternateExchange())));
      declaring.step(
          "queue " + topology.unroutable(), channel -> kept(channel, topology.unroutable()));
      declaring.step(
          "binding of " + topology.unroutable(),
          channel -> channel.queueBind(topology.unroutable(), topology.alternateExchange(), ""));
      declaring.step(
          "queue " + topology.deadLetters(), channel -> kept(channel, topology.deadLetters()));
      for (String key : topology.routingKeys()) {
        String queue = topology.queue(key);
        declaring.step(
            "binding of " + topology.deadLetters(),
            channel ->
                channel.queueBind(topology.deadLetters(), topology.deadLetterExchange(), key));
        declaring.step(
            "queue " + queue,
            channel -> channel.queueDeclare(queue, true, false, false, arguments(topology, key)));
        declaring.step(
            "binding of " + queue, channel -> channel.queueBind(queue, topology.exchange(), key));
      }
    }
    if (!mismatches.isEmpty()) {
      LOG.warn("the broker has other properties than declared here: {}", mismatches);
    }
    return mismatches;
  }

  private static void kept(Channel channel, String queue) throws IOException {
    var unused =
        channel.queueDeclare(
            queue,
            true,
            false,
            false,
            Map.of("x-queue-type", "quorum", "x-overflow", "reject-publish"));
  }

  /** At-least-once dead letters need a queue that refuses what it cannot hold. */
  private static Map<String, Object> arguments(Topology topology, String key) {
    return Map.of(
        "x-queue-type",
        "quorum",
        "x-delivery-limit",
        topology.deliveryLimit(),
        "x-max-length",
        topology.maxLength(),
        "x-overflow",
        "reject-publish",
        "x-dead-letter-exchange",
        topology.deadLetterExchange(),
        "x-dead-letter-routing-key",
        key,
        "x-dead-letter-strategy",
        "at-least-once");
  }

  /** The broker closes the channel on which something did not fit; the next step gets another. */
  private final class Declaring implements AutoCloseable {
    private final List<String> mismatches;
    private @Nullable Channel channel;

    Declaring(List<String> mismatches) {
      this.mismatches = mismatches;
    }

    void step(String what, Step step) {
      Channel used = channel;
      if (used == null || !used.isOpen()) {
        used = connection.channel();
        channel = used;
      }
      try {
        step.on(used);
      } catch (IOException e) {
        if (e.getCause() instanceof ShutdownSignalException signal && !signal.isHardError()) {
          mismatches.add(what);
          return;
        }
        throw new RabbitUnavailable("not declared: " + what, e);
      } catch (AlreadyClosedException e) {
        throw new RabbitUnavailable("not declared: " + what, e);
      }
    }

    @Override
    public void close() {
      Channel used = channel;
      if (used != null && used.isOpen()) {
        try {
          used.close();
        } catch (IOException | TimeoutException | AlreadyClosedException e) {
          LOG.atDebug().setCause(e).log("was closed already");
        }
      }
    }
  }
}
