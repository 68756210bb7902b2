package org.pilothouse.twins.internal;

import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.PilotId;

/**
 * Lets one transaction at a time change a pilot's graph, its types or its levels: two edges that
 * are right each by itself can close a cycle together. It is one for all types, because a change of
 * a level, a rule or the number of edges concerns several of them. Taken before any twin is locked
 * for a relationship.
 */
final class GraphLock {
  private static final int SPACE = 0x7418;

  private GraphLock() {}

  /** Until the commit. */
  static void take(Handle transaction, PilotId pilot) {
    transaction
        .createQuery("SELECT pg_advisory_xact_lock(:space, hashtext(:pilot)) IS NULL")
        .bind("space", SPACE)
        .bind("pilot", pilot.value())
        .mapTo(Boolean.class)
        .one();
  }
}
