package org.pilothouse.twins.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.kafka.consume.OffsetStore;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.consume.PositionLost;
import org.pilothouse.platform.postgres.Database;

/**
 * How far the history has got, for each portion of a partition's twins: a large batch is written in
 * several short transactions. A batch begins where the last of them stands; what another has
 * written already it leaves out.
 */
final class HistoryPositions implements OffsetStore {
  /** For good: a twin stays in its portion. */
  static final int PORTIONS = 16;

  private final Database database;

  HistoryPositions(Database database) {
    this.database = database;
  }

  static int portion(String twin) {
    int hash = twin.hashCode();
    return Math.floorMod(hash ^ hash >>> 16, PORTIONS);
  }

  @Override
  public Map<Partition, Long> positions(Set<Partition> partitions) {
    return database.asPlatform(transaction -> {
      Map<Partition, Long> positions = new HashMap<>();
      transaction
          .createQuery(
              "SELECT topic, partition, min(position) FROM twins.history_position GROUP BY topic, partition")
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

  /** Whether the topic was made anew: its offsets begin again, and nothing of it is written yet. */
  static boolean isAnew(Batch batch) {
    return batch.nextPosition() < batch.position();
  }

  /**
   * Moves portions to the end of a batch, as part of the effect's transaction.
   *
   * @param first the first portion
   * @param end behind the last portion
   * @return from where on each portion has to be written, by its number
   * @throws PositionLost when the batch begins behind a portion
   */
  Map<Integer, Long> moveOn(Handle transaction, Batch batch, int first, int end) {
    Map<Integer, Long> from = locked(transaction, batch.partition(), first, end);
    if (from.isEmpty()) {
      begin(transaction, batch);
      from = locked(transaction, batch.partition(), first, end);
    }
    boolean anew = isAnew(batch);
    for (Map.Entry<Integer, Long> portion : from.entrySet()) {
      if (portion.getValue() < batch.position()) {
        throw new PositionLost(batch.partition());
      }
      if (anew) {
        portion.setValue(0L);
      }
    }
    transaction.execute(
        "UPDATE twins.history_position SET position = ? WHERE topic = ? AND partition = ?"
            + " AND portion >= ? AND portion < ? AND (position < ? OR ?)",
        batch.nextPosition(),
        batch.partition().topic(),
        batch.partition().number(),
        first,
        end,
        batch.nextPosition(),
        anew);
    return from;
  }

  private static Map<Integer, Long> locked(
      Handle transaction, Partition partition, int first, int end) {
    Map<Integer, Long> positions = new HashMap<>();
    transaction
        .createQuery(
            "SELECT portion, position FROM twins.history_position WHERE topic = :topic"
                + " AND partition = :partition AND portion >= :first AND portion < :end"
                + " ORDER BY portion FOR UPDATE")
        .bind("topic", partition.topic())
        .bind("partition", partition.number())
        .bind("first", first)
        .bind("end", end)
        .map((row, context) -> Map.entry(row.getInt(1), row.getLong(2)))
        .forEach(entry -> positions.put(entry.getKey(), entry.getValue()));
    return positions;
  }

  /** All of them, so that none is missing where the last is looked for. */
  private static void begin(Handle transaction, Batch batch) {
    transaction.execute(
        "INSERT INTO twins.history_position (topic, partition, portion, position)"
            + " SELECT ?, ?, portion, ? FROM generate_series(0, ?) AS portion"
            + " ON CONFLICT DO NOTHING",
        batch.partition().topic(),
        batch.partition().number(),
        batch.position(),
        PORTIONS - 1);
  }
}
