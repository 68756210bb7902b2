package org.pilothouse.jobs.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.jobs.JobsConfig;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;

/** What people decide about jobs, each with its entry in the trail. */
public final class Decisions {
  private final Database database;
  private final Dispatcher dispatcher;
  private final Submissions submissions;
  private final JobTypes types;
  private final AuditTrail trail;
  private final JobsConfig config;

  Decisions(
      Database database,
      Dispatcher dispatcher,
      Submissions submissions,
      JobTypes types,
      AuditTrail trail,
      JobsConfig config) {
    this.database = database;
    this.dispatcher = dispatcher;
    this.submissions = submissions;
    this.types = types;
    this.trail = trail;
    this.config = config;
  }

  /**
   * Cancels one that waits at once; asks the worker of one that runs.
   *
   * @throws Problem {@code not_found}, {@code conflict}
   */
  public Job cancel(Caller caller, PilotId pilot, UUID id) {
    return database.inPilot(
        pilot,
        transaction -> {
          Job job = locked(transaction, pilot, id);
          if (job.state().ended()) {
            throw ended(job);
          }
          if (job.cancelRequested()) {
            return job;
          }
          if (job.state() == JobState.QUEUED) {
            execute(
                transaction,
                "UPDATE jobs.job SET state = 'cancelled', finished_at = now(), dispatched_at ="
                    + " NULL, not_before = NULL, error_code = NULL, error_detail = NULL, revision ="
                    + " revision + 1 WHERE job_id = :id",
                id);
            int unused = dispatcher.next(transaction, List.of(pilot.value()));
          } else {
            execute(
                transaction,
                "UPDATE jobs.job SET cancel_requested = true, revision = revision + 1 WHERE job_id"
                    + " = :id",
                id);
          }
          record(transaction, caller, pilot, "job.cancel", id, Map.of());
          return find(transaction, pilot, id);
        });
  }

  /**
   * Has a job done again.
   *
   * @param parameters instead of those it had; null: the same
   * @throws Problem {@code not_found}, {@code conflict}, {@code limit_reached}, and as at a
   *     submission
   */
  public Job retry(Caller caller, Pilot pilot, UUID id, @Nullable JsonNode parameters) {
    Job found = database.inPilot(pilot.id(), transaction -> find(transaction, pilot.id(), id));
    requireRetriable(found);
    JobTypes.Known type = types.require(found.type());
    // Before the transaction, since a type may look far around; and by the rights of whoever
    // retries, which need not be those of whoever asked first.
    String text =
        submissions.checkedParameters(
            type, caller, pilot, parameters == null ? read(found.parameters()) : parameters);
    String name = parameters == null ? found.requestedBy() : caller.actor();
    return database.inPilot(
        pilot.id(),
        transaction -> {
          requireRetriable(locked(transaction, pilot.id(), id));
          requireRoom(transaction, pilot.id());
          int unused =
              transaction
                  .createUpdate(
                      "UPDATE jobs.job SET state = 'queued', parameters = :parameters, requested_by ="
                          + " :name, attempts = 0,"
                          + " max_attempts = :attempts, not_before = NULL, deadline = CASE WHEN"
                          + " deadline > now() THEN deadline END, dispatched_at = NULL, dispatches ="
                          + " 0, cancel_requested = false, progress_done = 0, progress_total = 0,"
                          + " progress_message = '', error_code = NULL, error_detail = NULL,"
                          + " finished_at = NULL, revision = revision + 1 WHERE job_id = :id")
                  .bind("parameters", text)
                  .bind("name", name)
                  .bind("attempts", type.type().limits().attempts())
                  .bind("id", id)
                  .execute();
          int sent = dispatcher.next(transaction, List.of(pilot.id().value()));
          record(
              transaction,
              caller,
              pilot.id(),
              "job.retry",
              id,
              Map.of("parameters", parameters == null ? "the same" : "changed"));
          return find(transaction, pilot.id(), id);
        });
  }

  private static void requireRetriable(Job job) {
    if (job.state() != JobState.FAILED
        && job.state() != JobState.DEAD
        && job.state() != JobState.CANCELLED) {
      throw Problem.of(
          ProblemCode.CONFLICT,
          "Only a job that failed, is dead or was cancelled can be retried; it is "
              + job.state().word()
              + ".");
    }
  }

  private static JsonNode read(String parameters) {
    try {
      return Json.mapper().readTree(parameters);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("parameters that were checked cannot be read", e);
    }
  }

  private void requireRoom(Handle transaction, PilotId pilot) {
    boolean full =
        transaction
            .createQuery(
                "SELECT (SELECT count(*) FROM jobs.job WHERE pilot_id = :pilot AND state ="
                    + " 'queued') >= coalesce((SELECT queued_most FROM jobs.limits WHERE pilot_id ="
                    + " :pilot), :most)")
            .bind("pilot", pilot.value())
            .bind("most", config.queuedMost())
            .mapTo(Boolean.class)
            .one();
    if (full) {
      throw Problem.of(
          ProblemCode.LIMIT_REACHED, "The pilot has as many jobs that wait as it may have.");
    }
  }

  /**
   * Gives up a dead job.
   *
   * @throws Problem {@code not_found}, {@code conflict}
   */
  public Job drop(Caller caller, PilotId pilot, UUID id, String reason) {
    return database.inPilot(
        pilot,
        transaction -> {
          Job job = locked(transaction, pilot, id);
          if (job.state() != JobState.DEAD) {
            throw Problem.of(
                ProblemCode.CONFLICT,
                "Only a dead job can be dropped; it is " + job.state().word() + ".");
          }
          int unused =
              transaction
                  .createUpdate(
                      "UPDATE jobs.job SET state = 'cancelled', error_code = 'dropped',"
                          + " error_detail = :reason, finished_at = now(), revision = revision + 1"
                          + " WHERE job_id = :id")
                  .bind("reason", reason)
                  .bind("id", id)
                  .execute();
          record(transaction, caller, pilot, "job.drop", id, Map.of("reason", reason));
          return find(transaction, pilot, id);
        });
  }

  private static Problem ended(Job job) {
    return Problem.of(ProblemCode.CONFLICT, "The job has ended: it is " + job.state().word() + ".");
  }

  private static Job locked(Handle transaction, PilotId pilot, UUID id) {
    Dispatcher.lock(transaction, pilot);
    return transaction
        .createQuery(
            "SELECT "
                + JobRows.COLUMNS
                + " FROM jobs.job WHERE pilot_id = :pilot AND job_id = :id FOR UPDATE")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .map((row, context) -> JobRows.job(row))
        .findOne()
        .orElseThrow(JobCatalogue::notFound);
  }

  private static Job find(Handle transaction, PilotId pilot, UUID id) {
    return JobCatalogue.find(transaction, pilot, id).orElseThrow(JobCatalogue::notFound);
  }

  private static void execute(Handle transaction, String sql, UUID id) {
    int unused = transaction.createUpdate(sql).bind("id", id).execute();
  }

  private void record(
      Handle transaction,
      Caller caller,
      PilotId pilot,
      String action,
      UUID id,
      Map<String, String> detail) {
    trail.record(
        transaction,
        AuditEvent.allowed(caller, pilot, action, Submissions.resource(pilot, id)).with(detail));
  }
}
