package org.pilothouse.twins.internal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.platform.mqtt.MqttMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the results that devices publish, apart from the sending of commands. A message is
 * acknowledged once its effect is stored, or when it can have none.
 *
 * <p>What is waiting is looked at together: only results of open commands cost a transaction each,
 * and no device has many of those. So a device that floods the broker with repeats or made-up ids
 * delays the others by little.
 */
final class CommandResults implements AutoCloseable {
  /** Taken from the broker and not acknowledged yet. */
  static final int MOST_WAITING = 256;

  private static final Logger LOG = LoggerFactory.getLogger(CommandResults.class);
  private static final int AT_ONCE = 64;
  private static final long RETRY_MILLIS = 1_000;

  /** Where results go. */
  interface Store {
    /** Of these, the open ones. */
    Set<Commands.Key> open(List<Commands.Key> keys);

    Commands.Answer answered(Commands.Key key, CommandResult result);
  }

  private record Named(Commands.Key key, MqttMessage message) {}

  private final Store store;
  private final BlockingQueue<MqttMessage> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread worker;
  private final Counter taken;
  private final Counter ignored;

  CommandResults(Store store, MeterRegistry metrics) {
    this.store = store;
    this.taken = metrics.counter("pilothouse.commands.results", "outcome", "taken");
    this.ignored = metrics.counter("pilothouse.commands.results", "outcome", "ignored");
    this.worker = Thread.ofPlatform().name("command-results").daemon(true).start(this::work);
  }

  /** Waits while too many wait: then the broker holds the rest back. */
  void take(MqttMessage message) {
    try {
      while (closing.getCount() > 0
          && !waiting.offer(message, RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
        LOG.debug("results wait for the store");
      }
    } catch (InterruptedException e) {
      // It is not acknowledged, so that the broker hands it out again.
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    List<MqttMessage> batch = new ArrayList<>(AT_ONCE);
    try {
      while (closing.getCount() > 0) {
        MqttMessage first = waiting.poll(RETRY_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          batch.clear();
          batch.add(first);
          waiting.drainTo(batch, AT_ONCE - 1);
          store(batch);
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void store(List<MqttMessage> batch) throws InterruptedException {
    List<Named> named = new ArrayList<>(batch.size());
    for (MqttMessage message : batch) {
      Optional<Commands.Key> key = key(message.levels());
      if (key.isPresent()) {
        named.add(new Named(key.get(), message));
      } else {
        ignore(message);
      }
    }
    Set<Commands.Key> open = null;
    while (open == null && !named.isEmpty()) {
      open = openOf(named);
      if (open == null && closing.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
        return;
      }
    }
    for (Named each : named) {
      if (open != null && open.contains(each.key())) {
        while (!isSettled(each)) {
          if (closing.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
            return;
          }
        }
      } else {
        ignore(each.message());
      }
    }
  }

  private @Nullable Set<Commands.Key> openOf(List<Named> named) {
    try {
      return store.open(named.stream().map(Named::key).distinct().toList());
    } catch (RuntimeException e) {
      LOG.warn("results of commands wait for the store: {}", e.getMessage());
      return null;
    }
  }

  /** False when the store is away. */
  private boolean isSettled(Named each) {
    try {
      Commands.Answer answer =
          store.answered(each.key(), CommandResult.read(each.message().payload()));
      (answer == Commands.Answer.TAKEN ? taken : ignored).increment();
      each.message().acknowledge();
    } catch (Problem storeAway) {
      return false;
    } catch (RuntimeException e) {
      LOG.error("a result cannot be stored and is let go", e);
      ignore(each.message());
    }
    return true;
  }

  private void ignore(MqttMessage message) {
    ignored.increment();
    message.acknowledge();
  }

  /** {@code pilothouse/<pilot>/<device>/commands/<id>/result}; empty for what names no command. */
  static Optional<Commands.Key> key(List<String> levels) {
    return levels.size() == 6 && Names.isId(levels.get(1)) && Names.isId(levels.get(2))
        ? Commands.Key.of(
            new Commands.Recipient(new PilotId(levels.get(1)), new DeviceId(levels.get(2))),
            levels.get(4))
        : Optional.empty();
  }

  @Override
  public void close() {
    closing.countDown();
    worker.interrupt();
  }
}
