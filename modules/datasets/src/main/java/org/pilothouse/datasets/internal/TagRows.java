package org.pilothouse.datasets.internal;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.kernel.PilotId;

/** Tags where a page of one tag is read from. */
final class TagRows {
  private TagRows() {}

  static void write(
      Handle transaction, PilotId pilot, DatasetId id, Instant created, Map<String, Object> tags) {
    remove(transaction, pilot, id);
    if (tags.isEmpty()) {
      return;
    }
    PreparedBatch batch =
        transaction.prepareBatch(
            "INSERT INTO datasets.tag (pilot_id, name, value, created_at, dataset_id) VALUES"
                + " (:pilot, :name, :value, :created, :id)");
    tags.forEach((name, value) ->
        batch
            .bind("pilot", pilot.value())
            .bind("name", name)
            .bind("value", value.toString())
            .bind("created", created.atOffset(ZoneOffset.UTC))
            .bind("id", id.value())
            .add());
    batch.execute();
  }

  static void remove(Handle transaction, PilotId pilot, DatasetId id) {
    transaction
        .createUpdate("DELETE FROM datasets.tag WHERE pilot_id = :pilot AND dataset_id = :id")
        .bind("pilot", pilot.value())
        .bind("id", id.value())
        .execute();
  }
}
