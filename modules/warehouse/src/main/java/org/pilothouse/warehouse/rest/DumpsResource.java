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
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.warehouse.CloseReason;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.DumpState;
import org.pilothouse.warehouse.PilotDay;
import org.pilothouse.warehouse.WarehouseModule;
import org.pilothouse.warehouse.internal.Dumps;
import org.pilothouse.warehouse.internal.Share;
import org.pilothouse.warehouse.internal.Wiring;

/** A pilot's closed days. */
@Path("/pilots/{pilot}/dumps")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class DumpsResource {
  private static final LocalDate FIRST = LocalDate.of(2000, 1, 1);
  private static final LocalDate LAST = LocalDate.of(2999, 12, 31);
  private static final int MOST_DAYS = 400;
  private static final int USUAL_DAYS = 31;

  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public DumpsResource(WarehouseModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /** The day in UTC, its end excluded. */
  record IntervalBody(Instant start, Instant end) {
    static IntervalBody of(PilotDay day) {
      return new IntervalBody(day.start(), day.end());
    }
  }

  /** A day and what is known of it. */
  record DumpBody(
      LocalDate date,
      int revision,
      String state,
      IntervalBody interval,
      String timeZone,
      @Nullable String closeReason,
      @Nullable Instant frozenAt,
      long events,
      long rows,
      long late,
      long rejected,
      long repeats,
      int parts,
      @Nullable String datasetId,
      int attempts,
      @Nullable String step,
      Dump.@Nullable Failure failure,
      @Nullable Instant createdAt,
      @Nullable Instant finishedAt) {
    static DumpBody of(Dump dump) {
      CloseReason reason = dump.closeReason();
      return new DumpBody(
          dump.day().date(),
          dump.revision(),
          dump.state().word(),
          IntervalBody.of(dump.day()),
          dump.timeZone(),
          reason == null ? null : reason.word(),
          dump.frozenAt(),
          dump.events(),
          dump.rows(),
          dump.late(),
          dump.rejected(),
          dump.repeats(),
          dump.parts(),
          dump.datasetId(),
          dump.attempts(),
          dump.step(),
          dump.failure(),
          dump.createdAt(),
          dump.finishedAt());
    }

    static DumpBody open(Pilot pilot, PilotDay day) {
      return of(
          new Dump(
              pilot.id(),
              day,
              0,
              DumpState.OPEN,
              pilot.timeZone().getId(),
              null,
              null,
              null,
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              null,
              null,
              null,
              null));
    }
  }

  /** Offsets that the backbone no longer had, the end excluded. */
  record GapBody(long fromOffset, long toOffset) {}

  /** One partition's part of the newest revision. */
  record PartitionBody(
      int partition,
      String state,
      long fromOffset,
      long toOffset,
      long readTo,
      @Nullable Instant watermark,
      long records,
      long events,
      long rejected,
      List<GapBody> missing) {
    static PartitionBody of(Share share) {
      return new PartitionBody(
          share.partition(),
          share.done() ? "done" : "waiting",
          share.from(),
          share.to(),
          share.readTo(),
          share.watermark(),
          share.counts().records(),
          share.counts().events(),
          share.counts().rejected(),
          share.missing().stream().map(gap -> new GapBody(gap.from(), gap.to())).toList());
    }
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
    LocalDate date =
        date(fields.text("date", 1, 32))
            .orElseThrow(() -> fields.invalid("date", "must be a date such as 2026-01-31"));
    fields.refuseOthers();
    Dumps.Begun begun = room.begin(current.person(), found, date);
    return Response.status(begun.now() ? Response.Status.ACCEPTED : Response.Status.OK)
        .entity(DumpBody.of(begun.dump()))
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
    LocalDate today = LocalDate.ofInstant(room.now(), found.timeZone());
    LocalDate last = parameter("to", to).orElse(today);
    LocalDate first = parameter("from", from).orElse(last.minusDays(USUAL_DAYS - 1));
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
    List<DumpBody> days = new ArrayList<>();
    for (LocalDate date = first; !date.isAfter(last); date = date.plusDays(1)) {
      Dump dump = known.get(date);
      if (dump != null) {
        days.add(DumpBody.of(dump));
      } else if (!date.isAfter(today)) {
        PilotDay.of(date, found.timeZone())
            .map(day -> DumpBody.open(found, day))
            .ifPresent(days::add);
      }
    }
    return new Page<>(days, null);
  }

  @GET
  @Path("/{date}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public DayBody getDump(@PathParam("pilot") String pilot, @PathParam("date") String date) {
    Pilot found = pilot(pilot);
    LocalDate day = pathDate(date);
    List<Dump> revisions = room.dumps().of(found.id(), day);
    if (revisions.isEmpty()) {
      PilotDay open = PilotDay.of(day, found.timeZone()).orElseThrow(DumpsResource::notFound);
      if (open.start().isAfter(room.now())) {
        throw notFound();
      }
      return new DayBody(day, DumpState.OPEN.word(), IntervalBody.of(open), List.of(), List.of());
    }
    Dump newest = revisions.getFirst();
    return new DayBody(
        day,
        newest.state().word(),
        IntervalBody.of(newest.day()),
        revisions.stream().map(DumpBody::of).toList(),
        room.dumps().shares(found.id(), day, newest.revision()).stream()
            .map(PartitionBody::of)
            .toList());
  }

  @GET
  @Path("/{date}/manifest")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public JsonNode getManifest(@PathParam("pilot") String pilot, @PathParam("date") String date) {
    PilotId id = pilot(pilot).id();
    return room.manifest(id, pathDate(date)).orElseThrow(DumpsResource::notFound);
  }

  @POST
  @Path("/{date}/restart")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response restartDump(@PathParam("pilot") String pilot, @PathParam("date") String date) {
    PilotId id = pilot(pilot).id();
    Dump dump = room.restart(current.person(), id, pathDate(date));
    return Response.accepted(DumpBody.of(dump)).build();
  }

  /** What is no date in a path is a day that nobody has closed. */
  private static LocalDate pathDate(String text) {
    return date(text).orElseThrow(DumpsResource::notFound);
  }

  private static Optional<LocalDate> parameter(String name, @Nullable String text) {
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        date(text)
            .orElseThrow(() ->
                Problem.at(
                    ProblemCode.INVALID_VALUE,
                    name,
                    name + " must be a date such as 2026-01-31.")));
  }

  private static Optional<LocalDate> date(String text) {
    try {
      LocalDate date = LocalDate.parse(text);
      return date.isBefore(FIRST) || date.isAfter(LAST) ? Optional.empty() : Optional.of(date);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no dump of that day.");
  }

  private Pilot pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path));
  }
}
