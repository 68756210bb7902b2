package org.pilothouse.twins.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.kafka.consume.BatchEffect;
import org.pilothouse.platform.kafka.consume.LogRecord;

/**
 * Brings the telemetry of all pilots to the fold: each record as it is, by pilot and twin, with
 * what people say of the twin at that moment. Twins that nobody made are made here. After a crash a
 * stretch may go a second time; the fold passes over what it holds.
 */
final class StateRouter implements BatchEffect {
  private static final Duration PUBLISHING = Duration.ofSeconds(40);

  private final RouteStore store;
  private final ModelRules rules;
  private final EventPublisher publisher;
  private final String topic;
  private final BooleanSupplier ready;

  /**
   * @param topic of the fold
   * @param ready whether that is there
   */
  StateRouter(
      RouteStore store,
      ModelRules rules,
      EventPublisher publisher,
      String topic,
      BooleanSupplier ready) {
    this.store = store;
    this.rules = rules;
    this.publisher = publisher;
    this.topic = topic;
    this.ready = ready;
  }

  @Override
  public void apply(Batch batch) throws Exception {
    if (!ready.getAsBoolean()) {
      throw RouteStore.notYet();
    }
    PilotId pilot =
        TopicKind.parse(batch.partition().topic()).map(TopicKind.Name::pilot).orElseThrow();
    List<Reading> readings = new ArrayList<>(batch.records().size());
    Set<String> twins = new LinkedHashSet<>();
    for (LogRecord record : batch.records()) {
      Reading reading = Reading.of(record);
      readings.add(reading);
      twins.add(reading.twin());
    }
    Map<String, StateStore.Stored> stored = store.read(pilot, twins);
    publish(pilot, batch.records(), readings, stored);
    store.write(
        pilot,
        batch.partition(),
        batch.position(),
        batch.nextPosition(),
        stored,
        created(pilot, readings, stored));
  }

  private void publish(
      PilotId pilot,
      List<LogRecord> records,
      List<Reading> readings,
      Map<String, StateStore.Stored> stored)
      throws Exception {
    List<CompletableFuture<?>> sent = new ArrayList<>(records.size());
    for (int i = 0; i < records.size(); i++) {
      LogRecord record = records.get(i);
      String twin = readings.get(i).twin();
      StateStore.Stored known = stored.getOrDefault(twin, StateStore.Stored.NOTHING);
      sent.add(
          publisher
              .publish(
                  topic, Routed.key(pilot, twin), record.value(), Routed.headers(record, known))
              .toCompletableFuture());
    }
    try {
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
          .get(PUBLISHING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** Twins that are not there and have reported something that counts. */
  private List<String> created(
      PilotId pilot, List<Reading> readings, Map<String, StateStore.Stored> stored) {
    Folds folds = new Folds(pilot, rules, stored);
    for (Reading reading : readings) {
      if (!stored.getOrDefault(reading.twin(), StateStore.Stored.NOTHING).known()) {
        var unused = folds.take(reading);
      }
    }
    return folds.changed().stream().map(StateStore.Folded::twin).sorted().toList();
  }
}
