package org.pilothouse.datasets.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.internal.Catalogue;
import org.pilothouse.datasets.internal.LineageEvents;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Parameters;
import org.pilothouse.platform.web.WebConfig;

/** A pilot's datasets as run events of OpenLineage, page by page. */
@Path("/pilots/{pilot}/openlineage")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class OpenLineageResource {
  /** States of datasets that were available. */
  private static final Set<DatasetState> TOLD =
      Set.of(
          DatasetState.AVAILABLE,
          DatasetState.EXPIRED,
          DatasetState.DELETING,
          DatasetState.DELETED);

  private final Wiring room;
  private final WebConfig web;

  @Inject
  public OpenLineageResource(DatasetsModule module, WebConfig web) {
    this.room = module.inside();
    this.web = web;
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<ObjectNode> listLineageEvents(
      @PathParam("pilot") String pilot,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("state") @Nullable String state) {
    PilotId id = room.pilots().require(CurrentCaller.pilotOf(pilot)).id();
    PageRequest page = PageRequest.of(limit, cursor);
    DatasetState asked =
        Parameters.text("state", state, 32)
            .map(OpenLineageResource::state)
            .orElse(DatasetState.AVAILABLE);
    String list = "openlineage/" + id + "/" + asked.word();
    LineageEvents.Page events =
        room.lineageEvents()
            .page(web.baseUrl(), id, asked, page.cursor().map(c -> before(list, c)), page.limit());
    return new Page<>(
        events.events(),
        events
            .next()
            .map(next -> Cursor.of(list, next.created().toString(), next.id().value()))
            .orElse(null));
  }

  private static DatasetState state(String word) {
    return DatasetState.of(word)
        .filter(TOLD::contains)
        .orElseThrow(() ->
            Problem.at(
                ProblemCode.INVALID_VALUE,
                "state",
                "state must be available, expired, deleting or deleted."));
  }

  private static Catalogue.Before before(String list, String cursor) {
    List<String> position = Cursor.read(list, cursor, 2);
    return new Catalogue.Before(
        Cursor.time(position.getFirst()), new DatasetId(position.getLast()));
  }
}
