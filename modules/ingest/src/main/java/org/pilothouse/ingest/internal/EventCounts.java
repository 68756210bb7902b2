package org.pilothouse.ingest.internal;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.kafka.consume.BatchEffect;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;

/**
 * Counts what arrives, for the overview. The count and the position are one transaction, and
 * repeats are taken out before: each event counts once, whatever crashes.
 */
public final class EventCounts implements BatchEffect {
  private static final Duration SEEN_AGAIN = Duration.ofMinutes(1);
  private static final int MOST_REMEMBERED = 50_000;

  private final EventCountStore store;
  private final Map<Partition, Map<String, Long>> written = new ConcurrentHashMap<>();

  public EventCounts(EventCountStore store) {
    this.store = store;
  }

  @Override
  public void released(Partition partition) {
    written.remove(partition);
  }

  @Override
  public void apply(Batch batch) {
    Optional<TopicKind.Name> name = TopicKind.parse(batch.partition().topic());
    if (name.isEmpty()) {
      return;
    }
    Map<Instant, Long> steps = new HashMap<>();
    Map<String, Instant> twins = new HashMap<>();
    Map<String, Long> recently =
        written.computeIfAbsent(batch.partition(), partition -> remembered());
    long stepMillis = EventCountStore.STEP.toMillis();
    long lastStep = -1;
    long inStep = 0;
    for (LogRecord record : batch.records()) {
      long step = record.timestampMillis() - Math.floorMod(record.timestampMillis(), stepMillis);
      if (step != lastStep && inStep > 0) {
        steps.merge(Instant.ofEpochMilli(lastStep), inStep, Long::sum);
        inStep = 0;
      }
      lastStep = step;
      inStep++;
      if (name.get().kind() == TopicKind.TELEMETRY && record.key() != null) {
        see(record, recently, twins);
      }
    }
    if (inStep > 0) {
      steps.merge(Instant.ofEpochMilli(lastStep), inStep, Long::sum);
    }
    store.add(
        batch.partition(),
        batch.position(),
        batch.nextPosition(),
        new EventCountStore.Added(name.get().pilot(), name.get().kind().segment(), steps, twins));
    twins.forEach((twin, seen) -> recently.put(twin, seen.toEpochMilli()));
  }

  private static void see(
      LogRecord record, Map<String, Long> recently, Map<String, Instant> twins) {
    byte[] key = record.key();
    if (key == null) {
      return;
    }
    String twin = new String(key, StandardCharsets.UTF_8);
    Long last = recently.get(twin);
    if (last == null || record.timestampMillis() - last >= SEEN_AGAIN.toMillis()) {
      twins.put(twin, Instant.ofEpochMilli(record.timestampMillis()));
    }
  }

  private static Map<String, Long> remembered() {
    return new LinkedHashMap<>(256, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
        return size() > MOST_REMEMBERED;
      }
    };
  }
}
