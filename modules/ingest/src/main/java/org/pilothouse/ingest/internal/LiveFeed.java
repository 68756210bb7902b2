package org.pilothouse.ingest.internal;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.consume.TopicTail;

/**
 * One pilot's live events on this node: one tail of the backbone, handed to all who watch. It
 * exists while somebody does.
 *
 * <p>A subscriber that catches up joins under the lock, and only when it has got to where the feed
 * is: nothing falls between.
 */
final class LiveFeed implements AutoCloseable {
  private final TopicTail tail;
  private final Object lock = new Object();
  private final Map<Partition, Long> handed = new HashMap<>();
  private final Set<Subscription> live = new HashSet<>();

  /**
   * @param tails makes the tail around the listener
   */
  LiveFeed(java.util.function.Function<TopicTail.Listener, TopicTail> tails) {
    this.tail = tails.apply(this::arrived);
    tail.start();
  }

  private void arrived(LogRecord record) {
    synchronized (lock) {
      handed.put(record.partition(), record.offset() + 1);
      for (Subscription subscription : live) {
        subscription.offer(record);
      }
    }
  }

  boolean awaitStarted(Duration timeout) throws InterruptedException {
    return tail.awaitStarted(timeout);
  }

  /** Lets a subscriber in from now on; where it stands is set to where the feed is. */
  void joinNow(Subscription subscription) {
    synchronized (lock) {
      subscription.standAt(positions());
      live.add(subscription);
    }
  }

  /**
   * Lets a subscriber in if it has read all that was handed on before; false when it has to read
   * more first.
   */
  boolean joinIfCaughtUp(Subscription subscription) {
    synchronized (lock) {
      for (Map.Entry<Partition, Long> at : positions().entrySet()) {
        if (subscription.position(at.getKey()) < at.getValue()) {
          return false;
        }
      }
      live.add(subscription);
      return true;
    }
  }

  void leave(Subscription subscription) {
    synchronized (lock) {
      live.remove(subscription);
    }
  }

  /**
   * The next offset of each partition; what was handed on is known here before the tail says so.
   */
  private Map<Partition, Long> positions() {
    Map<Partition, Long> positions = new HashMap<>(tail.positions());
    handed.forEach((partition, offset) -> positions.merge(partition, offset, Math::max));
    return positions;
  }

  @Override
  public void close() {
    tail.close();
  }
}
