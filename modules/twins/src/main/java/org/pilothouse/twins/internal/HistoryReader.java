package org.pilothouse.twins.internal;

import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.kafka.consume.BatchEffect;
import org.pilothouse.platform.kafka.consume.LogRecord;

/** Keeps what was reported, and sums it up by the minute, the half hour and the day. */
final class HistoryReader implements BatchEffect {
  static final String NAME = "twin-history";

  private final HistoryStore store;

  HistoryReader(HistoryStore store) {
    this.store = store;
  }

  @Override
  public void apply(Batch batch) {
    PilotId pilot =
        TopicKind.parse(batch.partition().topic()).map(TopicKind.Name::pilot).orElseThrow();
    ReadingRows readings = new ReadingRows();
    Rollups rollups = new Rollups();
    for (LogRecord record : batch.records()) {
      Reading reading = Reading.of(record);
      readings.add(reading);
      rollups.add(reading);
    }
    store.add(pilot, batch.partition(), batch.position(), batch.nextPosition(), readings, rollups);
  }
}
