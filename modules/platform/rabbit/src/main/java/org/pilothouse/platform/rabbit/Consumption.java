package org.pilothouse.platform.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer of one queue with a bounded number of messages in hand. Whoever owns it calls {@link
 * #tend} now and again: that is when it subscribes, lets go, and comes back after a broken channel.
 */
public final class Consumption implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Consumption.class);

  private final RabbitConnection connection;
  private final String queue;
  private final int prefetch;
  private final Consumer<Delivery> receiver;

  // For whoever tends it alone.
  private @Nullable Subscription present;
  private boolean wanted;

  /** What tending has come to. */
  public enum State {
    SUBSCRIBED,
    IDLE,
    /** The broker has no such queue. */
    NO_QUEUE
  }

  /**
   * @param prefetch how many messages may be in hand
   * @param receiver is called by threads of the connection and must return at once
   */
  public Consumption(
      RabbitConnection connection, String queue, int prefetch, Consumer<Delivery> receiver) {
    this.connection = connection;
    this.queue = queue;
    this.prefetch = prefetch;
    this.receiver = receiver;
  }

  /** Whether it is to have messages; what is in hand stays with its receiver. */
  public void want(boolean messages) {
    wanted = messages;
  }

  /**
   * @throws RabbitUnavailable the broker does not answer
   */
  public State tend() {
    Subscription now = present;
    if (now != null && !now.lives()) {
      now.abandon();
      present = null;
      now = null;
    }
    if (!wanted) {
      if (now != null) {
        now.pause();
      }
      return State.IDLE;
    }
    if (now == null) {
      now = new Subscription(connection.channel());
      present = now;
    }
    return now.resume() ? State.SUBSCRIBED : State.NO_QUEUE;
  }

  /** What is in hand goes back to the queue. */
  @Override
  public void close() {
    Subscription now = present;
    present = null;
    wanted = false;
    if (now != null) {
      now.abandon();
    }
  }

  private final class Subscription extends DefaultConsumer {
    private final Channel channel;
    private @Nullable String tag;
    private volatile boolean cancelled;

    Subscription(Channel channel) {
      super(channel);
      this.channel = channel;
    }

    boolean lives() {
      return channel.isOpen() && !cancelled;
    }

    /** False where there is no such queue. */
    boolean resume() {
      if (tag != null) {
        return true;
      }
      try {
        channel.basicQos(prefetch);
        tag = channel.basicConsume(queue, false, this);
        return true;
      } catch (IOException e) {
        if (e.getCause() instanceof ShutdownSignalException signal
            && signal.getReason() instanceof AMQP.Channel.Close close
            && close.getReplyCode() == AMQP.NOT_FOUND) {
          return false;
        }
        throw new RabbitUnavailable("no subscription to " + queue, e);
      } catch (AlreadyClosedException e) {
        throw new RabbitUnavailable("no subscription to " + queue, e);
      }
    }

    void pause() {
      String subscribed = tag;
      if (subscribed == null) {
        return;
      }
      tag = null;
      try {
        channel.basicCancel(subscribed);
      } catch (IOException | AlreadyClosedException e) {
        cancelled = true;
      }
    }

    void abandon() {
      try {
        channel.abort();
      } catch (IOException | AlreadyClosedException e) {
        LOG.debug("was closed already queue={} error={}", queue, e.toString());
      }
    }

    /** The broker took the subscription away: the queue was removed, or has moved. */
    @Override
    public void handleCancel(String consumerTag) {
      LOG.warn("the subscription was taken away queue={}", queue);
      cancelled = true;
    }

    @Override
    public void handleDelivery(
        String consumerTag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
      receiver.accept(
          new Delivery(
              channel,
              envelope.getDeliveryTag(),
              envelope.getRoutingKey(),
              returns(properties.getHeaders()),
              body));
    }

    private static int returns(@Nullable Map<String, Object> headers) {
      return headers != null && headers.get("x-delivery-count") instanceof Number count
          ? count.intValue()
          : 0;
    }
  }
}
