package org.pilothouse.platform.rabbit;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.pilothouse.kernel.outbox.OutboxMessage;
import org.pilothouse.kernel.outbox.OutboxSink;

/**
 * Takes messages of the outbox to RabbitMQ; the outbox's id is the message's id. Connecting may
 * block, so a thread of its own does it, for one message after the other; it declares the queues
 * before it sends the first.
 */
public final class RabbitOutboxSink implements OutboxSink, AutoCloseable {
  private static final int MOST_WAITING = 1000;

  private final ConfirmedPublisher publisher;
  private final TopologyProvisioner provisioner;
  private final Supplier<Topology> topology;
  private final ThreadPoolExecutor sender;

  /** False again after any failure: the broker may have been made anew. */
  private volatile boolean declared;

  /**
   * @param topology asked before the first message is sent, and again after a failure
   */
  public RabbitOutboxSink(
      ConfirmedPublisher publisher, TopologyProvisioner provisioner, Supplier<Topology> topology) {
    this.publisher = publisher;
    this.provisioner = provisioner;
    this.topology = topology;
    this.sender =
        new ThreadPoolExecutor(
            1,
            1,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            task -> {
              Thread thread = new Thread(task, "rabbit-outbox");
              thread.setDaemon(true);
              return thread;
            });
    sender.allowCoreThreadTimeOut(true);
  }

  @Override
  public OutboxMessage.Destination destination() {
    return OutboxMessage.Destination.RABBIT;
  }

  @Override
  public CompletionStage<Void> send(OutboxMessage message) {
    try {
      return CompletableFuture.supplyAsync(() -> publish(message), sender)
          .thenCompose(sent -> sent);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(
          new RabbitUnavailable("too many messages wait to be sent", e));
    }
  }

  private CompletionStage<Void> publish(OutboxMessage message) {
    if (!declared) {
      // What does not fit is told of; messages go through what is there.
      var unused = provisioner.ensure(topology.get());
      declared = true;
    }
    return publisher
        .publish(
            message.topic(),
            message.key(),
            message.id().toString(),
            message.headers(),
            message.payload())
        .whenComplete((done, failure) -> {
          if (failure != null) {
            declared = false;
          }
        });
  }

  /** What waits fails, and is sent again by another relay. */
  @Override
  public void close() {
    sender.shutdownNow();
  }
}
