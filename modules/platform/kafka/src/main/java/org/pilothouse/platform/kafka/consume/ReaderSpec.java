package org.pilothouse.platform.kafka.consume;

import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a reader reads, what it does and within which bounds.
 *
 * @param name unique on a node: {@code [a-z0-9-]}
 * @param group readers of one group share the partitions
 * @param offsets where the effect keeps its positions itself; null: the brokers keep them
 * @param workers threads that apply effects
 * @param maxBatch most records of one batch
 * @param maxQueuedRecords most records of one partition that wait in memory, about
 * @param maxQueuedBytes most bytes of all partitions that wait in memory, about
 * @param drain how long a batch under way may take to end when its partition goes, or the reader
 *     stops
 * @param backOff first pause after a transient failure; doubles
 * @param maxBackOff longest pause
 * @param transientFailure which failures pass by themselves
 */
public record ReaderSpec(
    String name,
    String group,
    Topics topics,
    BatchEffect effect,
    @Nullable OffsetStore offsets,
    StartAt startAt,
    int workers,
    int maxBatch,
    int maxQueuedRecords,
    long maxQueuedBytes,
    Duration drain,
    Duration backOff,
    Duration maxBackOff,
    Predicate<Throwable> transientFailure) {

  public ReaderSpec {
    if (!name.matches("[a-z0-9-]{1,63}")) {
      throw new IllegalArgumentException("a reader's name holds a-z, 0-9 and -");
    }
    if (workers < 1 || workers > 64 || maxBatch < 1 || maxQueuedRecords < maxBatch) {
      throw new IllegalArgumentException("a reader's bounds contradict one another");
    }
  }

  /** A reader with the usual bounds, whose positions the brokers keep. */
  public static ReaderSpec of(String name, Topics topics, BatchEffect effect) {
    return new ReaderSpec(
        name,
        "pilothouse." + name,
        topics,
        effect,
        null,
        StartAt.BEGINNING,
        2,
        500,
        2000,
        16L * 1024 * 1024,
        Duration.ofSeconds(10),
        Duration.ofMillis(200),
        Duration.ofSeconds(10),
        new TransientFailures());
  }

  public ReaderSpec inGroup(String other) {
    return new ReaderSpec(
        name,
        other,
        topics,
        effect,
        offsets,
        startAt,
        workers,
        maxBatch,
        maxQueuedRecords,
        maxQueuedBytes,
        drain,
        backOff,
        maxBackOff,
        transientFailure);
  }

  public ReaderSpec storingOffsetsIn(OffsetStore store) {
    return new ReaderSpec(
        name,
        group,
        topics,
        effect,
        store,
        startAt,
        workers,
        maxBatch,
        maxQueuedRecords,
        maxQueuedBytes,
        drain,
        backOff,
        maxBackOff,
        transientFailure);
  }

  public ReaderSpec startingAt(StartAt other) {
    return new ReaderSpec(
        name,
        group,
        topics,
        effect,
        offsets,
        other,
        workers,
        maxBatch,
        maxQueuedRecords,
        maxQueuedBytes,
        drain,
        backOff,
        maxBackOff,
        transientFailure);
  }

  /** Other bounds of work and memory. */
  public ReaderSpec bounded(int workers, int maxBatch, int maxQueuedRecords, long maxQueuedBytes) {
    return new ReaderSpec(
        name,
        group,
        topics,
        effect,
        offsets,
        startAt,
        workers,
        maxBatch,
        maxQueuedRecords,
        maxQueuedBytes,
        drain,
        backOff,
        maxBackOff,
        transientFailure);
  }

  /** Other times. */
  public ReaderSpec timed(Duration drain, Duration backOff, Duration maxBackOff) {
    return new ReaderSpec(
        name,
        group,
        topics,
        effect,
        offsets,
        startAt,
        workers,
        maxBatch,
        maxQueuedRecords,
        maxQueuedBytes,
        drain,
        backOff,
        maxBackOff,
        transientFailure);
  }
}
