package org.pilothouse.jobs.internal;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.postgres.Database;

/** Messages that no job could be made out of. */
public final class Strays {
  private final Database database;

  Strays(Database database) {
    this.database = database;
  }

  /**
   * A message that went astray.
   *
   * @param job which it names; null where it names none
   */
  public record Stray(long id, Instant at, String reason, String body, @Nullable UUID job) {}

  /** The newest first, those before that one. */
  public List<Stray> list(long before, int limit) {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "SELECT stray_id, at, reason, body, job_id FROM jobs.stray WHERE stray_id < :before"
                    + " ORDER BY stray_id DESC LIMIT :limit")
            .bind("before", before)
            .bind("limit", limit)
            .map((row, context) ->
                new Stray(
                    row.getLong("stray_id"),
                    JobRows.instant(row, "at"),
                    row.getString("reason"),
                    row.getString("body"),
                    row.getObject("job_id", UUID.class)))
            .list());
  }
}
