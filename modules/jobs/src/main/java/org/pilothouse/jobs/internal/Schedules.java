package org.pilothouse.jobs.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;
import org.pilothouse.platform.web.Revision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jobs that are asked for on days of the week. When the next one is due stands in a row: whichever
 * node comes first asks for the job and moves the row on in one transaction.
 */
public final class Schedules {
  private static final Logger LOG = LoggerFactory.getLogger(Schedules.class);

  /** Of a pilot. */
  public static final int MOST = 100;

  private static final int AT_ONCE = 50;
  private static final String COLUMNS =
      "pilot_id, schedule_id, name, type, parameters, days, time, priority, enabled, next_at,"
          + " last_job_id, error_code, error_detail, requested_by, created_at, updated_at, revision";

  private final Database database;
  private final Submissions submissions;
  private final JobTypes types;
  private final PilotDirectory pilots;
  private final AuditTrail trail;
  private final EventIds ids;

  Schedules(
      Database database,
      Submissions submissions,
      JobTypes types,
      PilotDirectory pilots,
      AuditTrail trail,
      EventIds ids) {
    this.database = database;
    this.submissions = submissions;
    this.types = types;
    this.pilots = pilots;
    this.trail = trail;
    this.ids = ids;
  }

  /** What somebody wants of a schedule. */
  public record Wanted(
      String name,
      String type,
      JsonNode parameters,
      Timetable timetable,
      Priority priority,
      boolean enabled) {}

