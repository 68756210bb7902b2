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
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Parameters;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.twins.internal.Graph;
import org.pilothouse.twins.internal.Twins;

/** All that a twin reaches by relationships of one type. */
@Path("/pilots/{pilot}/twins/{twin}/below")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class BelowResource {
  private static final String USUAL_TYPE = "contains";

  private final Graph graph;
  private final Twins twins;
  private final PilotDirectory pilots;

  @Inject
  public BelowResource(TwinsModule module, PilotDirectory pilots) {
    this.graph = module.inside().graph();
    this.twins = module.inside().twins();
    this.pilots = pilots;
  }

  /** A twin below another as callers see it. */
  public record BelowBody(@JsonUnwrapped NodeBody node, int depth, TwinId source) {
    static BelowBody of(Graph.Below below) {
      return new BelowBody(NodeBody.of(below.node()), below.depth(), below.source());
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<BelowBody> listTwinsBelow(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @QueryParam("type") @Nullable String type,
      @QueryParam("depth") @Nullable String depth,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    TwinId twin = TwinPaths.twin(id);
    PageRequest page = PageRequest.of(limit, cursor);
    String along = GraphParameters.type(type).orElse(USUAL_TYPE);
    int deepest = Parameters.number("depth", depth, Graph.DEEPEST, 1, Graph.DEEPEST);
    String list = "below/" + pilot + "/" + twin + "/" + along;
    Graph.After after =
        page.cursor()
            .map(c -> Cursor.read(list, c, 2))
            .map(parts -> new Graph.After(number(parts.get(0)), parts.get(1)))
            .orElse(Graph.After.START);
    List<Graph.Below> found = graph.below(pilot, twin, along, deepest, after, page.limit() + 1);
    if (found.isEmpty() && page.cursor().isEmpty() && twins.find(pilot, twin).isEmpty()) {
      throw Twins.notFound();
    }
    return Page.of(
        found,
        page.limit(),
        BelowBody::of,
        last -> Cursor.of(list, Integer.toString(last.depth()), last.node().twin().value()));
  }

  private static int number(String part) {
    try {
      int depth = Integer.parseInt(part);
      if (depth >= 1 && depth <= Graph.DEEPEST) {
        return depth;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw Problem.at(ProblemCode.INVALID_CURSOR, "cursor", "The cursor is not one of this list.");
  }
}
