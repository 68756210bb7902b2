package org.pilothouse.platform.kafka.consume;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A member of a group of readers, as the reader's loop sees it. Only the loop's thread calls it,
 * but for {@link #wakeup}. The fake and the real one pass the same tests.
 */
public interface LogClient extends AutoCloseable {
  /** Hears on the loop's thread, inside {@link #poll}, which partitions come and go. */
  interface Assignments {
    void assigned(Collection<Partition> partitions);

    /** They are still this member's until this returns. */
    void revoked(Collection<Partition> partitions);

    /** They are another member's already: nothing may be committed for them. */
    void lost(Collection<Partition> partitions);
  }

  /**
   * What a poll brought.
   *
   * @param next where the next poll of each partition will begin
   */
  record Polled(Map<Partition, List<LogRecord>> records, Map<Partition, Long> next) {}

  void subscribe(Topics topics, Assignments assignments);

  /** Returns early after {@link #wakeup}. */
  Polled poll(Duration timeout);

  void pause(Collection<Partition> partitions);

  void resume(Collection<Partition> partitions);

  void seek(Partition partition, long offset);

  long position(Partition partition, Duration timeout);

  /** Returns once the positions are kept. */
  void commit(Map<Partition, Long> positions, Duration timeout);

  /**
   * The positions are kept soon.
   *
   * @param failed called inside a later poll when they could not be kept
   */
  void commitLater(Map<Partition, Long> positions, Runnable failed);

  /** Where each partition ends now. */
  Map<Partition, Long> ends(Set<Partition> partitions, Duration timeout);

  /** The first offset that each partition still keeps, or its end where it keeps none. */
  Map<Partition, Long> beginnings(Set<Partition> partitions, Duration timeout);

  /** May be called by any thread. */
  void wakeup();

  void close(Duration timeout);

  @Override
  default void close() {
    close(Duration.ofSeconds(5));
  }
}
