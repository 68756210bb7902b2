package org.pilothouse.ingest.internal;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.consume.SeenEvents;

/**
 * One who watches. What arrives live waits in a bounded queue; a subscriber that is too slow for it
 * falls behind, takes what the queue still holds, and then reads on from the log: it misses
 * nothing, and nobody else waits for it.
 */
final class Subscription {
  private static final int MOST_RECORDS = 4_096;
  private static final long MOST_BYTES = 8L * 1024 * 1024;
  private static final int REMEMBERED = 20_000;
  private static final Duration REMEMBERED_FOR = Duration.ofMinutes(30);

  private final StreamFilter filter;
  private final ArrayBlockingQueue<LogRecord> queue = new ArrayBlockingQueue<>(MOST_RECORDS);
  private final AtomicLong queuedBytes = new AtomicLong();
  private volatile boolean behind;
  private boolean catchesUp;
  private final Map<Partition, Long> next = new HashMap<>();

  /**
   * While it catches up: what each partition held before. The feed passes live repeats over itself,
   * so that a subscriber which has caught up holds nothing.
   */
  private final Map<Partition, SeenEvents> seen = new HashMap<>();

  Subscription(StreamFilter filter) {
    this.filter = filter;
  }

  /** Called by the feed before anything is offered, or by the reader that catches up. */
  void standAt(Map<Partition, Long> positions) {
    next.putAll(positions);
  }

  /** Only for partitions in which it stands nowhere yet. */
  void standAtNew(Map<Partition, Long> positions) {
    positions.forEach(next::putIfAbsent);
  }

  long position(Partition partition) {
    return next.getOrDefault(partition, 0L);
  }

  Map<Partition, Long> positions() {
    return next;
  }

  /** By the feed, under its lock; never blocks. */
  void offer(LogRecord record) {
    if (behind || !filter.wants(record)) {
      return;
    }
    if (queuedBytes.get() > MOST_BYTES || !queue.offer(record)) {
      behind = true;
    } else {
      queuedBytes.addAndGet(bytes(record));
    }
  }

  private static int bytes(LogRecord record) {
    byte[] value = record.value();
    return value == null ? 0 : value.length;
  }

  /** The next live record, or null after the time. */
  @Nullable LogRecord poll(Duration timeout) throws InterruptedException {
    LogRecord record = queue.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
    if (record != null) {
      queuedBytes.addAndGet(-bytes(record));
    }
    return record;
  }

  boolean hasMore() {
    return !queue.isEmpty();
  }

  /**
   * Whether something arrived that the queue did not take. What it took before comes first; then
   * the log has the rest.
   */
  boolean isBehind() {
    return behind && queue.isEmpty();
  }

  /** It has read all that was handed on before; called before it joins the feed again. */
  void caughtUp() {
    behind = false;
  }

  /** It has joined the feed. */
  void joined() {
    catchesUp = false;
    seen.clear();
  }

  /**
   * By the writer alone: moves on past the record; true when it is to be shown, which it is once.
   */
  boolean isToBeShown(LogRecord record) {
    if (record.offset() < position(record.partition())) {
      return false;
    }
    next.put(record.partition(), record.offset() + 1);
    return filter.wants(record) && (!catchesUp || isNew(record));
  }

  private boolean isNew(LogRecord record) {
    return seen.computeIfAbsent(
            record.partition(), at -> new SeenEvents(REMEMBERED, REMEMBERED_FOR))
        .isNew(record);
  }

  /** It reads the log by itself, until it has {@link #joined}. */
  void catchesUp() {
    catchesUp = true;
  }

  /** What stood in the log before the place from which it catches up. */
  void remember(LogRecord record) {
    if (filter.wants(record)) {
      boolean ignored = isNew(record);
    }
  }
}
