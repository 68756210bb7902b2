package org.pilothouse.twins.internal;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.postgres.Database;

/** The digest of a pilot's states, and how much of the backbone is in them. */
public final class Digests {
  private final Database database;
  private final @Nullable FoldedStates folded;

  /**
   * @param folded where the states are, if not in PostgreSQL
   */
  Digests(Database database, @Nullable FoldedStates folded) {
    this.database = database;
    this.folded = folded;
  }

  /**
   * What the states were at one instant.
   *
   * @param positions of each partition of the pilot's telemetry, the first offset that is not in
   *     the states
   */
  public record Digest(long twins, String digest, SortedMap<Integer, Long> positions) {}

  public Digest of(PilotId pilot) {
    if (folded != null) {
      return folded.digest(pilot);
    }
    return database.snapshot(transaction -> {
      StateDigest digest = StateRows.digest(transaction, pilot);
      return new Digest(digest.twins(), digest.end(), positions(transaction, pilot, ""));
    });
  }

  /**
   * Where the reader of states stands.
   *
   * @param locking {@code FOR UPDATE}, or empty
   */
  static SortedMap<Integer, Long> positions(Handle transaction, PilotId pilot, String locking) {
    return positions(transaction, pilot, StateReader.NAME, locking);
  }

  static SortedMap<Integer, Long> positions(
      Handle transaction, PilotId pilot, String reader, String locking) {
    List<Map.Entry<Integer, Long>> rows =
        transaction
            .createQuery(
                "SELECT partition, position FROM twins.reader_position"
                    + " WHERE reader = :reader AND topic = :topic ORDER BY partition "
                    + locking)
            .bind("reader", reader)
            .bind("topic", TopicKind.TELEMETRY.of(pilot))
            .map((row, context) -> Map.entry(row.getInt(1), row.getLong(2)))
            .list();
    SortedMap<Integer, Long> positions = new TreeMap<>();
    rows.forEach(row -> positions.put(row.getKey(), row.getValue()));
    return positions;
  }
}
