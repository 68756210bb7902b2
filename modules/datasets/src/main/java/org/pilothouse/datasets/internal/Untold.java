package org.pilothouse.datasets.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.postgres.Database;

/**
 * Which datasets' lives a gatherer outside does not know as they are now. A dataset stands in it
 * once, however often it changed: what is told is its life so far. So nothing is lost while the
 * gatherer is away, and what waits is never more than the catalogue.
 */
final class Untold {
  private final Database database;

  Untold(Database database) {
    this.database = database;
  }

  /** One whose life is to be told, and whose turn it is now. */
  record Turn(PilotId pilot, DatasetId dataset, long change, long lease, int failures) {}

  /**
   * How it stands.
   *
   * @param refused that the gatherer will not have; they are told when they change again
   * @param oldest since when the longest has been waiting
   */
  record Standing(
      long waiting,
      long refused,
      @Nullable Instant oldest,
      @Nullable Instant toldAt,
      @Nullable Instant failedAt,
      @Nullable String failure) {}

  /** Belongs into the transaction of the change. */
  static void add(Handle transaction, PilotId pilot, DatasetId dataset) {
    transaction
        .createUpdate(
            "INSERT INTO datasets.untold AS u (pilot_id, dataset_id, since, tell_after) VALUES"
                + " (:pilot, :dataset, now(), now()) ON CONFLICT (pilot_id, dataset_id) DO UPDATE"
                + " SET change = u.change + 1, failures = 0, tell_after = CASE WHEN u.tell_after ="
                + " 'infinity' THEN now() ELSE u.tell_after END")
        .bind("pilot", pilot.value())
        .bind("dataset", dataset.value())
        .execute();
  }

  /** The next; nobody else has a turn with it while the lease lasts. */
  Optional<Turn> next(Duration lease) {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "UPDATE datasets.untold u SET lease = u.lease + 1, tell_after = now() +"
                    + " make_interval(secs => :lease) FROM (SELECT pilot_id, dataset_id FROM"
                    + " datasets.untold WHERE tell_after <= now() ORDER BY tell_after LIMIT 1 FOR"
                    + " UPDATE SKIP LOCKED) AS next WHERE (u.pilot_id, u.dataset_id) ="
                    + " (next.pilot_id, next.dataset_id) RETURNING u.pilot_id, u.dataset_id,"
                    + " u.change, u.lease, u.failures")
            .bind("lease", lease.toSeconds())
            .map((row, context) ->
                new Turn(
                    new PilotId(row.getString("pilot_id")),
                    new DatasetId(row.getString("dataset_id")),
                    row.getLong("change"),
                    row.getLong("lease"),
                    row.getInt("failures")))
            .findOne());
  }

  /** All is told that there was to tell when the turn began. */
  void told(Turn turn) {
    database.runAsPlatform(transaction -> {
      int gone =
          bound(
                  transaction,
                  turn,
                  "DELETE FROM datasets.untold WHERE pilot_id = :pilot AND dataset_id = :dataset AND"
                      + " lease = :lease AND change = :change")
              .bind("change", turn.change())
              .execute();
      if (gone == 0) {
        bound(
                transaction,
                turn,
                "UPDATE datasets.untold SET tell_after = now(), since = now(), failures = 0 WHERE"
                    + " pilot_id = :pilot AND dataset_id = :dataset AND lease = :lease")
            .execute();
      }
      transaction.createUpdate("UPDATE datasets.telling SET told_at = now()").execute();
    });
  }

  /**
   * It comes again, not before the pause is over.
   *
   * @param pause null: when it changes again
   */
  void failed(Turn turn, @Nullable Duration pause, String why) {
    database.runAsPlatform(transaction -> {
      bound(
              transaction,
              turn,
              "UPDATE datasets.untold SET failures = failures + 1, tell_after = CASE WHEN :seconds"
                  + " < 0 AND change = :change THEN 'infinity' ELSE now() + make_interval(secs =>"
                  + " greatest(:seconds, 0)) END WHERE pilot_id = :pilot AND dataset_id = :dataset"
                  + " AND lease = :lease")
          .bind("seconds", pause == null ? -1 : pause.toSeconds())
          .bind("change", turn.change())
          .execute();
      transaction
          .createUpdate("UPDATE datasets.telling SET failed_at = now(), failure = :why")
          .bind("why", why)
          .execute();
    });
  }

  private static Update bound(Handle transaction, Turn turn, String change) {
    return transaction
        .createUpdate(change)
        .bind("pilot", turn.pilot().value())
        .bind("dataset", turn.dataset().value())
        .bind("lease", turn.lease());
  }

  Standing standing() {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "SELECT count(*) FILTER (WHERE tell_after < 'infinity') AS waiting, count(*) FILTER"
                    + " (WHERE tell_after = 'infinity') AS refused, min(since) FILTER (WHERE"
                    + " tell_after < 'infinity') AS oldest, t.told_at, t.failed_at, t.failure FROM"
                    + " datasets.telling t LEFT JOIN datasets.untold u ON true GROUP BY t.told_at,"
                    + " t.failed_at, t.failure")
            .map((row, context) ->
                new Standing(
                    row.getLong("waiting"),
                    row.getLong("refused"),
                    DatasetRows.optionalInstant(row, "oldest"),
                    DatasetRows.optionalInstant(row, "told_at"),
                    DatasetRows.optionalInstant(row, "failed_at"),
                    row.getString("failure")))
            .one());
  }
}
