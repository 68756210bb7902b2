package org.pilothouse.twins.internal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.contracts.EventType;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.kafka.consume.BatchEffect;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Rejections;

/**
 * Folds telemetry into the state of each twin. A batch touches a twin once, however often it
 * reported, and tells of it once: that is what keeps up under load. The state goes out to the
 * backbone before it is stored, so that the compacted topic never lacks a state that the store has;
 * after a crash it may go out a second time, and is the same.
 */
final class StateReader implements BatchEffect {
  static final String NAME = "twin-state";
  private static final Duration PUBLISHING = Duration.ofSeconds(40);
  private static final int MOST_FAULTS_TOLD = 3;

  /** An event holds at most 64 KiB, with its headers; a larger state is in the store alone. */
  static final int LARGEST = 60 * 1024;

  private final StateStore store;
  private final ModelRules rules;
  private final EventPublisher publisher;
  private final Rejections rejections;
  private final EventIds ids;
  private final Counter tooLarge;

  StateReader(
      StateStore store,
      ModelRules rules,
      EventPublisher publisher,
      Rejections rejections,
      EventIds ids,
      MeterRegistry metrics) {
    this.store = store;
    this.rules = rules;
    this.publisher = publisher;
    this.rejections = rejections;
    this.ids = ids;
    this.tooLarge = tooLarge(metrics);
  }

  static Counter tooLarge(MeterRegistry metrics) {
    return Counter.builder("pilothouse.twins.state.too.large")
        .description("States that were stored and not told of, for they are larger than an event")
        .register(metrics);
  }

  @Override
  public void apply(Batch batch) throws Exception {
    PilotId pilot =
        TopicKind.parse(batch.partition().topic()).map(TopicKind.Name::pilot).orElseThrow();
    List<String> twins = new ArrayList<>(batch.records().size());
    for (LogRecord record : batch.records()) {
      twins.add(Reading.twin(record));
    }
    StateStore.Read stored = store.read(pilot, new HashSet<>(twins));
    Folds folds = new Folds(pilot, rules, stored.states());
    List<Partial> partly = new ArrayList<>(0);
    // One after the other: a reading takes many times as much memory as its record.
    Readings readings = new Readings();
    for (int i = 0; i < twins.size(); i++) {
      LogRecord record = batch.records().get(i);
      List<Refusal> refused = folds.take(readings.of(record, twins.get(i)));
      if (!refused.isEmpty()) {
        partly.add(new Partial(record, refused.getFirst().code(), sentence(refused)));
      }
    }
    for (Partial each : partly) {
      rejections.keep(each.record(), NAME, each.code(), each.detail());
    }
    List<StateStore.Folded> changed = folds.changed();
    publish(pilot, changed);
    store.write(
        pilot,
        batch.partition(),
        batch.position(),
        batch.nextPosition(),
        stored.generation(),
        changed);
  }

  /** A record of which a part is refused; the rest of it counts. */
  private record Partial(LogRecord record, String code, String detail) {}

  static String sentence(List<Refusal> refused) {
    StringBuilder detail = new StringBuilder();
    for (int i = 0; i < Math.min(MOST_FAULTS_TOLD, refused.size()); i++) {
      detail.append(i == 0 ? "" : "; ").append(refused.get(i).sentence());
    }
    if (refused.size() > MOST_FAULTS_TOLD) {
      detail.append("; and ").append(refused.size() - MOST_FAULTS_TOLD).append(" more");
    }
    return detail.toString();
  }

  private void publish(PilotId pilot, List<StateStore.Folded> changed) throws Exception {
    if (changed.isEmpty()) {
      return;
    }
    String topic = EventType.TWIN_STATE.topicOf(pilot);
    List<CompletableFuture<?>> sent = new ArrayList<>(changed.size());
    for (StateStore.Folded each : changed) {
      byte[] data = data(pilot, each.twin(), each.state().json(), each.state().reportedAt());
      if (data.length <= LARGEST) {
        CompletionStage<?> one = send(topic, pilot, each, data);
        sent.add(one.toCompletableFuture());
      } else {
        tooLarge.increment();
      }
    }
    try {
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
          .get(PUBLISHING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  static byte[] data(PilotId pilot, String twin, String properties, @Nullable Instant reportedAt) {
    String data =
        "{\"pilot_id\":\""
            + pilot
            + "\",\"twin\":\""
            + twin
            + "\",\"properties\":"
            + properties
            + ",\"reported_at\":\""
            + reportedAt
            + "\"}";
    return data.getBytes(StandardCharsets.UTF_8);
  }

  private CompletionStage<?> send(
      String topic, PilotId pilot, StateStore.Folded folded, byte[] data) {
    byte[] key = folded.twin().getBytes(StandardCharsets.UTF_8);
    return publisher.publish(
        topic, key, data, headers(ids, pilot, key, folded.state().reportedAt()));
  }

  static EventHeaders headers(
      EventIds ids, PilotId pilot, byte[] key, @Nullable Instant reportedAt) {
    return new EventHeaders()
        .add(CloudEvents.SPECVERSION, CloudEvents.VERSION)
        .add(CloudEvents.ID, ids.next().toString())
        .add(CloudEvents.SOURCE, TwinFacts.SOURCE)
        .add(CloudEvents.TYPE, EventType.TWIN_STATE.type())
        .add(CloudEvents.TIME, String.valueOf(reportedAt))
        .add(CloudEvents.SUBJECT, key)
        .add(CloudEvents.PARTITION_KEY, key)
        .add(CloudEvents.PILOT, pilot.value())
        .add(CloudEvents.CONTENT_TYPE, CloudEvents.JSON);
  }
}
