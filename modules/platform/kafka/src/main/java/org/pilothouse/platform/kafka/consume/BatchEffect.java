package org.pilothouse.platform.kafka.consume;

/**
 * What a reader does with records. It is called for one partition by one thread at a time, in the
 * partition's order, and may be called again with records that it has seen: it must be idempotent,
 * by the event's id or by storing the position in the same transaction ({@link OffsetStore}).
 */
@FunctionalInterface
public interface BatchEffect {
  /**
   * Applies a batch. When this returns, the effect is durable.
   *
   * @throws PoisonRecord when one of the records can never be applied; then nothing of the batch
   *     may have been applied, or it may be applied again
   * @throws Exception the batch is tried again where the reader takes it for transient; otherwise
   *     the record at fault is found and rejected
   */
  void apply(Batch batch) throws Exception;

  /** Applies one record after the other. */
  @FunctionalInterface
  interface Each {
    void apply(LogRecord record) throws Exception;
  }

  static BatchEffect each(Each effect) {
    return batch -> {
      for (LogRecord record : batch.records()) {
        effect.apply(record);
      }
    };
  }

  /**
   * A partition is this reader's from now on. Called before its first batch, by the thread that
   * will apply it; tried again when it fails.
   *
   * @param position where the first batch will begin
   */
  default void assigned(Partition partition, long position) throws Exception {}

  /** The partition is no longer this reader's. Must not block. */
  default void released(Partition partition) {}

  /** A record of this partition was rejected: its effect did not and will not take place. */
  default void rejected(LogRecord record) {}
}
