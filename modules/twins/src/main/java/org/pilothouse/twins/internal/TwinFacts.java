package org.pilothouse.twins.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.pilothouse.contracts.EventType;
import org.pilothouse.contracts.OutboxEvent;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.outbox.OutboxMessage;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.web.Json;

/** Tells the backbone, through the outbox, what happened to twins. */
final class TwinFacts {
  static final String SOURCE = "/twins";
  private static final int AT_ONCE = 1_000;

  private final Outbox outbox;
  private final EventIds ids;
  private final Clock clock;

  TwinFacts(Outbox outbox, EventIds ids, Clock clock) {
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
  }

  /** A fact's data with what all of them hold. */
  static ObjectNode data(PilotId pilot, String twin, String actor) {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("pilot_id", pilot.value());
    data.put("twin", twin);
    data.put("actor", actor);
    return data;
  }

  void tell(Handle transaction, EventType type, PilotId pilot, String twin, ObjectNode data) {
    outbox.add(transaction, message("twin:" + pilot + "/" + twin, type, pilot, twin, data));
  }

  /** A fact for one twin's thread. */
  record Fact(EventType type, String twin, ObjectNode data) {}

  /** Many at once, where twins were related or are no longer. */
  void tellOfGraph(Handle transaction, PilotId pilot, List<Fact> told) {
    // One aggregate for all of a pilot: its graph has one writer at a time anyhow, and a lock for
    // each twin would be more than the server has.
    String aggregate = "twin-graph:" + pilot;
    for (int from = 0; from < told.size(); from += AT_ONCE) {
      outbox.addAll(
          transaction,
          told.subList(from, Math.min(told.size(), from + AT_ONCE)).stream()
              .map(fact -> message(aggregate, fact.type(), pilot, fact.twin(), fact.data()))
              .toList());
    }
  }

  /** Twins that reported before anybody had made them. */
  void seen(Handle transaction, PilotId pilot, Partition partition, List<String> twins) {
    // One aggregate for all of a partition: a lock for each would be more than the server has.
    String aggregate = "twins-seen:" + pilot + "/" + partition.number();
    List<OutboxMessage> messages = new ArrayList<>(twins.size());
    for (String twin : twins) {
      messages.add(
          message(aggregate, EventType.TWIN_CREATED, pilot, twin, data(pilot, twin, "telemetry")));
    }
    outbox.addAll(transaction, messages);
  }

  private OutboxMessage message(
      String aggregate, EventType type, PilotId pilot, String twin, ObjectNode data) {
    try {
      return OutboxEvent.of(
          ids.next(),
          aggregate,
          SOURCE,
          type,
          pilot,
          twin,
          Json.mapper().writeValueAsBytes(data),
          clock.instant());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
