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
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.warehouse.WarehouseModule;
import org.pilothouse.warehouse.internal.Backfill;
import org.pilothouse.warehouse.internal.Wiring;

/** Ranges of past days that are closed one after the other. */
@Path("/pilots/{pilot}/dumps/backfills")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class BackfillsResource {
  private static final String LIST = "backfills";

  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public BackfillsResource(WarehouseModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /** A backfill and how far it is. */
  record BackfillBody(
      String id,
      LocalDate from,
      LocalDate to,
      String state,
      String requestedBy,
      Instant createdAt,
      @Nullable Instant finishedAt,
      Backfill.Days days,
      @Nullable Long secondsLeft,
      @Nullable LocalDate dayNow) {
    static BackfillBody of(Backfill backfill) {
      return new BackfillBody(
          backfill.id(),
          backfill.from(),
          backfill.to(),
          backfill.state().word(),
          backfill.requestedBy(),
          backfill.createdAt(),
          backfill.finishedAt(),
          backfill.days(),
          backfill.secondsLeft(),
          backfill.dayNow());
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<BackfillBody> listBackfills(
      @PathParam("pilot") String pilot,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    Pilot found = pilot(pilot);
    PageRequest page = PageRequest.of(limit, cursor);
    String before = page.cursor().map(text -> Cursor.read(LIST, text, 1).getFirst()).orElse(null);
    return Page.of(
        room.backfills().list(found.id(), before, page.limit() + 1),
        page.limit(),
        BackfillBody::of,
        last -> Cursor.of(LIST, last.id()));
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response createBackfill(@PathParam("pilot") String pilot, JsonNode body) {
    Pilot found = pilot(pilot);
    JsonFields fields = JsonFields.of(body);
    LocalDate from = Dates.ofField(fields, "from");
    LocalDate to = Dates.ofField(fields, "to");
    fields.refuseOthers();
    if (from.isAfter(to) || !to.isBefore(from.plusDays(DumpsResource.MOST_DAYS))) {
      throw fields.invalid(
          "from", "must not lie after to, and with it name " + DumpsResource.MOST_DAYS + " days");
    }
    return Response.accepted(BackfillBody.of(room.fill(current.person(), found, from, to))).build();
  }

  @GET
  @Path("/{backfill}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public BackfillBody getBackfill(
      @PathParam("pilot") String pilot, @PathParam("backfill") String backfill) {
    return room.backfills()
        .find(pilot(pilot).id(), backfill)
        .map(BackfillBody::of)
        .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "There is no such backfill."));
  }

  @POST
  @Path("/{backfill}/cancel")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response cancelBackfill(
      @PathParam("pilot") String pilot, @PathParam("backfill") String backfill) {
    return Response.accepted(
            BackfillBody.of(room.backfills().cancel(current.person(), pilot(pilot).id(), backfill)))
        .build();
  }

  private Pilot pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path));
  }
}
