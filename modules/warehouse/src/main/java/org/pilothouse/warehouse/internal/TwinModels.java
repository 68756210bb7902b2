package org.pilothouse.warehouse.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.contracts.EventType;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.web.Json;

/**
 * Which model each twin follows, from the facts that the backbone keeps for ever. Up to the same
 * offsets, the same comes out on every node and at any time. A retired twin keeps its last model.
 */
final class TwinModels {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);
  private static final long CHUNK = 100_000;

  private final LogReads reads;

  TwinModels(LogReads reads) {
    this.reads = reads;
  }

  /** Where the facts end now. */
  Map<Integer, Long> ends(PilotId pilot) {
    Map<Integer, Long> ends = new TreeMap<>();
    reads
        .ends(List.of(TopicKind.THREAD.of(pilot)))
        .forEach((partition, end) -> ends.put(partition.number(), end));
    return ends;
  }

  /** The model by twin, of those that have one. */
  Map<String, String> fold(PilotId pilot, Map<Integer, Long> ends) {
    Map<String, String> models = new HashMap<>();
    Map<String, String> known = new HashMap<>();
    ends.forEach((number, end) -> {
      Partition partition = new Partition(TopicKind.THREAD.of(pilot), number);
      for (long at = 0; at < end; at += CHUNK) {
        reads.forEach(
            partition, at, Math.min(end, at + CHUNK), TIMEOUT, fact -> add(fact, models, known));
      }
    });
    return models;
  }

  private static void add(LogRecord fact, Map<String, String> models, Map<String, String> known) {
    String type = fact.headers().text(CloudEvents.TYPE);
    byte[] data = fact.value();
    boolean created = EventType.TWIN_CREATED.type().equals(type);
    if (data == null || (!created && !EventType.TWIN_CHANGED.type().equals(type))) {
      return;
    }
    try {
      JsonNode read = Json.mapper().readTree(data);
      String twin = read.path("twin").asText("");
      if (!created && !changesModel(read)) {
        return;
      }
      JsonNode model = read.path("model");
      if (model.isTextual()) {
        models.put(twin, known.computeIfAbsent(model.textValue(), name -> name));
      } else {
        models.remove(twin);
      }
    } catch (IOException e) {
      // The rooms of the house tell facts in JSON; what somebody else put there is none.
    }
  }

  private static boolean changesModel(JsonNode fact) {
    for (JsonNode part : fact.path("changed")) {
      if (part.asText().equals("model")) {
        return true;
      }
    }
    return false;
  }
}
