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

  /** Some tenths of a second at most, also where much else is done. */
  private static final int RECORDS_A_TRANSACTION = 1_500;

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
    int transactions = transactions(batch);
    for (int i = 0; i < transactions; i++) {
      int first = i * HistoryPositions.PORTIONS / transactions;
      int end = (i + 1) * HistoryPositions.PORTIONS / transactions;
      store.add(
          pilot,
          batch,
          first,
          end,
          (from, rows) -> add(pilot, batch.records(), twins, models, from, rows));
    }
  }

  private static int transactions(Batch batch) {
    // What was written of a topic that was made anew cannot be told from what was written before.
    return HistoryPositions.isAnew(batch)
        ? 1
        : Math.clamp(
            Math.ceilDiv(batch.records().size(), RECORDS_A_TRANSACTION),
            1,
            HistoryPositions.PORTIONS);
  }

  private void add(
      PilotId pilot,
      List<LogRecord> records,
      List<String> twins,
      Map<String, String> models,
      Map<Integer, Long> from,
      HistoryRows rows) {
    Readings readings = new Readings();
    for (int i = 0; i < twins.size(); i++) {
      LogRecord record = records.get(i);
      Long begin = from.get(HistoryPositions.portion(twins.get(i)));
      if (begin == null || record.offset() < begin) {
        continue;
      }
      Reading reading = readings.of(record, twins.get(i));
      String model = models.get(reading.twin());
      Reading counting = model == null ? reading : rules.counting(pilot, model, reading);
      if (!counting.values().isEmpty() || reading.values().isEmpty()) {
        rows.add(counting);
      }
    }
  }
}
