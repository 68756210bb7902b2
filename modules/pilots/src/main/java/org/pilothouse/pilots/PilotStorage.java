package org.pilothouse.pilots;

import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.web.Caller;

/**
 * Where a pilot's bulk data rests, for the room that puts it there. All within a transaction of
 * theirs: which bytes go where is then decided by what is written, not by a copy of it.
 */
public interface PilotStorage {
  /**
   * As it is in the transaction.
   *
   * @throws org.pilothouse.kernel.Problem {@code not_found}
   */
  Pilot.Storage of(Handle transaction, PilotId pilot);

  /**
   * The same, and nobody else changes the pilot until the transaction ends.
   *
   * @throws org.pilothouse.kernel.Problem {@code not_found}
   */
  Pilot.Storage hold(Handle transaction, PilotId pilot);

  /** Changes it, with its event and its entry in the trail; nothing where it is so already. */
  void change(Handle transaction, Caller caller, PilotId pilot, Pilot.Storage storage);

  /** Is asked before anybody else changes the model; there is one at most. */
  void guardedBy(Guard guard);

  /** Knows whether there is something that would have to be moved. */
  @FunctionalInterface
  interface Guard {
    /**
     * @throws org.pilothouse.kernel.Problem {@code migration_required}
     */
    void check(Handle transaction, PilotId pilot);
  }
}
