package org.pilothouse.twins.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.kafka.consume.BatchEffect;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.PoisonRecord;
import org.pilothouse.platform.web.Json;

/**
 * Gathers the facts that name a twin, whoever told them, into the twins' threads. It needs no
 * positions of its own: a fact is kept once, by its id.
 */
final class ThreadReader implements BatchEffect {
  static final String NAME = "twin-thread";

  private final ThreadStore store;

  ThreadReader(ThreadStore store) {
    this.store = store;
  }

  @Override
  public void apply(Batch batch) {
    PilotId pilot =
        TopicKind.parse(batch.partition().topic()).map(TopicKind.Name::pilot).orElseThrow();
    List<ThreadStore.Fact> facts = new ArrayList<>(batch.records().size());
    for (LogRecord record : batch.records()) {
      ThreadStore.Fact fact = fact(record);
      if (fact != null) {
        facts.add(fact);
      }
    }
    if (!facts.isEmpty()) {
      store.add(pilot, facts);
    }
  }

  private static ThreadStore.@Nullable Fact fact(LogRecord record) {
    byte[] value = record.value();
    String id = record.headers().text(CloudEvents.ID);
    String type = record.headers().text(CloudEvents.TYPE);
    String time = record.headers().text(CloudEvents.TIME);
    if (value == null || id == null || type == null || time == null) {
      throw new PoisonRecord(record, "missing_field", "a fact without id, type, time or data");
    }
    try {
      JsonNode data = Json.mapper().readTree(value);
      String twin = data.path("twin").asText("");
      if (!(data instanceof ObjectNode object) || !Names.isTwinId(twin)) {
        // About a pilot or a device.
        return null;
      }
      String actor = object.path("actor").isTextual() ? object.path("actor").textValue() : null;
      object.remove(List.of("pilot_id", "twin", "actor"));
      return new ThreadStore.Fact(twin, id, Instant.parse(time), type, actor, Twins.text(object));
    } catch (IOException e) {
      throw new PoisonRecord(record, "malformed_json", "a fact whose data is not JSON");
    } catch (DateTimeException e) {
      throw new PoisonRecord(record, "invalid_time", "a fact whose time is not RFC 3339");
    }
  }
}
