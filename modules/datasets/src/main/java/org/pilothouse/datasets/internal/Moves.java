package org.pilothouse.datasets.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.kernel.PilotId;

/** The datasets of migrations, to and from the store. */
final class Moves {
  static final String COLUMNS =
      "m.pilot_id, m.migration_id, m.dataset_id, m.state, m.from_bucket, m.from_key,"
          + " m.from_written, m.to_bucket, m.to_key, m.to_written, m.adopted, m.attempt,"
          + " m.size_bytes, m.part_size, m.reserved_bytes, m.upload_id, m.to_etag, m.lease,"
          + " m.failures";

  /** Whose bytes must be where the pilot's model says; those of others come or go. */
  static final String MOVABLE =
      "(d.state IN ('available', 'expired') OR (d.state = 'deleting' AND d.removed_after > now()"
          + " AND d.available_at IS NOT NULL))";

  private static final int SEEDED_AT_ONCE = 5_000;

  private Moves() {}

  /**
   * Where bytes are or will be.
   *
   * @param bucket of the pilot's endpoint; null: the consortium's
   * @param written whether the platform puts them there, and so removes them
   */
  record Spot(@Nullable String bucket, String key, boolean written) {
    static Spot of(Dataset dataset) {
      return switch (dataset.place()) {
        case Dataset.Place.Centre centre -> new Spot(null, dataset.key(), true);
        case Dataset.Place.AtSite site -> new Spot(site.bucket(), dataset.key(), site.written());
      };
    }

    /** What a dataset of that size counts there. */
    long held(long size) {
      return written ? size : 0;
    }
  }

  /**
   * One dataset of a migration.
   *
   * @param adopted whether its bytes are at the other place since before
   * @param attempt to copy it; each has another key
   * @param reserved counted against the quota for the copy
   */
  record Move(
      PilotId pilot,
      String migration,
      DatasetId dataset,
      String state,
      Spot from,
      Spot to,
      boolean adopted,
      int attempt,
      long size,
      long partSize,
      long reserved,
      @Nullable String uploadId,
      @Nullable String etag,
      long lease,
      int failures) {}

  static Move read(ResultSet row) throws SQLException {
    return new Move(
        new PilotId(row.getString("pilot_id")),
        row.getString("migration_id"),
        new DatasetId(row.getString("dataset_id")),
        row.getString("state"),
        new Spot(
            row.getString("from_bucket"),
            row.getString("from_key"),
            row.getBoolean("from_written")),
        new Spot(row.getString("to_bucket"), row.getString("to_key"), row.getBoolean("to_written")),
        row.getBoolean("adopted"),
        row.getInt("attempt"),
        row.getLong("size_bytes"),
        row.getLong("part_size"),
        row.getLong("reserved_bytes"),
        row.getString("upload_id"),
        row.getString("to_etag"),
        row.getLong("lease"),
        row.getInt("failures"));
  }

  /** The same as {@link #MOVABLE}, of one that is held. */
  static boolean isMovable(Dataset dataset) {
    return switch (dataset.state()) {
      case AVAILABLE, EXPIRED -> true;
      case DELETING -> dataset.removedAfter() != null && dataset.availableAt() != null;
      case UPLOADING, VERIFYING, QUARANTINED, DELETED -> false;
    };
  }

  /** No text of a caller is any part of it, and no other copy has it. */
  static String key(
      PilotId pilot,
      DatasetId dataset,
      Instant created,
      @Nullable String toBucket,
      String migration,
      int attempt) {
    String first = Uploads.key(pilot, dataset, created);
    return (toBucket == null ? "" : Stores.OWN_PREFIX)
        + first.substring(0, first.lastIndexOf('/') + 1)
        + migration
        + "-"
        + attempt;
  }

  /**
   * Notes down datasets that rest at the old place and are not noted down yet. What the other place
   * still has of them, from a migration before, is adopted.
   *
   * @return how many; there may be more when it is not 0
   */
  static int seed(Handle transaction, Migrations.Head migration) {
    String other = migration.target() == Migrations.Target.FEDERATED ? ":bucket" : "NULL::text";
    var insert =
        transaction
            .createUpdate(
                "INSERT INTO datasets.move (pilot_id, migration_id, dataset_id, from_bucket,"
                    + " from_key, from_written, to_bucket, to_key, to_written, size_bytes,"
                    + " part_size) SELECT d.pilot_id, :migration, d.dataset_id, d.site_bucket,"
                    + " d.object_key, d.site_bucket IS NULL OR d.site_written, "
                    + other
                    + ", :prefix || d.pilot_id || '/' || to_char(d.created_at AT TIME ZONE 'UTC',"
                    + " 'YYYY/MM/DD') || '/' || d.dataset_id || '/' || :migration || '-' ||"
                    + " (coalesce(b.attempt, 0) + 1), true, d.size_bytes, d.part_size FROM"
                    + " datasets.dataset d LEFT JOIN datasets.move b ON b.pilot_id = d.pilot_id AND"
                    + " b.migration_id = :migration AND b.dataset_id = d.dataset_id WHERE"
                    + " d.pilot_id = :pilot AND "
                    + atOldPlace(migration.target())
                    + " AND "
                    + MOVABLE
                    + " AND (b.state IS NULL OR b.state = 'dropped') ORDER BY d.dataset_id LIMIT"
                    + " :most ON CONFLICT (pilot_id, migration_id, dataset_id) DO UPDATE SET state"
                    + " = 'waiting', from_bucket = excluded.from_bucket, from_key ="
                    + " excluded.from_key, from_written = excluded.from_written, to_bucket ="
                    + " excluded.to_bucket, to_key = excluded.to_key, to_written = true, adopted ="
                    + " false, attempt = move.attempt + 1, upload_id = NULL, copied_bytes = 0,"
                    + " verified_bytes = 0, to_etag = NULL, lease = move.lease + 1, lease_until ="
                    + " NULL, failures = 0, move_after = NULL, code = NULL, detail = NULL WHERE"
                    + " move.state = 'dropped'")
            .bind("migration", migration.id())
            .bind("pilot", migration.pilot().value())
            .bind(
                "prefix",
                migration.target() == Migrations.Target.FEDERATED ? Stores.OWN_PREFIX : "")
            .bind("most", SEEDED_AT_ONCE);
    if (migration.target() == Migrations.Target.FEDERATED) {
      insert.bind("bucket", migration.siteBucket());
    }
    int seeded = insert.execute();
    if (seeded > 0) {
      adopt(transaction, migration);
    }
    return seeded;
  }

