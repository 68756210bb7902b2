package org.pilothouse.warehouse.internal;

import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.postgres.Database;

/**
 * Where each partition stood when the first event of a day could come. Noted down at that time, it
 * tells later whether the backbone has dropped anything of the day, and what.
 */
final class Openings {
  private final Database database;

  Openings(Database database) {
    this.database = database;
  }

  /** By partition; empty where nobody noted it down. */
  Map<Integer, Long> of(PilotId pilot, LocalDate date) {
    return database.inPilot(
        pilot,
        transaction -> {
          Map<Integer, Long> offsets = new TreeMap<>();
          transaction
              .createQuery(
                  "SELECT partition, first_offset FROM warehouse.opening WHERE pilot_id = :pilot AND"
                      + " date = :date")
              .bind("pilot", pilot.value())
              .bind("date", date)
              .map((row, context) -> Map.entry(row.getInt(1), row.getLong(2)))
              .forEach(entry -> offsets.put(entry.getKey(), entry.getValue()));
          return offsets;
        });
  }

  /** The first note stays. */
  void note(PilotId pilot, LocalDate date, Map<Integer, Long> offsets) {
    database.runInPilot(
        pilot,
        transaction -> {
          PreparedBatch batch =
              transaction.prepareBatch(
                  "INSERT INTO warehouse.opening (pilot_id, date, partition, first_offset) VALUES"
                      + " (:pilot, :date, :partition, :offset) ON CONFLICT DO NOTHING");
          offsets.forEach((partition, offset) ->
              batch
                  .bind("pilot", pilot.value())
                  .bind("date", date)
                  .bind("partition", partition)
                  .bind("offset", offset)
                  .add());
          batch.execute();
        });
  }
}
