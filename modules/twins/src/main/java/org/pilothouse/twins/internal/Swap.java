package org.pilothouse.twins.internal;

import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterator;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.consume.Partition;

/**
 * Compares the stored states with the rebuilt ones and, where it is asked to, puts the rebuilt ones
 * in their place: one pass through both, in the order of the ids' bytes.
 */
final class Swap {
  private static final int AT_ONCE = 200;

  private final Handle transaction;
  private final PilotId pilot;
  private final String rebuild;
  private final boolean apply;
  private final StateStore states;
  private final Partition newTwins;
  private final List<String> toPut = new ArrayList<>();
  private final List<String> toRemove = new ArrayList<>();
  private long differing;

  /**
   * What came out.
   *
   * @param twins that have a state, by the backbone
   * @param differing whose stored state was another one
   */
  record Outcome(long twins, long differing, String digestBefore, String digestAfter) {}

  /**
   * @param newTwins in whose name twins are told of that only the backbone knew
   */
  Swap(Handle transaction, RebuildStore.Claim claim, StateStore states, Partition newTwins) {
    this.transaction = transaction;
    this.pilot = claim.pilot();
    this.rebuild = claim.id();
    this.apply = claim.apply();
    this.states = states;
    this.newTwins = newTwins;
  }

  Outcome run() {
    StateDigest before = new StateDigest();
    StateDigest after = new StateDigest();
    try (ResultIterator<StateRows.Row> stored = StateRows.stored(transaction, pilot);
        ResultIterator<StateRows.Row> rebuilt = StateRows.rebuilt(transaction, pilot, rebuild)) {
      StateRows.Row old = next(stored);
      StateRows.Row fresh = next(rebuilt);
      while (old != null || fresh != null) {
        int order = order(old, fresh);
        if (order <= 0 && old != null) {
          before.add(old.twin(), old.properties());
        }
        if (order >= 0 && fresh != null) {
          after.add(fresh.twin(), fresh.properties());
        }
        note(order, old, fresh);
        old = order <= 0 ? next(stored) : old;
        fresh = order >= 0 ? next(rebuilt) : fresh;
      }
    }
    flush();
    Outcome outcome = new Outcome(after.twins(), differing, before.end(), after.end());
    if (apply && differing > 0) {
      StateStore.nextGeneration(transaction, pilot);
      String stored = StateRows.digest(transaction, pilot).end();
      if (!stored.equals(outcome.digestAfter())) {
        throw new IllegalStateException("what is stored is not what was rebuilt");
      }
    }
    return outcome;
  }

  private static StateRows.@Nullable Row next(ResultIterator<StateRows.Row> rows) {
    return rows.hasNext() ? rows.next() : null;
  }

  /** Ids are ASCII, so the order of their characters is the order of their bytes. */
  private static int order(StateRows.@Nullable Row old, StateRows.@Nullable Row fresh) {
    if (old == null) {
      return 1;
    }
    return fresh == null ? -1 : old.twin().compareTo(fresh.twin());
  }

  private void note(int order, StateRows.@Nullable Row old, StateRows.@Nullable Row fresh) {
    if (order < 0 && old != null) {
      toRemove.add(old.twin());
    } else if (fresh != null && (order > 0 || (old != null && !old.isSame(fresh)))) {
      toPut.add(fresh.twin());
    } else {
      return;
    }
    differing++;
    if (toPut.size() + toRemove.size() >= AT_ONCE) {
      flush();
    }
  }

  private void flush() {
    if (apply && !toRemove.isEmpty()) {
      transaction
          .createUpdate("DELETE FROM twins.state WHERE pilot_id = :pilot AND twin_id = ANY(:twins)")
          .bind("pilot", pilot.value())
          .bindArray("twins", String.class, toRemove)
          .execute();
    }
    if (apply && !toPut.isEmpty()) {
      transaction
          .createUpdate(
              "INSERT INTO twins.state (pilot_id, twin_id, properties, reported_at, device)"
                  + " SELECT pilot_id, twin_id, properties, reported_at, device FROM twins.rebuilt_state"
                  + " WHERE pilot_id = :pilot AND rebuild_id = :rebuild AND twin_id = ANY(:twins)"
                  + " ON CONFLICT (pilot_id, twin_id) DO UPDATE SET properties = excluded.properties,"
                  + " reported_at = excluded.reported_at, device = coalesce(excluded.device, state.device)")
          .bind("pilot", pilot.value())
          .bind("rebuild", rebuild)
          .bindArray("twins", String.class, toPut)
          .execute();
      states.create(transaction, pilot, newTwins, toPut);
    }
    toRemove.clear();
    toPut.clear();
  }
}
