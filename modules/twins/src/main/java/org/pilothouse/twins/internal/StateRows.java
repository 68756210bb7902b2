package org.pilothouse.twins.internal;

import java.sql.Timestamp;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterator;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/** States one after the other, in the order of the ids' bytes; never many of them in memory. */
final class StateRows {
  /** A state holds up to 256 Ki characters, so this is 25 MiB at worst, and 50 KiB as a rule. */
  private static final int FETCHED_AT_ONCE = 100;

  private StateRows() {}

  /** A state as it is stored. */
  record Row(String twin, String properties, @Nullable Timestamp reportedAt) {
    boolean isSame(Row other) {
      return properties.equals(other.properties)
          && java.util.Objects.equals(reportedAt, other.reportedAt);
    }
  }

  static ResultIterator<Row> stored(Handle transaction, PilotId pilot) {
    return transaction
        .createQuery(
            "SELECT twin_id, properties, reported_at FROM twins.state WHERE pilot_id = :pilot"
                + " ORDER BY twin_id COLLATE \"C\"")
        .bind("pilot", pilot.value())
        .setFetchSize(FETCHED_AT_ONCE)
        .map((row, context) -> new Row(row.getString(1), row.getString(2), row.getTimestamp(3)))
        .iterator();
  }

  static ResultIterator<Row> rebuilt(Handle transaction, PilotId pilot, String rebuild) {
    return transaction
        .createQuery(
            "SELECT twin_id, properties, reported_at FROM twins.rebuilt_state"
                + " WHERE pilot_id = :pilot AND rebuild_id = :rebuild AND reported_at IS NOT NULL"
                + " ORDER BY twin_id")
        .bind("pilot", pilot.value())
        .bind("rebuild", rebuild)
        .setFetchSize(FETCHED_AT_ONCE)
        .map((row, context) -> new Row(row.getString(1), row.getString(2), row.getTimestamp(3)))
        .iterator();
  }

  /** Of all the pilot's states. */
  static StateDigest digest(Handle transaction, PilotId pilot) {
    StateDigest digest = new StateDigest();
    try (ResultIterator<Row> rows = stored(transaction, pilot)) {
      rows.forEachRemaining(row -> digest.add(row.twin(), row.properties()));
    }
    return digest;
  }
}
