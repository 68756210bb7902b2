package org.pilothouse.platform.kafka.consume;

import java.util.List;

/**
 * Records of one partition, in order.
 *
 * @param position where the effects of this partition have got to: every record before it was
 *     applied or rejected
 * @param nextPosition where they will have got to once this batch is applied. The records between
 *     may be fewer than the offsets between
 */
public record Batch(
    Partition partition, List<LogRecord> records, long position, long nextPosition) {
  public Batch {
    records = List.copyOf(records);
  }

  /** The same stretch of the log with fewer records. */
  public Batch with(List<LogRecord> fewer) {
    return new Batch(partition, fewer, position, nextPosition);
  }
}
