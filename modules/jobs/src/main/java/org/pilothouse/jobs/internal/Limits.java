package org.pilothouse.jobs.internal;

import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.pilothouse.jobs.JobsConfig;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;

/** How many jobs of a pilot may wait, and run at once. */
public final class Limits {
  /** The most that can be set. */
  public static final int MOST_QUEUED = 1_000_000;

  public static final int MOST_RUNNING = 10_000;

  private final Database database;
  private final Dispatcher dispatcher;
  private final AuditTrail trail;
  private final JobsConfig config;

  Limits(Database database, Dispatcher dispatcher, AuditTrail trail, JobsConfig config) {
    this.database = database;
    this.dispatcher = dispatcher;
    this.trail = trail;
    this.config = config;
  }

  /**
   * @param queuedMost that may wait
   * @param runningMost that may run, with those that are about to
   */
  public record Of(int queuedMost, int runningMost) {}

  public Of of(PilotId pilot) {
    return database.inPilot(pilot, transaction -> of(transaction, pilot));
  }

  private Of of(Handle transaction, PilotId pilot) {
    return transaction
        .createQuery("SELECT queued_most, running_most FROM jobs.limits WHERE pilot_id = :pilot")
        .bind("pilot", pilot.value())
        .map((row, context) -> new Of(row.getInt("queued_most"), row.getInt("running_most")))
        .findOne()
        .orElse(new Of(config.queuedMost(), config.runningMost()));
  }

  public Of put(Caller caller, PilotId pilot, Of limits) {
    database.runInPilot(
        pilot,
        transaction -> {
          Dispatcher.lock(transaction, pilot);
          int unused =
              transaction
                  .createUpdate(
                      "INSERT INTO jobs.limits (pilot_id, queued_most, running_most, updated_at)"
                          + " VALUES (:pilot, :queued, :running, now()) ON CONFLICT (pilot_id) DO"
                          + " UPDATE SET queued_most = excluded.queued_most, running_most ="
                          + " excluded.running_most, updated_at = excluded.updated_at")
                  .bind("pilot", pilot.value())
                  .bind("queued", limits.queuedMost())
                  .bind("running", limits.runningMost())
                  .execute();
          // What was about to run and is over the limit waits again.
          int back =
              transaction
                  .createUpdate(
                      "UPDATE jobs.job SET dispatched_at = NULL, dispatches = 0 WHERE pilot_id ="
                          + " :pilot AND state = 'queued' AND dispatched_at IS NOT NULL")
                  .bind("pilot", pilot.value())
                  .execute();
          int sent = dispatcher.next(transaction, java.util.List.of(pilot.value()));
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "job.limits", "pilot:" + pilot)
                  .with(
                      Map.of(
                          "queued_most", Integer.toString(limits.queuedMost()),
                          "running_most", Integer.toString(limits.runningMost()))));
        });
    return limits;
  }
}