  /** Nobody removes what is adopted: that is decided by the same row. */
  private static void adopt(Handle transaction, Migrations.Head migration) {
    transaction
        .createUpdate(
            "WITH kept AS (UPDATE datasets.move o SET state = 'kept', lease = o.lease + 1,"
                + " lease_until = NULL FROM datasets.move n WHERE n.pilot_id = :pilot AND"
                + " n.migration_id = :migration AND n.state = 'waiting' AND n.attempt = 1 AND NOT"
                + " n.adopted AND n.lease = 0 AND o.pilot_id = n.pilot_id AND o.dataset_id ="
                + " n.dataset_id AND o.migration_id <> n.migration_id AND o.state IN ('switched',"
                + " 'left') AND o.from_bucket IS NOT DISTINCT FROM n.to_bucket AND o.to_key ="
                + " n.from_key AND o.to_bucket IS NOT DISTINCT FROM n.from_bucket AND NOT EXISTS"
                + " (SELECT 1 FROM datasets.dataset d WHERE d.pilot_id = o.pilot_id AND"
                + " d.site_bucket = o.from_bucket AND d.object_key = o.from_key AND d.state NOT IN"
                + " ('quarantined', 'deleted')) RETURNING o.dataset_id, o.from_key, o.from_written)"
                + " UPDATE datasets.move n SET adopted = true, to_key = kept.from_key, to_written ="
                + " kept.from_written FROM kept WHERE n.pilot_id = :pilot AND n.migration_id ="
                + " :migration AND n.dataset_id = kept.dataset_id")
        .bind("pilot", migration.pilot().value())
        .bind("migration", migration.id())
        .execute();
  }

  /** What was adopted is what it was before: old bytes, to be removed where that was due. */
  static void disown(Handle transaction, Move move) {
    transaction
        .createUpdate(
            "UPDATE datasets.move SET state = CASE WHEN from_written THEN 'switched' ELSE 'left'"
                + " END WHERE pilot_id = :pilot AND dataset_id = :dataset AND migration_id <>"
                + " :migration AND state = 'kept' AND from_key = :key AND from_bucket IS NOT"
                + " DISTINCT FROM :bucket")
        .bind("pilot", move.pilot().value())
        .bind("dataset", move.dataset().value())
        .bind("migration", move.migration())
        .bind("key", move.to().key())
        .bind("bucket", move.to().bucket())
        .execute();
  }

  /** Copies that somebody asked for stay at the centre: that is what they are for. */
  static String atOldPlace(Migrations.Target target) {
    return switch (target) {
      case CENTRALIZED -> "d.site_bucket IS NOT NULL";
      case FEDERATED ->
          "d.site_bucket IS NULL AND NOT EXISTS (SELECT 1 FROM datasets.copy c WHERE c.pilot_id ="
              + " d.pilot_id AND c.target_id = d.dataset_id) AND NOT "
              + Bundles.IS_BUNDLE;
    };
  }

  /** Whether a dataset is about to be at an object that the platform did not write. */
  static boolean isAwaitedAt(Handle transaction, PilotId pilot, String bucket, String key) {
    return transaction
        .createQuery(
            "SELECT EXISTS (SELECT 1 FROM datasets.move WHERE pilot_id = :pilot AND to_bucket ="
                + " :bucket AND to_key = :key AND state IN ('waiting', 'copied', 'failed'))")
        .bind("pilot", pilot.value())
        .bind("bucket", bucket)
        .bind("key", key)
        .mapTo(Boolean.class)
        .one();
  }

  /** How many need the pilot's endpoint: to be read, written, or cleared. */
  static long needingSite(Handle transaction, PilotId pilot) {
    return transaction
        .createQuery(
            "SELECT (SELECT count(*) FROM datasets.move WHERE pilot_id = :pilot AND ((from_bucket"
                + " IS NOT NULL AND from_written AND state IN ('switched', 'removing')) OR"
                + " (to_bucket IS NOT NULL AND state IN ('waiting', 'copied', 'failed',"
                + " 'dropping')))) + (SELECT count(*) FROM datasets.migration WHERE pilot_id ="
                + " :pilot AND "
                + Migrations.UNDER_WAY
                + ")")
        .bind("pilot", pilot.value())
        .mapTo(Long.class)
        .one();
  }

  /**
   * Whether it was still the lease's.
   *
   * @param change its values are this room's own
   */
  static boolean change(Handle transaction, Move move, String state, String change) {
    return transaction
            .createUpdate(
                "UPDATE datasets.move SET "
                    + change
                    + " WHERE pilot_id = :pilot AND migration_id = :migration AND dataset_id ="
                    + " :dataset AND state = :state AND lease = :lease")
            .bind("pilot", move.pilot().value())
            .bind("migration", move.migration())
            .bind("dataset", move.dataset().value())
            .bind("state", state)
            .bind("lease", move.lease())
            .execute()
        == 1;
  }
}
