package org.pilothouse.twins.internal;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.kafka.consume.BatchEffect;
import org.pilothouse.platform.kafka.consume.LogRecord;

/**
 * Keeps what was reported and not refused by a model, and sums it up by the minute, the half hour
 * and the day.
 */
final class HistoryReader implements BatchEffect {
  static final String NAME = "twin-history";

  private final HistoryStore store;
  private final ModelRules rules;

  HistoryReader(HistoryStore store, ModelRules rules) {
    this.store = store;
    this.rules = rules;
  }

  @Override
  public void apply(Batch batch) {
    PilotId pilot =
        TopicKind.parse(batch.partition().topic()).map(TopicKind.Name::pilot).orElseThrow();
    Set<String> twins = new HashSet<>();
    for (LogRecord record : batch.records()) {
      twins.add(Reading.twin(record));
    }
    Map<String, String> models = store.models(pilot, twins);
    ReadingRows readings = new ReadingRows();
    Rollups rollups = new Rollups();
    for (LogRecord record : batch.records()) {
      Reading reading = Reading.of(record);
      String model = models.get(reading.twin());
      Reading counting = model == null ? reading : rules.counting(pilot, model, reading);
      if (!counting.values().isEmpty() || reading.values().isEmpty()) {
        readings.add(counting);
        rollups.add(counting);
      }
    }
    store.add(pilot, batch.partition(), batch.position(), batch.nextPosition(), readings, rollups);
  }
}
