package org.pilothouse.warehouse.internal;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.warehouse.RunClaim;

/**
 * What runs tell of themselves. Of each, the first lines and the last are kept: how it began and
 * how it ended matters, and one that is tried for days must not fill the store.
 */
public final class RunLog {
  /** Of the first lines, and of the last. */
  static final int KEPT = 250;

  private static final int LONGEST = 1_000;

  private final Database database;

  RunLog(Database database) {
    this.database = database;
  }

  /** How much a line matters; the words are part of the API. */
  enum Level {
    INFO,
    WARN,
    ERROR;

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** A line to be. */
  record Line(Level level, @Nullable String step, @Nullable Integer partition, String text) {}

  static Line info(String text) {
    return new Line(Level.INFO, null, null, text);
  }

  static Line info(String step, String text) {
    return new Line(Level.INFO, step, null, text);
  }

  static Line info(String step, int partition, String text) {
    return new Line(Level.INFO, step, partition, text);
  }

  static Line warn(String text) {
    return new Line(Level.WARN, null, null, text);
  }

  static Line warn(String step, int partition, String text) {
    return new Line(Level.WARN, step, partition, text);
  }

  static Line error(String text) {
    return new Line(Level.ERROR, null, null, text);
  }

  static Line error(String step, int partition, String text) {
    return new Line(Level.ERROR, step, partition, text);
  }

  /** In the transaction of what it tells of. */
  static void add(Handle transaction, RunClaim run, Line line) {
    int number =
        Dumps.bound(
                transaction.createQuery(
                    "UPDATE warehouse.dump SET lines = lines + 1 WHERE pilot_id = :pilot AND date ="
                        + " :date AND revision = :revision RETURNING lines"),
                run)
            .mapTo(Integer.class)
            .one();
    Dumps.bound(
            transaction
                .createUpdate(
                    "INSERT INTO warehouse.line (pilot_id, date, revision, number, at, level, step,"
                        + " partition, text) VALUES (:pilot, :date, :revision, :number,"
                        + " clock_timestamp(), :level, :step, :partition, :text)")
                .bind("number", number)
                .bind("level", line.level().word())
                .bind("step", line.step())
                .bind("partition", line.partition())
                .bind(
                    "text",
                    line.text().length() > LONGEST
                        ? line.text().substring(0, LONGEST)
                        : line.text()),
            run)
        .execute();
    if (number > 2 * KEPT) {
      Dumps.bound(
              transaction
                  .createUpdate(
                      "DELETE FROM warehouse.line WHERE pilot_id = :pilot AND date = :date AND"
                          + " revision = :revision AND number = :number")
                  .bind("number", number - KEPT),
              run)
          .execute();
    }
  }

  /**
   * A line that was told.
   *
   * @param number counts all that were told, those too that were dropped
   */
  public record Told(
      int number,
      Instant at,
      String level,
      @Nullable String step,
      @Nullable Integer partition,
      String text) {}

  /** The lines after that one, the oldest first; where some were dropped, one says so. */
  public List<Told> read(PilotId pilot, LocalDate date, int revision, int after, int limit) {
    List<Told> kept =
        database.inPilot(
            pilot,
            transaction ->
                Dumps.bound(
                        transaction
                            .createQuery(
                                "SELECT number, at, level, step, partition, text FROM"
                                    + " warehouse.line WHERE pilot_id = :pilot AND date = :date"
                                    + " AND revision = :revision AND number > :after ORDER BY"
                                    + " number LIMIT :limit")
                            .bind("after", after)
                            .bind("limit", limit),
                        new RunClaim(pilot, date, revision, 0))
                    .map((row, context) -> {
                      int partition = row.getInt("partition");
                      boolean none = row.wasNull();
                      return new Told(
                          row.getInt("number"),
                          DumpRows.instant(row, "at"),
                          row.getString("level"),
                          row.getString("step"),
                          none ? null : partition,
                          row.getString("text"));
                    })
                    .list());
    List<Told> lines = new ArrayList<>();
    int before = after;
    for (Told line : kept) {
      int dropped = line.number() - before - 1;
      if (dropped > 0 && lines.size() < limit) {
        lines.add(
            new Told(
                line.number() - 1,
                line.at(),
                Level.WARN.word(),
                null,
                null,
                dropped + " lines were dropped here."));
      }
      if (lines.size() < limit) {
        lines.add(line);
      }
      before = line.number();
    }
    return lines;
  }
}
