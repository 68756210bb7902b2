package org.pilothouse.ingest.internal;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.pilothouse.platform.kafka.BackboneUnavailable;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.consume.SeenEvents;
import org.pilothouse.platform.kafka.consume.TopicTail;

/**
 * One pilot's live events on this node: one tail of the backbone, handed to all who watch. It
 * exists while somebody does.
 *
 * <p>A subscriber that catches up joins under the lock, and only when it has got to where the feed
 * is: nothing falls between.
 */
final class LiveFeed implements AutoCloseable {
  private static final int REMEMBERED = 30_000;
  private static final Duration REMEMBERED_FOR = Duration.ofMinutes(30);

  private final TopicTail tail;
  private final Object lock = new Object();
  private final Map<Partition, Long> handed = new HashMap<>();
  private final Set<Subscription> live = new HashSet<>();
  private final Past past;

  /** What each partition held lately; by the tail's thread alone. */
  private final Map<Partition, SeenEvents> seen = new HashMap<>();

  /** Reads back what a partition held before an offset. */
  interface Past {
    void before(Partition partition, long offset, int most, Consumer<LogRecord> each);
  }

  /**
   * @param tails makes the tail around the listener
   */
  LiveFeed(Function<TopicTail.Listener, TopicTail> tails, Past past) {
    this.past = past;
    this.tail = tails.apply(this::arrived);
    tail.start();
  }

  private void arrived(LogRecord record) {
    boolean repeat = isRepeat(record);
    synchronized (lock) {
      handed.put(record.partition(), record.offset() + 1);
      if (!repeat) {
        for (Subscription subscription : live) {
          subscription.offer(record);
        }
      }
    }
  }

  /**
   * Whether the log holds the event at an earlier place. That a subscriber left and came back in
   * between, once or often, does not matter then: it is shown the first alone.
   */
  private boolean isRepeat(LogRecord record) {
    SeenEvents known = seen.get(record.partition());
    if (known == null) {
      SeenEvents read = new SeenEvents(REMEMBERED, REMEMBERED_FOR);
      try {
        past.before(record.partition(), record.offset(), REMEMBERED, each -> read.isNew(each));
        seen.put(record.partition(), read);
      } catch (BackboneUnavailable e) {
        // The next record asks again; until then the subscriber's own memory has to do.
        return false;
      }
      known = read;
    }
    return !known.isNew(record);
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
