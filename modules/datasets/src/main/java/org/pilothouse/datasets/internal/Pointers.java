package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Locale;
import org.jdbi.v3.core.Handle;
import org.pilothouse.contracts.DatasetPointer;
import org.pilothouse.contracts.EventType;
import org.pilothouse.contracts.OutboxEvent;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.web.Json;

/**
 * Tells the backbone where bytes rest, through the outbox: only in the transaction that makes it
 * true, and only of bytes that were verified. What a pointer tells is what a gatherer of lineage is
 * to know.
 */
final class Pointers {
  private static final String SOURCE = "/datasets";

  private final Outbox outbox;
  private final Stores stores;
  private final EventIds ids;

  Pointers(Outbox outbox, Stores stores, EventIds ids) {
    this.outbox = outbox;
    this.stores = stores;
    this.ids = ids;
  }

  /**
   * @throws IllegalStateException when its bytes were never verified
   */
  void tell(Handle transaction, EventType type, Dataset dataset, Instant time) {
    send(transaction, type, dataset, json(pointer(type, dataset)), time);
  }

  /**
   * The pointer of a dataset that corrects another.
   *
   * @throws IllegalStateException when its bytes were never verified
   */
  void tellRevised(Handle transaction, Dataset dataset, DatasetId revised, Instant time) {
    EventType type = EventType.DATASET_REVISED;
    ObjectNode pointer = Json.mapper().valueToTree(pointer(type, dataset));
    pointer.put("revises", revised.value());
    send(transaction, type, dataset, json(pointer), time);
  }

  private DatasetPointer pointer(EventType type, Dataset dataset) {
    String checksum =
        dataset
            .checksum()
            .orElseThrow(() -> new IllegalStateException("a pointer to bytes not verified"))
            .toString();
    return new DatasetPointer(
        type.type(),
        dataset.pilot(),
        dataset.id().value(),
        stores.uriOf(dataset).toString(),
        checksum,
        dataset.size(),
        dataset.mediaType(),
        dataset.schemaRef(),
        dataset.tags(),
        new DatasetPointer.Lineage(
            dataset.lineage().inputs().stream().map(DatasetId::value).toList(),
            dataset.lineage().maker().name().toLowerCase(Locale.ROOT),
            dataset.lineage().id()));
  }

  private void send(
      Handle transaction, EventType type, Dataset dataset, byte[] pointer, Instant time) {
    outbox.add(
        transaction,
        OutboxEvent.of(
            ids.next(),
            "dataset:" + dataset.pilot() + "/" + dataset.id(),
            SOURCE,
            type,
            dataset.pilot(),
            dataset.id().value(),
            pointer,
            time));
    Untold.add(transaction, dataset.pilot(), dataset.id());
  }

  private static byte[] json(Object pointer) {
    try {
      return Json.mapper().writeValueAsBytes(pointer);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
