package org.pilothouse.platform.kafka.consume;

import org.jspecify.annotations.Nullable;

/**
 * How a reader is.
 *
 * @param lag records between what was applied and the end of its partitions; null when not known
 *     yet
 * @param recordsPerSecond over the last 10 s
 * @param rejected since the node started
 * @param failure what it waits for, without anything of a payload
 */
public record ReaderStatus(
    String name,
    String topics,
    State state,
    @Nullable Long lag,
    double recordsPerSecond,
    long rejected,
    int partitions,
    @Nullable String failure) {

  public enum State {
    RUNNING,
    PAUSED,
    /** An engine that it needs is away; it tries again by itself. */
    WAITING,
    STOPPED
  }
}