  public List<Schedule> list(PilotId pilot) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT "
                        + COLUMNS
                        + " FROM jobs.schedule WHERE pilot_id = :pilot ORDER BY lower(name),"
                        + " schedule_id LIMIT :most")
                .bind("pilot", pilot.value())
                .bind("most", MOST)
                .map((row, context) -> schedule(row))
                .list());
  }

  /**
   * @throws Problem {@code not_found}
   */
  public Schedule require(PilotId pilot, String id) {
    return database.inPilot(
        pilot, transaction -> find(transaction, pilot, id, "").orElseThrow(Schedules::notFound));
  }

  private static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such schedule.");
  }

  private static Optional<Schedule> find(
      Handle transaction, PilotId pilot, String id, String lock) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM jobs.schedule WHERE pilot_id = :pilot AND schedule_id = :id"
                + lock)
        .bind("pilot", pilot.value())
        .bind("id", id)
        .map((row, context) -> schedule(row))
        .findOne();
  }

  private static Schedule schedule(ResultSet row) throws SQLException {
    return new Schedule(
        new PilotId(row.getString("pilot_id")),
        row.getString("schedule_id"),
        row.getString("name"),
        row.getString("type"),
        row.getString("parameters"),
        new Timetable(Timetable.days(row.getInt("days")), row.getObject("time", LocalTime.class)),
        Priority.of(row.getString("priority")).orElseThrow(),
        row.getBoolean("enabled"),
        JobRows.optionalInstant(row, "next_at"),
        row.getObject("last_job_id", UUID.class),
        JobRows.failure(row),
        row.getString("requested_by"),
        JobRows.instant(row, "created_at"),
        JobRows.instant(row, "updated_at"),
        row.getLong("revision"));
  }

  /**
   * @throws Problem {@code limit_reached}, and as at a submission
   */
  public Schedule create(Caller.Person caller, Pilot pilot, Wanted wanted) {
    String parameters = checked(caller, pilot, wanted);
    String id = ids.next().toString();
    return database.inPilot(
        pilot.id(),
        transaction -> {
          Dispatcher.lock(transaction, pilot.id());
          int there =
              transaction
                  .createQuery("SELECT count(*) FROM jobs.schedule WHERE pilot_id = :pilot")
                  .bind("pilot", pilot.id().value())
                  .mapTo(Integer.class)
                  .one();
          if (there >= MOST) {
            throw Problem.of(
                ProblemCode.LIMIT_REACHED, "The pilot may have " + MOST + " schedules.");
          }
          write(
              transaction,
              caller,
              pilot,
              id,
              wanted,
              parameters,
              "INSERT INTO jobs.schedule (pilot_id, schedule_id, name, type, parameters, days, time,"
                  + " priority, enabled, next_at, zone, requested_by, roles, created_at, updated_at)"
                  + " VALUES (:pilot, :id, :name, :type, :parameters, :days, :time, :priority,"
                  + " :enabled, :next, :zone, :by, :roles, now(), now())");
          record(transaction, caller, pilot.id(), "schedule.create", id);
          return find(transaction, pilot.id(), id, "").orElseThrow();
        });
  }

  /**
   * @throws Problem {@code not_found}, {@code precondition_required}, {@code precondition_failed},
   *     and as at a submission
   */
  public Schedule put(
      Caller.Person caller, Pilot pilot, String id, @Nullable String ifMatch, Wanted wanted) {
    return database.inPilot(
        pilot.id(),
        transaction -> {
          Schedule before =
              find(transaction, pilot.id(), id, " FOR UPDATE").orElseThrow(Schedules::notFound);
          new Revision(before.revision()).check(ifMatch);
          String parameters = checked(caller, pilot, wanted);
          write(
              transaction,
              caller,
              pilot,
              id,
              wanted,
              parameters,
              "UPDATE jobs.schedule SET name = :name, type = :type, parameters = :parameters, days ="
                  + " :days, time = :time, priority = :priority, enabled = :enabled, next_at = :next,"
                  + " zone = :zone, requested_by = :by, roles = :roles, error_code = NULL,"
                  + " error_detail = NULL, updated_at = now(), revision = revision + 1 WHERE pilot_id"
                  + " = :pilot AND schedule_id = :id");
          record(transaction, caller, pilot.id(), "schedule.update", id);
          return find(transaction, pilot.id(), id, "").orElseThrow();
        });
  }

  /**
   * @throws Problem {@code not_found}
   */
  public void delete(Caller caller, PilotId pilot, String id) {
    database.runInPilot(
        pilot,
        transaction -> {
          int removed =
              transaction
                  .createUpdate(
                      "DELETE FROM jobs.schedule WHERE pilot_id = :pilot AND schedule_id = :id")
                  .bind("pilot", pilot.value())
                  .bind("id", id)
                  .execute();
          if (removed == 0) {
            throw notFound();
          }
          record(transaction, caller, pilot, "schedule.delete", id);
        });
  }

  private String checked(Caller caller, Pilot pilot, Wanted wanted) {
    return submissions.checkedParameters(
        types.require(wanted.type()), caller, pilot, wanted.parameters());
  }

  private static void write(
      Handle transaction,
      Caller.Person caller,
      Pilot pilot,
      String id,
      Wanted wanted,
      String parameters,
      String sql) {
    Instant next =
        wanted.enabled() ? wanted.timetable().next(now(transaction), pilot.timeZone()) : null;
    int unused =
        transaction
            .createUpdate(sql)
            .bind("pilot", pilot.id().value())
            .bind("id", id)
            .bind("name", wanted.name())
            .bind("type", wanted.type())
            .bind("parameters", parameters)
            .bind("days", wanted.timetable().bits())
            .bind("time", wanted.timetable().time())
            .bind("priority", wanted.priority().word())
            .bind("enabled", wanted.enabled())
            .bind("next", next == null ? null : next.atOffset(ZoneOffset.UTC))
            .bind("zone", pilot.timeZone().getId())
            .bind("by", caller.actor())
            .bindArray("roles", String.class, List.copyOf(caller.roles()))
            .execute();
  }

  private static Instant now(Handle transaction) {
    return transaction.createQuery("SELECT now()").mapTo(Instant.class).one();
  }

  private void record(Handle transaction, Caller caller, PilotId pilot, String action, String id) {
    trail.record(
        transaction, AuditEvent.allowed(caller, pilot, action, "job-schedule:" + pilot + "/" + id));
  }

  /** A schedule whose time has come, and in whose name. */
  private record Due(Schedule schedule, String zone, Set<String> roles, Instant now) {}

  /** Asks for the jobs whose time has come; one for each schedule, however often it was missed. */
  int fire() {
    followZones();
    List<String[]> due =
        database.asPlatform(transaction ->
            transaction
                .createQuery(
                    "SELECT pilot_id, schedule_id FROM jobs.schedule WHERE enabled AND next_at <="
                        + " now() ORDER BY next_at LIMIT :most")
                .bind("most", AT_ONCE)
                .map((row, context) ->
                    new String[] {row.getString("pilot_id"), row.getString("schedule_id")})
                .list());
    int fired = 0;
    for (String[] each : due) {
      Optional<Pilot> pilot = pilots.find(new PilotId(each[0]));
      if (pilot.isPresent()) {
        try {
          fired += fire(pilot.get(), each[1]) ? 1 : 0;
        } catch (RuntimeException e) {
          LOG.warn(
              "a schedule does not go on now pilot={} id={} error={}",
              each[0],
              each[1],
              e.toString());
        }
      }
    }
    return fired;
  }

  /** A pilot that has moved to another zone means its own clock there. */
  private void followZones() {
    List<String[]> zones =
        database.asPlatform(transaction ->
            transaction
                .createQuery("SELECT DISTINCT pilot_id, zone FROM jobs.schedule WHERE enabled")
                .map((row, context) ->
                    new String[] {row.getString("pilot_id"), row.getString("zone")})
                .list());
    for (String[] each : zones) {
      Optional<Pilot> pilot = pilots.find(new PilotId(each[0]));
      if (pilot.isPresent() && !pilot.get().timeZone().getId().equals(each[1])) {
        ZoneId zone = pilot.get().timeZone();
        database.runInPilot(
            pilot.get().id(),
            transaction -> {
              Instant now = now(transaction);
              for (Schedule schedule : moved(transaction, pilot.get().id(), each[1])) {
                move(transaction, schedule, schedule.timetable().next(now, zone), zone);
              }
            });
      }
    }
  }

  private static List<Schedule> moved(Handle transaction, PilotId pilot, String zone) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM jobs.schedule WHERE pilot_id = :pilot AND zone = :zone AND enabled AND"
                + " next_at > now() ORDER BY schedule_id FOR UPDATE")
        .bind("pilot", pilot.value())
        .bind("zone", zone)
        .map((row, context) -> schedule(row))
        .list();
  }

  private static void move(Handle transaction, Schedule schedule, Instant next, ZoneId zone) {
    int unused =
        transaction
            .createUpdate(
                "UPDATE jobs.schedule SET next_at = :next, zone = :zone WHERE pilot_id = :pilot AND"
                    + " schedule_id = :id")
            .bind("next", next.atOffset(ZoneOffset.UTC))
            .bind("zone", zone.getId())
            .bind("pilot", schedule.pilot().value())
            .bind("id", schedule.id())
            .execute();
  }

  private boolean fire(Pilot pilot, String id) {
    return database.inPilot(
        pilot.id(),
        transaction -> {
          // In the order of all who take both: the pilot's lock first.
          Dispatcher.lock(transaction, pilot.id());
          Optional<Due> found = due(transaction, pilot.id(), id);
          if (found.isEmpty()) {
            return false;
          }
          Due due = found.get();
          Schedule schedule = due.schedule();
          move(
              transaction,
              schedule,
              schedule.timetable().next(due.now(), pilot.timeZone()),
              pilot.timeZone());
          Submissions.Outcome outcome = submit(transaction, pilot, due);
          switch (outcome) {
            case Submissions.Outcome.Made(Job job) -> note(transaction, schedule, job.id(), null);
            case Submissions.Outcome.Repeated(Job job) ->
                note(transaction, schedule, job.id(), null);
            case Submissions.Outcome.Refused(Problem problem) ->
                note(transaction, schedule, null, problem);
          }
          return true;
        });
  }

  private static Optional<Due> due(Handle transaction, PilotId pilot, String id) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + ", zone, roles, now() AS now FROM jobs.schedule WHERE pilot_id = :pilot AND"
                + " schedule_id = :id AND enabled AND next_at <= now() FOR UPDATE SKIP LOCKED")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .map((row, context) ->
            new Due(
                schedule(row),
                row.getString("zone"),
                texts(row.getArray("roles")),
                JobRows.instant(row, "now")))
        .findOne();
  }

  private static Set<String> texts(Array array) throws SQLException {
    return Set.copyOf(Arrays.asList((String[]) array.getArray()));
  }

  private Submissions.Outcome submit(Handle transaction, Pilot pilot, Due due) {
    Schedule schedule = due.schedule();
    String by = schedule.requestedBy();
    Caller caller =
        new Caller.Person(
            by.startsWith("person:") ? by.substring("person:".length()) : by,
            due.roles(),
            pilot.id(),
            "job-schedule:" + schedule.id(),
            false);
    try {
      Submissions.Wanted wanted =
          submissions.checked(
              caller,
              pilot,
              new Submissions.Request(
                  schedule.type(),
                  Json.mapper().readTree(schedule.parameters()),
                  schedule.name(),
                  schedule.priority(),
                  null,
                  null),
              schedule.id());
      return submissions.submit(transaction, pilot.id(), List.of(wanted)).getFirst();
    } catch (Problem e) {
      return new Submissions.Outcome.Refused(e);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("parameters that were checked cannot be read", e);
    }
  }

  private static void note(
      Handle transaction, Schedule schedule, @Nullable UUID job, @Nullable Problem problem) {
    int unused =
        transaction
            .createUpdate(
                "UPDATE jobs.schedule SET last_job_id = coalesce(CAST(:job AS uuid), last_job_id), error_code ="
                    + " :code, error_detail = :detail WHERE pilot_id = :pilot AND schedule_id = :id")
            .bind("job", job)
            .bind("code", problem == null ? null : problem.code().code())
            .bind("detail", problem == null ? null : problem.detail())
            .bind("pilot", schedule.pilot().value())
            .bind("id", schedule.id())
            .execute();
  }
}
