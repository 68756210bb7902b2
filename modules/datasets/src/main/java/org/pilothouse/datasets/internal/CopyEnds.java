package org.pilothouse.datasets.internal;

import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.postgres.Database;

/**
 * Ends a copy that its curation no longer wants. Whoever comes to it first does so: who cancelled
 * the curation, or the node that would have gone on with the copy.
 */
final class CopyEnds {
  private final Database database;
  private final Lifecycle lifecycle;

  CopyEnds(Database database, Lifecycle lifecycle) {
    this.database = database;
    this.lifecycle = lifecycle;
  }

  /**
   * What is whole by now stays and is verified; an upload under way is given up, with all that is
   * stored of it. Nothing where the copy has ended already.
   */
  void end(PilotId pilot, String curation, DatasetId source) {
    database.runInPilot(
        pilot,
        transaction -> {
          // The dataset is locked before the copy, as everywhere: two that wait cannot wait for
          // each other.
          Optional<DatasetId> target = target(transaction, pilot, curation, source);
          boolean whole =
              target
                  .map(id -> lifecycle.giveUp(transaction, pilot, id))
                  .map(CopyEnds::isWhole)
                  .orElse(false);
          transaction
              .createUpdate(
                  "UPDATE datasets.copy c SET state = :state, lease = lease + 1, lease_until ="
                      + " NULL, ended_at = now(), copied_bytes = CASE WHEN :whole THEN (SELECT"
                      + " s.size_bytes FROM datasets.dataset s WHERE s.pilot_id = c.pilot_id AND"
                      + " s.dataset_id = c.source_id) ELSE copied_bytes END WHERE pilot_id = :pilot"
                      + " AND curation_id = :curation AND source_id = :source AND state ="
                      + " 'waiting'")
              .bind("state", whole ? "copied" : "cancelled")
              .bind("whole", whole)
              .bind("pilot", pilot.value())
              .bind("curation", curation)
              .bind("source", source.value())
              .execute();
        });
  }

  private static Optional<DatasetId> target(
      Handle transaction, PilotId pilot, String curation, DatasetId source) {
    return transaction
        .createQuery(
            "SELECT target_id FROM datasets.copy WHERE pilot_id = :pilot AND curation_id ="
                + " :curation AND source_id = :source AND target_id IS NOT NULL")
        .bind("pilot", pilot.value())
        .bind("curation", curation)
        .bind("source", source.value())
        .mapTo(String.class)
        .findOne()
        .map(DatasetId::new);
  }

  private static boolean isWhole(Dataset target) {
    return switch (target.state()) {
      case VERIFYING, AVAILABLE, QUARANTINED, EXPIRED -> true;
      case UPLOADING, DELETING, DELETED -> false;
    };
  }
}
