package org.pilothouse.datasets.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.internal.Dcat;
import org.pilothouse.datasets.internal.Iris;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.WebConfig;

/** One dataset as other catalogues read it. */
@Path("/pilots/{pilot}/datasets/{dataset}/dcat")
@Dependent
public class DcatResource {
  private final Wiring room;
  private final WebConfig web;

  @Inject
  public DcatResource(DatasetsModule module, WebConfig web) {
    this.room = module.inside();
    this.web = web;
  }

  @GET
  @Produces({Dcat.MEDIA_TYPE, MediaType.APPLICATION_JSON})
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public ObjectNode getDatasetDcat(
      @PathParam("pilot") String pilot, @PathParam("dataset") String dataset) {
    Pilot found = room.pilots().require(CurrentCaller.pilotOf(pilot));
    var there = Paths.dataset(room, found.id(), dataset);
    return room.offers()
        .find(found.id(), there.id())
        .map(new Dcat(new Iris(web.baseUrl(), found.id()), found)::dataset)
        .orElseThrow(() ->
            Problem.of(
                ProblemCode.CONFLICT, "It is not offered: it is " + there.state().word() + "."));
  }
}
