package org.pilothouse.platform.kafka.consume;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Of a backlog, a few partitions at a time are brought: what may wait in memory is whole batches of
 * these then, and not a little of each. Those that have most come first, so that a batch that was
 * begun is filled; then those that have waited longest.
 */
final class Turns {
  private Turns() {}

  /**
   * A partition with more to bring than a batch.
   *
   * @param queued records of it that wait in memory
   * @param idleNanos for how long no batch of it has begun
   */
  record Place(Partition partition, int queued, long idleNanos) {}

  /**
   * @param most how many may be brought at once
   * @return those that have to wait
   */
  static Set<Partition> waiting(Collection<Place> behind, int most) {
    if (behind.size() <= most) {
      return Set.of();
    }
    List<Place> inOrder = new ArrayList<>(behind);
    inOrder.sort(
        Comparator.comparingInt(Place::queued).thenComparingLong(Place::idleNanos).reversed());
    Set<Partition> waiting = new HashSet<>();
    inOrder.subList(most, inOrder.size()).forEach(place -> waiting.add(place.partition()));
    return waiting;
  }
}
