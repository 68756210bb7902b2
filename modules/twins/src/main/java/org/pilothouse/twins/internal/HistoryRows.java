package org.pilothouse.twins.internal;

import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.PilotId;

/**
 * The readings of a batch and their summaries, on their way into the store: as many of them wait in
 * memory as are worth a statement, however large the batch is.
 */
final class HistoryRows {
  private static final int MOST_READINGS = 20_000;
  private static final int MOST_CHARACTERS = 4 * 1024 * 1024;

  /** Each is up to three rows. */
  private static final int MOST_MINUTES = 30_000;

  private static final int MERGED_AT_ONCE = 5_000;

  private final Handle transaction;
  private final PilotId pilot;
  private final ReadingRows readings = new ReadingRows();
  private final Rollups rollups = new Rollups();

  HistoryRows(Handle transaction, PilotId pilot) {
    this.transaction = transaction;
    this.pilot = pilot;
  }

  void add(Reading reading) {
    readings.add(reading);
    rollups.add(reading);
    if (readings.size() >= MOST_READINGS || readings.characters() >= MOST_CHARACTERS) {
      readings.insert(transaction, pilot);
    }
    if (rollups.minutes() >= MOST_MINUTES) {
      merge();
    }
  }

  void flush() {
    if (readings.size() > 0) {
      readings.insert(transaction, pilot);
    }
    merge();
  }

  private void merge() {
    RollupRows rows = new RollupRows(pilot);
    rollups.forEach((twin, property, step, bucket, rollup) -> {
      rows.add(twin, property, step, bucket, rollup);
      if (rows.size() == MERGED_AT_ONCE) {
        rows.merge(transaction);
      }
    });
    if (rows.size() > 0) {
      rows.merge(transaction);
    }
    rollups.clear();
  }
}
