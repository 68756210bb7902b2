package org.pilothouse.platform.kafka.consume;

import java.util.Map;
import java.util.Set;

/**
 * Where an effect keeps its own positions, in the transaction of the effect: then each record's
 * effect is there exactly once, whatever crashes. The effect stores {@link Batch#nextPosition()},
 * also for a batch without records, and only where {@link Batch#position()} is what is stored (or
 * nothing is); otherwise it throws {@link PositionLost}.
 */
@FunctionalInterface
public interface OffsetStore {
  /** The stored positions; a partition that has none is left out. */
  Map<Partition, Long> positions(Set<Partition> partitions) throws Exception;
}
