package org.pilothouse.twins.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.twins.internal.Graph;

/** Where a twin stands in the hierarchy. */
@Path("/pilots/{pilot}/twins/{twin}/path")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class PathResource {
  private final Graph graph;
  private final PilotDirectory pilots;

  @Inject
  public PathResource(TwinsModule module, PilotDirectory pilots) {
    this.graph = module.inside().graph();
    this.pilots = pilots;
  }

  /** The way down to a twin as callers see it. */
  public record PathBody(List<NodeBody> items, boolean truncated) {}

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public PathBody getTwinPath(@PathParam("pilot") String path, @PathParam("twin") String id) {
    Graph.Path found = graph.path(TwinPaths.pilot(pilots, path), TwinPaths.twin(id));
    return new PathBody(found.nodes().stream().map(NodeBody::of).toList(), found.truncated());
  }
}
