package org.pilothouse.jobs.internal;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.postgres.Database;

/** What there is to see of jobs. */
public final class JobCatalogue {
  private static final int MOST_RUNNING = 100;
  private static final int MOST_ATTEMPTS = 200;

  private final Database database;

  JobCatalogue(Database database) {
    this.database = database;
  }

  /** What a list is narrowed by; empty: by nothing. */
  public record Filter(
      List<JobState> states,
      Optional<String> type,
      Optional<String> text,
      Optional<String> requestedBy,
      Optional<String> schedule,
      Optional<Instant> from,
      Optional<Instant> to) {}

  /** An attempt at a job. */
  public record Attempt(
      int number,
      String node,
      Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable String outcome,
      Job.@Nullable Failure error,
      int logLines,
      @Nullable String logKey) {}

  /** How many there are of each, and those that run. */
  public record Summary(Map<JobState, Long> counts, List<Job> running) {}

  /** The newest first, those before that one. */
  public List<Job> list(PilotId pilot, Filter filter, @Nullable UUID before, int limit) {
    StringBuilder sql =
        new StringBuilder("SELECT " + JobRows.COLUMNS + " FROM jobs.job WHERE pilot_id = :pilot");
    if (!filter.states().isEmpty()) {
      sql.append(" AND state = ANY(:states)");
    }
    filter.type().ifPresent(type -> sql.append(" AND type = :type"));
    filter
        .text()
        .ifPresent(text ->
            sql.append(
                " AND (strpos(lower(name), lower(:text)) > 0 OR starts_with(job_id::text,"
                    + " lower(:text)))"));
    filter.requestedBy().ifPresent(by -> sql.append(" AND requested_by = :by"));
    filter.schedule().ifPresent(schedule -> sql.append(" AND schedule_id = :schedule"));
    filter.from().ifPresent(from -> sql.append(" AND created_at >= :from"));
    filter.to().ifPresent(to -> sql.append(" AND created_at < :to"));
    if (before != null) {
      sql.append(" AND job_id < :before");
    }
    return database.inPilot(
        pilot,
        transaction -> {
          Query query =
              transaction.createQuery(sql.append(" ORDER BY job_id DESC LIMIT :limit").toString());
          if (!filter.states().isEmpty()) {
            query.bindArray(
                "states", String.class, filter.states().stream().map(JobState::word).toList());
          }
          filter.type().ifPresent(type -> query.bind("type", type));
          filter.text().ifPresent(text -> query.bind("text", text));
          filter.requestedBy().ifPresent(by -> query.bind("by", by));
          filter.schedule().ifPresent(schedule -> query.bind("schedule", schedule));
          filter.from().ifPresent(from -> query.bind("from", from.atOffset(ZoneOffset.UTC)));
          filter.to().ifPresent(to -> query.bind("to", to.atOffset(ZoneOffset.UTC)));
          if (before != null) {
            query.bind("before", before);
          }
          return query
              .bind("pilot", pilot.value())
              .bind("limit", limit)
              .map((row, context) -> JobRows.job(row))
              .list();
        });
  }

  public Optional<Job> find(PilotId pilot, UUID id) {
    return database.findInPilot(
        pilot,
        "SELECT " + JobRows.COLUMNS + " FROM jobs.job WHERE pilot_id = ? AND job_id = ?::uuid",
        JobRows::job,
        pilot.value(),
        id.toString());
  }

  static Optional<Job> find(Handle transaction, PilotId pilot, UUID id) {
    return transaction
        .createQuery(
            "SELECT " + JobRows.COLUMNS + " FROM jobs.job WHERE pilot_id = :pilot AND job_id = :id")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .map((row, context) -> JobRows.job(row))
        .findOne();
  }

  static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such job.");
  }

  public Summary summary(PilotId pilot) {
    return database.inPilot(
        pilot,
        transaction -> {
          Map<JobState, Long> counts = new EnumMap<>(JobState.class);
          for (JobState state : JobState.values()) {
            counts.put(state, 0L);
          }
          transaction
              .createQuery(
                  "SELECT state, count(*) AS n FROM jobs.job WHERE pilot_id = :pilot GROUP BY state")
              .bind("pilot", pilot.value())
              .map((row, context) ->
                  Map.entry(JobState.of(row.getString("state")).orElseThrow(), row.getLong("n")))
              .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
          List<Job> running =
              transaction
                  .createQuery(
                      "SELECT "
                          + JobRows.COLUMNS
                          + " FROM jobs.job WHERE pilot_id = :pilot AND state = 'running' ORDER BY"
                          + " job_id DESC LIMIT :limit")
                  .bind("pilot", pilot.value())
                  .bind("limit", MOST_RUNNING)
                  .map((row, context) -> JobRows.job(row))
                  .list();
          return new Summary(counts, running);
        });
  }

  /**
   * The newest first.
   *
   * @throws Problem {@code not_found}
   */
  public List<Attempt> attempts(PilotId pilot, UUID job) {
    List<Attempt> attempts =
        database.inPilot(pilot, transaction -> attempts(transaction, pilot, job, null));
    if (attempts.isEmpty() && find(pilot, job).isEmpty()) {
      throw notFound();
    }
    return attempts;
  }

  static List<Attempt> attempts(
      Handle transaction, PilotId pilot, UUID job, @Nullable Integer only) {
    return transaction
        .createQuery(
            "SELECT attempt, node, started_at, ended_at, outcome, error_code, error_detail,"
                + " log_lines, log_key FROM jobs.attempt WHERE pilot_id = :pilot AND job_id = :job"
                + " AND (CAST(:only AS integer) IS NULL OR attempt = :only) ORDER BY attempt DESC"
                + " LIMIT :limit")
        .bind("pilot", pilot.value())
        .bind("job", job)
        .bind("only", only)
        .bind("limit", MOST_ATTEMPTS)
        .map((row, context) ->
            new Attempt(
                row.getInt("attempt"),
                row.getString("node"),
                JobRows.instant(row, "started_at"),
                JobRows.optionalInstant(row, "ended_at"),
                row.getString("outcome"),
                JobRows.failure(row),
                row.getInt("log_lines"),
                row.getString("log_key")))
        .list();
  }
}
