package org.pilothouse.twins.internal;

import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/**
 * Keeps the fold and the retiring of twins of one pilot apart: folds go on side by side, a
 * retirement waits for those under way and is waited for.
 */
final class Retirement {
  private static final int SPACE = 0x7417;

  private Retirement() {}

  /** For a fold: until the commit nothing of this pilot is retired. */
  static void holdOff(Handle transaction, PilotId pilot) {
    lock(transaction, pilot, "pg_advisory_xact_lock_shared");
  }

  /** For a retirement: until the commit nothing of this pilot is folded. */
  static void begin(Handle transaction, PilotId pilot) {
    lock(transaction, pilot, "pg_advisory_xact_lock");
  }

  /**
   * Whether a twin that was retired has nothing to do with this any more: the event is of before,
   * or the backbone had it before. The second matters for events that are ahead of their time.
   */
  static boolean ends(@Nullable Instant retiredAt, Reading reading) {
    return retiredAt != null
        && (!reading.time().isAfter(retiredAt) || isBefore(reading.givenMillis(), retiredAt));
  }

  /** The backbone keeps milliseconds, and the store microseconds. */
  static boolean isBefore(long givenMillis, Instant retiredAt) {
    return givenMillis < retiredAt.toEpochMilli();
  }

  private static void lock(Handle transaction, PilotId pilot, String function) {
    transaction
        .createQuery("SELECT " + function + "(:space, hashtext(:pilot)) IS NULL")
        .bind("space", SPACE)
        .bind("pilot", pilot.value())
        .mapTo(Boolean.class)
        .one();
  }
}
