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
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.WebConfig;

/** One dataset's life as run events of OpenLineage. */
@Path("/pilots/{pilot}/datasets/{dataset}/openlineage")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class DatasetEventsResource {
  private final Wiring room;
  private final WebConfig web;

  @Inject
  public DatasetEventsResource(DatasetsModule module, WebConfig web) {
    this.room = module.inside();
    this.web = web;
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<ObjectNode> getDatasetEvents(
      @PathParam("pilot") String pilot, @PathParam("dataset") String dataset) {
    PilotId id = room.pilots().require(CurrentCaller.pilotOf(pilot)).id();
    return new Page<>(
        room.lineageEvents().of(web.baseUrl(), Paths.dataset(room, id, dataset)), null);
  }
}
