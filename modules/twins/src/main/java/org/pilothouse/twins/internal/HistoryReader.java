package org.pilothouse.twins.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
    List<String> twins = new ArrayList<>(batch.records().size());
    for (LogRecord record : batch.records()) {
      twins.add(Reading.twin(record));
    }
    Map<String, String> models = store.models(pilot, new HashSet<>(twins));
    store.add(
        pilot,
        batch.partition(),
        batch.position(),
        batch.nextPosition(),
        rows -> {
          Readings readings = new Readings();
          for (int i = 0; i < twins.size(); i++) {
            Reading reading = readings.of(batch.records().get(i), twins.get(i));
            String model = models.get(reading.twin());
            Reading counting = model == null ? reading : rules.counting(pilot, model, reading);
            if (!counting.values().isEmpty() || reading.values().isEmpty()) {
              rows.add(counting);
            }
          }
        });
  }
}
