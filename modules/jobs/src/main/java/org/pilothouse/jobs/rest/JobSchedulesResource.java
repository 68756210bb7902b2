package org.pilothouse.jobs.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.jobs.JobsModule;
import org.pilothouse.jobs.internal.Job;
import org.pilothouse.jobs.internal.Priority;
import org.pilothouse.jobs.internal.Schedule;
import org.pilothouse.jobs.internal.Schedules;
import org.pilothouse.jobs.internal.Timetable;
import org.pilothouse.jobs.internal.Wiring;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.Revision;

/** Jobs that are asked for again and again. */
@Path("/pilots/{pilot}/job-schedules")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class JobSchedulesResource {
  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public JobSchedulesResource(JobsModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /** A schedule as it is shown. */
  record ScheduleBody(
      String scheduleId,
      String name,
      String type,
      @JsonRawValue String parameters,
      List<String> days,
      String time,
      String timeZone,
      String priority,
      boolean enabled,
      @Nullable Instant nextAt,
      @Nullable String lastJobId,
      Job.@Nullable Failure lastError,
      String requestedBy,
      Instant createdAt,
      Instant updatedAt,
      long revision) {
    static ScheduleBody of(Pilot pilot, Schedule schedule) {
      return new ScheduleBody(
          schedule.id(),
          schedule.name(),
          schedule.type(),
          schedule.parameters(),
          schedule.timetable().words(),
          schedule.timetable().time().toString(),
          pilot.timeZone().getId(),
          schedule.priority().word(),
          schedule.enabled(),
          schedule.nextAt(),
          schedule.lastJob() == null ? null : schedule.lastJob().toString(),
          schedule.error(),
          schedule.requestedBy(),
          schedule.createdAt(),
          schedule.updatedAt(),
          schedule.revision());
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<ScheduleBody> listJobSchedules(@PathParam("pilot") String pilot) {
    Pilot found = pilot(pilot);
    return new Page<>(
        room.schedules().list(found.id()).stream()
            .map(each -> ScheduleBody.of(found, each))
            .toList(),
        null);
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response createJobSchedule(@PathParam("pilot") String pilot, JsonNode body) {
    Pilot found = pilot(pilot);
    Schedule made = room.schedules().create(current.person(), found, wanted(body));
    return answer(Response.status(Response.Status.CREATED), found, made);
  }

  @GET
  @Path("/{schedule}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getJobSchedule(
      @PathParam("pilot") String pilot, @PathParam("schedule") String schedule) {
    Pilot found = pilot(pilot);
    return answer(Response.ok(), found, room.schedules().require(found.id(), schedule));
  }

  @PUT
  @Path("/{schedule}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response putJobSchedule(
      @PathParam("pilot") String pilot,
      @PathParam("schedule") String schedule,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      JsonNode body) {
    Pilot found = pilot(pilot);
    return answer(
        Response.ok(),
        found,
        room.schedules().put(current.person(), found, schedule, ifMatch, wanted(body)));
  }

  @DELETE
  @Path("/{schedule}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response deleteJobSchedule(
      @PathParam("pilot") String pilot, @PathParam("schedule") String schedule) {
    room.schedules().delete(current.person(), pilot(pilot).id(), schedule);
    return Response.noContent().build();
  }

  private static Schedules.Wanted wanted(JsonNode body) {
    JsonFields fields = JsonFields.of(body);
    String name = fields.text("name", 1, 200);
    String type = fields.text("type", 1, 32);
    JsonNode parameters = Asked.parameters(fields, body);
    Timetable timetable = new Timetable(days(fields), time(fields));
    Priority priority = Asked.priority(fields);
    boolean enabled = fields.optionalBoolean("enabled").orElse(true);
    fields.refuseOthers();
    return new Schedules.Wanted(name, type, parameters, timetable, priority, enabled);
  }

  private static Set<DayOfWeek> days(JsonFields fields) {
    List<String> words =
        fields.optionalTexts("days", 7, 3).orElseThrow(() -> fields.missing("days"));
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (int i = 0; i < words.size(); i++) {
      String at = "days/" + i;
      DayOfWeek day =
          Timetable.day(words.get(i))
              .orElseThrow(() -> fields.invalid(at, "must be mon, tue, wed, thu, fri, sat or sun"));
      if (!days.add(day)) {
        throw fields.invalid(at, "names a day for the second time");
      }
    }
    if (days.isEmpty()) {
      throw fields.invalid("days", "must name at least one day");
    }
    return days;
  }

  private static LocalTime time(JsonFields fields) {
    String text = fields.text("time", 1, 8);
    if (!text.matches("([01][0-9]|2[0-3]):[0-5][0-9]")) {
      throw fields.invalid("time", "must be a time of day such as 06:00");
    }
    return LocalTime.parse(text);
  }

  private static Response answer(
      Response.ResponseBuilder response, Pilot pilot, Schedule schedule) {
    return response
        .entity(ScheduleBody.of(pilot, schedule))
        .tag(new Revision(schedule.revision()).tag())
        .build();
  }

  private Pilot pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path));
  }
}
