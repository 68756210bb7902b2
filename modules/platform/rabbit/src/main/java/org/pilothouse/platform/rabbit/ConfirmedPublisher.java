package org.pilothouse.platform.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes persistent messages and completes when the broker has confirmed that a quorum queue
 * holds them. A message that no queue takes is an error ({@link Unroutable}), never silence.
 *
 * <p>May be used by many threads; messages of one caller that waits for each keep their order.
 */
public final class ConfirmedPublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConfirmedPublisher.class);
  private static final int PERSISTENT = 2;

  private record Waiting(String messageId, CompletableFuture<Void> result) {}

  private final RabbitConnection connection;
  private final RabbitConfig config;
  private final Counter confirmed;
  private final Counter failed;

  // Guarded by this.
  private @Nullable Channel channel;
  private TreeMap<Long, Waiting> unconfirmed = new TreeMap<>();

  public ConfirmedPublisher(
      RabbitConnection connection, RabbitConfig config, MeterRegistry registry) {
    this.connection = connection;
    this.config = config;
    this.confirmed =
        Counter.builder("pilothouse.rabbit.confirmed")
            .description("Messages that the broker confirmed")
            .register(registry);
    this.failed =
        Counter.builder("pilothouse.rabbit.failed")
            .description("Messages that were not confirmed")
            .register(registry);
    Gauge.builder("pilothouse.rabbit.unconfirmed", this, ConfirmedPublisher::waiting)
        .description("Messages that wait for their confirmation")
        .register(registry);
  }

  private synchronized double waiting() {
    return unconfirmed.size();
  }

  /**
   * Completes exceptionally with {@link RabbitUnavailable} (it may or may not be there) or {@link
   * Unroutable}, within the confirm timeout.
   *
   * @param messageId by which receivers know a repeat
   */
  public CompletionStage<Void> publish(
      String exchange,
      String routingKey,
      String messageId,
      Map<String, String> headers,
      byte[] body) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    long number;
    Channel used;
    try {
      synchronized (this) {
        if (connection.isBlocked()) {
          throw new RabbitUnavailable("the broker takes no messages at the moment");
        }
        if (unconfirmed.size() >= config.mostUnconfirmed()) {
          throw new RabbitUnavailable("too many messages wait for their confirmation");
        }
        used = openChannel();
        number = used.getNextPublishSeqNo();
        unconfirmed.put(number, new Waiting(messageId, result));
        try {
          used.basicPublish(
              exchange,
              routingKey,
              true,
              new AMQP.BasicProperties.Builder()
                  .deliveryMode(PERSISTENT)
                  .messageId(messageId)
                  .contentType(headers.getOrDefault("content-type", "application/json"))
                  .headers(new TreeMap<>(headers))
                  .build(),
              body);
        } catch (IOException | AlreadyClosedException e) {
          unconfirmed.remove(number);
          channel = null;
          throw new RabbitUnavailable("the message was not sent", e);
        }
      }
    } catch (RabbitUnavailable e) {
      failed.increment();
      result.completeExceptionally(e);
      return result;
    }
    result
        .orTimeout(config.confirmTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((done, failure) -> {
          if (failure instanceof TimeoutException) {
            forget(used, number);
          }
          (failure == null ? confirmed : failed).increment();
        });
    return result.exceptionallyCompose(failure ->
        CompletableFuture.failedFuture(
            failure instanceof TimeoutException
                ? new RabbitUnavailable("the broker did not confirm in time", failure)
                : failure));
  }

  private synchronized void forget(Channel used, long number) {
    if (used == channel) {
      unconfirmed.remove(number);
    }
  }

  private Channel openChannel() {
    Channel present = channel;
    if (present != null && present.isOpen()) {
      return present;
    }
    Channel made = connection.channel();
    try {
      var unused = made.confirmSelect();
    } catch (IOException | AlreadyClosedException e) {
      throw new RabbitUnavailable("the channel broke", e);
    }
    TreeMap<Long, Waiting> own = new TreeMap<>();
    made.addConfirmListener(
        (number, multiple) -> settle(own, number, multiple, null),
        (number, multiple) ->
            settle(own, number, multiple, new RabbitUnavailable("the broker refused the message")));
    made.addReturnListener(returned ->
        refuse(
            own,
            String.valueOf(returned.getProperties().getMessageId()),
            new Unroutable(returned.getExchange(), returned.getRoutingKey())));
    made.addShutdownListener(
        signal -> failAll(own, new RabbitUnavailable("the channel was closed", signal)));
    channel = made;
    unconfirmed = own;
    return made;
  }

  private void settle(
      TreeMap<Long, Waiting> own,
      long number,
      boolean multiple,
      @Nullable RabbitUnavailable failure) {
    List<Waiting> settled = new ArrayList<>();
    synchronized (this) {
      if (multiple) {
        var upTo = own.headMap(number, true);
        settled.addAll(upTo.values());
        upTo.clear();
      } else {
        Waiting waiting = own.remove(number);
        if (waiting != null) {
          settled.add(waiting);
        }
      }
    }
    for (Waiting waiting : settled) {
      if (failure == null) {
        waiting.result().complete(null);
      } else {
        waiting.result().completeExceptionally(failure);
      }
    }
  }

  /** The broker returns a message before it confirms it. */
  private void refuse(TreeMap<Long, Waiting> own, String messageId, Unroutable failure) {
    List<Waiting> refused = new ArrayList<>();
    synchronized (this) {
      own.values().stream()
          .filter(waiting -> waiting.messageId().equals(messageId))
          .forEach(refused::add);
    }
    refused.forEach(waiting -> waiting.result().completeExceptionally(failure));
  }

  private void failAll(TreeMap<Long, Waiting> own, RabbitUnavailable failure) {
    List<Waiting> lost;
    synchronized (this) {
      lost = List.copyOf(own.values());
      own.clear();
    }
    lost.forEach(waiting -> waiting.result().completeExceptionally(failure));
  }

  private static void abort(Channel used) {
    try {
      used.abort();
    } catch (IOException | AlreadyClosedException e) {
      LOG.atDebug().setCause(e).log("was closed already");
    }
  }

  @Override
  public void close() {
    Channel present;
    synchronized (this) {
      present = channel;
      channel = null;
    }
    if (present != null) {
      try {
        if (present.isOpen()) {
          boolean unused = present.waitForConfirms(config.confirmTimeout().toMillis());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (TimeoutException | AlreadyClosedException e) {
        LOG.atWarn().setCause(e).log("closing without all confirmations");
      }
      abort(present);
    }
  }
}
