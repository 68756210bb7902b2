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
 * @param transientFailure which failures pass by themselves
 */
public record ReaderSpec(
    String name,
    String group,
    Topics topics,
    BatchEffect effect,
    @Nullable OffsetStore offsets,
    StartAt startAt,
    Bounds bounds,
    Times times,
    Predicate<Throwable> transientFailure) {

  private static final Duration LONGEST_GATHERING = Duration.ofSeconds(10);

  /**
   * Work and memory.
   *
   * @param workers threads that apply effects
   * @param maxBatch most records of one batch
   * @param maxBatchBytes most bytes of one batch, about; one record is always taken. What an effect
   *     makes of a record may be many times as large as the record
   * @param maxQueuedRecords most records of one partition that wait in memory, about
   * @param maxQueuedBytes most bytes of all partitions that wait in memory, about
   */
  public record Bounds(
      int workers, int maxBatch, long maxBatchBytes, int maxQueuedRecords, long maxQueuedBytes) {
    public static final Bounds USUAL =
        new Bounds(2, 500, 8L * 1024 * 1024, 2_000, 16L * 1024 * 1024);

    public Bounds {
      if (workers < 1
          || workers > 64
          || maxBatch < 1
          || maxBatchBytes < 1
          || maxQueuedRecords < maxBatch) {
        throw new IllegalArgumentException("a reader's bounds contradict one another");
      }
    }
  }

  /**
   * Waits.
   *
   * @param drain how long a batch under way may take to end when its partition goes, or the reader
   *     stops
   * @param backOff first pause after a transient failure; doubles
   * @param maxBackOff longest pause
   * @param gathering how long records wait for others
   */
  public record Times(Duration drain, Duration backOff, Duration maxBackOff, Gathering gathering) {
    public static final Times USUAL =
        new Times(
            Duration.ofSeconds(10),
            Duration.ofMillis(200),
            Duration.ofSeconds(10),
            new Gathering(Duration.ZERO, Duration.ZERO, 0));

    /** The usual times, and gathering. */
    public static Times gathering(Duration gather) {
      return gathering(gather, gather, 0);
    }

    /** The usual times, and gathering for longer where more than a few wait. */
    public static Times gathering(Duration few, Duration many, int mostOfFew) {
      return new Times(
          USUAL.drain, USUAL.backOff, USUAL.maxBackOff, new Gathering(few, many, mostOfFew));
    }
  }

  /**
   * Least time from the beginning of one batch of a partition to the next, unless a whole batch
   * waits: under load, fewer and larger batches cost the store much less. The first record after a
   * quiet time does not wait.
   *
   * @param few the time where few records wait
   * @param many the time where more of them wait
   * @param mostOfFew how many of one partition are few
   */
  public record Gathering(Duration few, Duration many, int mostOfFew) {
    public Gathering {
      if (few.isNegative()
          || few.compareTo(many) > 0
          || many.compareTo(LONGEST_GATHERING) > 0
          || mostOfFew < 0) {
        throw new IllegalArgumentException(
            "a reader gathers for at most " + LONGEST_GATHERING + ", and no less where many wait");
      }
    }

    boolean isNone() {
      return many.isZero();
    }

    /** In nanoseconds, where so many records wait. */
    long nanos(int waiting) {
      return (waiting <= mostOfFew ? few : many).toNanos();
    }
  }

  public ReaderSpec {
    if (!name.matches("[a-z0-9-]{1,63}")) {
      throw new IllegalArgumentException("a reader's name holds a-z, 0-9 and -");
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
        Bounds.USUAL,
        Times.USUAL,
        new TransientFailures());
  }

  public ReaderSpec inGroup(String other) {
    return new ReaderSpec(
        name, other, topics, effect, offsets, startAt, bounds, times, transientFailure);
  }

  public ReaderSpec storingOffsetsIn(OffsetStore store) {
    return new ReaderSpec(
        name, group, topics, effect, store, startAt, bounds, times, transientFailure);
  }

  public ReaderSpec startingAt(StartAt other) {
    return new ReaderSpec(
        name, group, topics, effect, offsets, other, bounds, times, transientFailure);
  }

  public ReaderSpec bounded(Bounds other) {
    return new ReaderSpec(
        name, group, topics, effect, offsets, startAt, other, times, transientFailure);
  }

  public ReaderSpec timed(Times other) {
    return new ReaderSpec(
        name, group, topics, effect, offsets, startAt, bounds, other, transientFailure);
  }
}
