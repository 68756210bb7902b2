package org.pilothouse.warehouse.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.DumpState;
import org.pilothouse.warehouse.PilotDay;
import org.pilothouse.warehouse.WarehouseModule;
import org.pilothouse.warehouse.internal.Dumps;
import org.pilothouse.warehouse.internal.Wiring;

/** A pilot's closed days. */
@Path("/pilots/{pilot}/dumps")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class DumpsResource {
  static final int MOST_DAYS = 400;
  private static final int USUAL_DAYS = 31;

  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public DumpsResource(WarehouseModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /** All revisions of a day, the newest first. */
  record DayBody(
      LocalDate date,
      String state,
      IntervalBody interval,
      List<DumpBody> revisions,
      List<PartitionBody> partitions) {}

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response createDump(@PathParam("pilot") String pilot, JsonNode body) {
    Pilot found = pilot(pilot);
    JsonFields fields = JsonFields.of(body);
    LocalDate date = Dates.ofField(fields, "date");
    fields.refuseOthers();
    Dumps.Begun begun = room.begin(current.person(), found, date);
    return Response.status(begun.now() ? Response.Status.ACCEPTED : Response.Status.OK)
        .entity(newest(begun.dump()))
        .build();
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<DumpBody> listDumps(
      @PathParam("pilot") String pilot,
      @QueryParam("from") @Nullable String from,
      @QueryParam("to") @Nullable String to) {
    Pilot found = pilot(pilot);
    Instant now = room.now();
    LocalDate today = LocalDate.ofInstant(now, found.timeZone());
    LocalDate created = LocalDate.ofInstant(found.createdAt(), found.timeZone());
    LocalDate last = Dates.ofParameter("to", to).orElse(today);
    LocalDate first = Dates.ofParameter("from", from).orElse(last.minusDays(USUAL_DAYS - 1));
    if (first.isAfter(last) || first.plusDays(MOST_DAYS).isBefore(last)) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          "from",
          "from must not lie after to, and not more than " + MOST_DAYS + " days before it.");
    }
    Map<LocalDate, Dump> known = new HashMap<>();
    room.dumps()
        .between(found.id(), first, last)
        .forEach(dump -> known.put(dump.day().date(), dump));
    Map<LocalDate, Long> late = room.late().waiting(found.id(), first, last);
    Map<LocalDate, Dumps.Whole> wholes = room.dumps().wholes(found.id(), first, last);
    List<DumpBody> days = new ArrayList<>();
    for (LocalDate date = first; !date.isAfter(last); date = date.plusDays(1)) {
      Dump dump = known.get(date);
      if (dump != null) {
        days.add(
            DumpBody.of(
                dump,
                true,
                late.getOrDefault(date, 0L),
                wholes.getOrDefault(date, Dumps.Whole.NOTHING),
                progress(dump, now)));
      } else if (!date.isAfter(today) && !date.isBefore(created)) {
        PilotDay.of(date, found.timeZone()).ifPresent(day -> days.add(open(found, day, now)));
      }
    }
    return new Page<>(days, null);
  }

  private DumpBody open(Pilot pilot, PilotDay day, Instant now) {
    // Days of a pilot that keeps its data itself are closed by nobody.
    boolean missed =
        pilot.storage() instanceof Pilot.Storage.Centralized && now.isAfter(room.deadline(day));
    return DumpBody.open(pilot, day, missed);
  }

  @GET
  @Path("/{date}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public DayBody getDump(@PathParam("pilot") String pilot, @PathParam("date") String date) {
    Pilot found = pilot(pilot);
    LocalDate day = Dates.ofPath(date);
    List<Dump> revisions = room.dumps().of(found.id(), day);
    Instant now = room.now();
    if (revisions.isEmpty()) {
      PilotDay open = PilotDay.of(day, found.timeZone()).orElseThrow(Dates::notFound);
      if (open.start().isAfter(now)) {
        throw Dates.notFound();
      }
      return new DayBody(day, DumpState.OPEN.word(), IntervalBody.of(open), List.of(), List.of());
    }
    Dump newest = revisions.getFirst();
    long late = room.late().waiting(found.id(), day);
    Dumps.Whole whole = whole(newest);
    return new DayBody(
        day,
        newest.state().word(),
        IntervalBody.of(newest.day()),
        revisions.stream()
            .map(dump -> DumpBody.of(dump, dump == newest, late, whole, progress(dump, now)))
            .toList(),
        room.dumps().shares(found.id(), day, newest.revision()).stream()
            .map(share -> PartitionBody.of(share, now))
            .toList());
  }

  @GET
  @Path("/{date}/manifest")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public JsonNode getManifest(@PathParam("pilot") String pilot, @PathParam("date") String date) {
    PilotId id = pilot(pilot).id();
    return room.manifest(id, Dates.ofPath(date)).orElseThrow(Dates::notFound);
  }

  @POST
  @Path("/{date}/restart")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response restartDump(@PathParam("pilot") String pilot, @PathParam("date") String date) {
    PilotId id = pilot(pilot).id();
    Dump dump = room.restart(current.person(), id, Dates.ofPath(date));
    return Response.accepted(newest(dump)).build();
  }

  @POST
  @Path("/{date}/cancel")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response cancelDump(@PathParam("pilot") String pilot, @PathParam("date") String date) {
    PilotId id = pilot(pilot).id();
    Dump dump = room.cancel(current.person(), id, Dates.ofPath(date));
    return Response.accepted(newest(dump)).build();
  }

  @POST
  @Path("/{date}/corrections")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response createCorrection(
      @PathParam("pilot") String pilot, @PathParam("date") String date, JsonNode body) {
    Pilot found = pilot(pilot);
    JsonFields fields = JsonFields.of(body);
    boolean redrive = fields.optionalBoolean("redrive_rejects").orElse(false);
    fields.refuseOthers();
    Dump dump = room.correct(current.person(), found, Dates.ofPath(date), redrive);
    return Response.accepted(newest(dump)).build();
  }

  private DumpBody newest(Dump dump) {
    return DumpBody.of(
        dump,
        true,
        room.late().waiting(dump.pilot(), dump.day().date()),
        whole(dump),
        progress(dump, room.now()));
  }

  /** Of all revisions of its day. */
  private Dumps.Whole whole(Dump dump) {
    LocalDate date = dump.day().date();
    return room.dumps().wholes(dump.pilot(), date, date).getOrDefault(date, Dumps.Whole.NOTHING);
  }

  private @Nullable ProgressBody progress(Dump dump, Instant now) {
    return dump.state() == DumpState.RUNNING
        ? ProgressBody.of(
            room.dumps().shares(dump.pilot(), dump.day().date(), dump.revision()), now)
        : null;
  }

  private Pilot pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path));
  }
}
