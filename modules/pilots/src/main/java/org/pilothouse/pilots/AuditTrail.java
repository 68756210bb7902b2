package org.pilothouse.pilots;

import java.util.List;
import org.jdbi.v3.core.Handle;

/** The append-only trail, whose entries each hold the hash of the one before. */
public interface AuditTrail {
  /** Appends in a transaction of its own; when it returns, the entry is durable. */
  void record(AuditEvent event);

  /**
   * Appends in the caller's transaction, as the last thing in it: appends wait for one another
   * until the commit.
   */
  void record(Handle transaction, AuditEvent event);

  /** Many in their order, as the last thing in the caller's transaction. */
  default void recordAll(Handle transaction, List<AuditEvent> events) {
    events.forEach(event -> record(transaction, event));
  }
}
