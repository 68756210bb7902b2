package org.pilothouse.exports.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.pilothouse.exports.ExportsModule;
import org.pilothouse.exports.internal.Wiring;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;

/** What an export would give, before it is asked for. */
@Path("/pilots/{pilot}/exports")
@Dependent
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
public class ExportsResource {
  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public ExportsResource(ExportsModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /** The roles are those that may fetch the content of datasets: this is a part of it. */
  @POST
  @Path("/columns")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response lookAtColumns(@PathParam("pilot") String pilot, JsonNode body) {
    return answer(room.looks().columns(current.person(), pilot(pilot), body));
  }

  @POST
  @Path("/preview")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response previewExport(@PathParam("pilot") String pilot, JsonNode body) {
    return answer(room.looks().preview(current.person(), pilot(pilot), body));
  }

  private Pilot pilot(String pilot) {
    return room.pilots().require(CurrentCaller.pilotOf(pilot));
  }

  private static Response answer(Object shown) {
    return Response.ok(shown).header(HttpHeaders.CACHE_CONTROL, "no-store").build();
  }
}
