package org.pilothouse.twins.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.pilothouse.platform.kafka.consume.OffsetStore;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.consume.PositionLost;
import org.pilothouse.platform.postgres.Database;

/** How far one of this room's readers has got, kept beside its effects. */
record Positions(Database database, String reader) implements OffsetStore {
  @Override
  public Map<Partition, Long> positions(Set<Partition> partitions) {
    return database.asPlatform(transaction -> {
      Map<Partition, Long> positions = new HashMap<>();
      transaction
          .createQuery(
              "SELECT topic, partition, position FROM twins.reader_position WHERE reader = :reader")
          .bind("reader", reader)
          .map((row, context) ->
              Map.entry(new Partition(row.getString(1), row.getInt(2)), row.getLong(3)))
          .forEach(entry -> {
            if (partitions.contains(entry.getKey())) {
              positions.put(entry.getKey(), entry.getValue());
            }
          });
      return positions;
    });
  }

  /**
   * Part of the effect's transaction.
   *
   * @throws PositionLost when another reader has moved on before
   */
  void moveOn(Handle transaction, Partition partition, long position, long next) {
    int moved =
        transaction.execute(
            "INSERT INTO twins.reader_position (reader, topic, partition, position) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT (reader, topic, partition) DO UPDATE SET position = excluded.position"
                + " WHERE reader_position.position = ?",
            reader,
            partition.topic(),
            partition.number(),
            next,
            position);
    if (moved == 0) {
      throw new PositionLost(partition);
    }
  }
}
