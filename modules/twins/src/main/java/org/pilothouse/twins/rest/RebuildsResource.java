package org.pilothouse.twins.rest;

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
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.twins.Rebuild;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.twins.internal.Rebuilds;

/** The states of a pilot's twins, rebuilt from the backbone. */
@Path("/pilots/{pilot}/twin-rebuilds")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class RebuildsResource {
  private final Rebuilds rebuilds;
  private final PilotDirectory pilots;
  private final CurrentCaller current;

  @Inject
  public RebuildsResource(TwinsModule module, PilotDirectory pilots, CurrentCaller current) {
    this.rebuilds = module.inside().rebuilds();
    this.pilots = pilots;
    this.current = current;
  }

  /** A rebuild as callers see it. */
  public record RebuildBody(
      String rebuildId,
      String state,
      boolean apply,
      String startedBy,
      Instant createdAt,
      @Nullable Instant endedAt,
      long recordsRead,
      long recordsTotal,
      @Nullable Long twins,
      @Nullable Long differing,
      @Nullable String digestBefore,
      @Nullable String digestAfter,
      @Nullable String error) {
    static RebuildBody of(Rebuild rebuild) {
      return new RebuildBody(
          rebuild.id(),
          rebuild.state().word(),
          rebuild.apply(),
          rebuild.startedBy(),
          rebuild.createdAt(),
          rebuild.endedAt().orElse(null),
          rebuild.recordsRead(),
          rebuild.recordsTotal(),
          number(rebuild.twins()),
          number(rebuild.differing()),
          rebuild.digestBefore().orElse(null),
          rebuild.digestAfter().orElse(null),
          rebuild.error().orElse(null));
    }

    private static @Nullable Long number(OptionalLong number) {
      return number.isPresent() ? (Long) number.getAsLong() : null;
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Page<RebuildBody> listTwinRebuilds(
      @PathParam("pilot") String path,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    PageRequest page = PageRequest.of(limit, cursor);
    String list = "twin-rebuilds/" + pilot;
    Optional<Rebuilds.Before> before =
        page.cursor()
            .map(c -> Cursor.read(list, c, 2))
            .map(parts -> new Rebuilds.Before(Cursor.time(parts.get(0)), parts.get(1)));
    List<Rebuild> found = rebuilds.page(pilot, before, page.limit() + 1);
    return Page.of(
        found,
        page.limit(),
        RebuildBody::of,
        rebuild -> Cursor.of(list, rebuild.createdAt().toString(), rebuild.id()));
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response startTwinRebuild(@PathParam("pilot") String path, JsonNode body) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    JsonFields fields = JsonFields.of(body);
    boolean apply = fields.optionalBoolean("apply").orElseThrow(() -> fields.missing("apply"));
    fields.refuseOthers();
    Rebuild rebuild = rebuilds.start(current.person(), pilot, apply);
    return Response.accepted(RebuildBody.of(rebuild))
        .location(URI.create("pilots/" + pilot + "/twin-rebuilds/" + rebuild.id()))
        .build();
  }

  @GET
  @Path("/{rebuild}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public RebuildBody getTwinRebuild(
      @PathParam("pilot") String path, @PathParam("rebuild") String id) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    return Optional.of(id)
        .filter(Names::isId)
        .flatMap(known -> rebuilds.find(pilot, known))
        .map(RebuildBody::of)
        .orElseThrow(Rebuilds::notFound);
  }

  @POST
  @Path("/{rebuild}/cancel")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public RebuildBody cancelTwinRebuild(
      @PathParam("pilot") String path, @PathParam("rebuild") String id) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    if (!Names.isId(id)) {
      throw Rebuilds.notFound();
    }
    return RebuildBody.of(rebuilds.cancel(current.person(), pilot, id));
  }
}
