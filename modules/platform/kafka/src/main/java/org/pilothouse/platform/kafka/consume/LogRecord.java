package org.pilothouse.platform.kafka.consume;

import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.EventHeaders;

/**
 * One record as it stands in the log. The arrays are not copied; nobody changes them.
 *
 * @param timestampMillis when it was given to the backbone, in milliseconds since 1970
 */
public record LogRecord(
    Partition partition,
    long offset,
    long timestampMillis,
    byte @Nullable [] key,
    byte @Nullable [] value,
    EventHeaders headers) {
  /** The objects, and what headers do not share with the neighbours'. */
  private static final int WITHOUT_DATA = 300;

  public String topic() {
    return partition.topic();
  }

  /** About how much memory it takes. */
  int weight() {
    return WITHOUT_DATA + (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
  }
}
