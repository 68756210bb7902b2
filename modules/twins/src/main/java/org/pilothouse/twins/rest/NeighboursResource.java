package org.pilothouse.twins.rest;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Parameters;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.twins.internal.Graph;

/** What is around a twin in the graph. */
@Path("/pilots/{pilot}/twins/{twin}/neighbours")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class NeighboursResource {
  private final Graph graph;
  private final PilotDirectory pilots;

  @Inject
  public NeighboursResource(TwinsModule module, PilotDirectory pilots) {
    this.graph = module.inside().graph();
    this.pilots = pilots;
  }

  /** A twin around another as callers see it. */
  public record NeighbourBody(@JsonUnwrapped NodeBody node, int depth) {
    static NeighbourBody of(Graph.Neighbour neighbour) {
      return new NeighbourBody(NodeBody.of(neighbour.node()), neighbour.depth());
    }
  }

  /** An edge as callers see it. */
  public record EdgeBody(String relationshipId, TwinId source, String type, TwinId target) {
    static EdgeBody of(Graph.Edge edge) {
      return new EdgeBody(edge.id(), edge.source(), edge.type(), edge.target());
    }
  }

  /** What is around a twin as callers see it. */
  public record NeighbourhoodBody(
      List<NeighbourBody> nodes, List<EdgeBody> edges, boolean truncated) {}

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public NeighbourhoodBody getTwinNeighbours(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @QueryParam("depth") @Nullable String depth,
      @QueryParam("type") @Nullable String type,
      @QueryParam("direction") @Nullable String direction) {
    Graph.Neighbourhood found =
        graph.neighbours(
            TwinPaths.pilot(pilots, path),
            TwinPaths.twin(id),
            GraphParameters.type(type),
            GraphParameters.direction(direction, Graph.Reach.BOTH),
            Parameters.number("depth", depth, 1, 1, Graph.DEEPEST_NEIGHBOURS));
    return new NeighbourhoodBody(
        found.nodes().stream().map(NeighbourBody::of).toList(),
        found.edges().stream().map(EdgeBody::of).toList(),
        found.truncated());
  }
}
