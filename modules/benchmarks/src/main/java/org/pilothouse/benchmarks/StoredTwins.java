package org.pilothouse.benchmarks;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.function.ObjLongConsumer;

/** States as rows of PostgreSQL, where they are with the position up to which they are folded. */
final class StoredTwins implements FoldedTwins {
  private static final String READER = "twin-state";

  private final String pilot;
  private final Store store;
  private final PreparedStatement states;

  StoredTwins(Stack stack, String pilot) throws SQLException {
    this.pilot = pilot;
    this.store = Store.ofPlatform(stack);
    this.states =
        store.prepare(
            "SELECT twin_id, properties::json #>> '{number,value}' FROM twins.state WHERE pilot_id = ? AND twin_id = ANY(?)");
  }

  @Override
  public List<String> readers() {
    return List.of(READER);
  }

  @Override
  public String kept() {
    return "PostgreSQL";
  }

  @Override
  public long position() throws SQLException {
    return positionOf(store, READER, pilot);
  }

  /** How far a reader that keeps its positions in PostgreSQL has got in the pilot's telemetry. */
  static long positionOf(Store store, String reader, String pilot) throws SQLException {
    return store.number(
        "SELECT coalesce(sum(position), 0)::bigint FROM twins.reader_position WHERE reader = ? AND topic = ?",
        reader,
        Stack.telemetryTopic(pilot));
  }

  @Override
  public long twins() throws SQLException {
    return store.number("SELECT count(*) FROM twins.state WHERE pilot_id = ?", pilot);
  }

  @Override
  public void numbers(List<String> twins, ObjLongConsumer<String> each) throws SQLException {
    states.setString(1, pilot);
    states.setArray(2, store.array(twins.toArray()));
    try (ResultSet rows = states.executeQuery()) {
      while (rows.next()) {
        long number = rows.getLong(2);
        if (!rows.wasNull()) {
          each.accept(rows.getString(1), number);
        }
      }
    }
  }

  @Override
  public void close() throws SQLException {
    store.close();
  }
}
