package org.pilothouse.datasets.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.datasets.internal.preview.Limits;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Parameters;

/** What a dataset holds, for those who may read its bytes. */
@Path("/pilots/{pilot}/datasets/{dataset}/preview")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class PreviewResource {
  private static final int ROWS = 50;

  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public PreviewResource(DatasetsModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /** The roles are those that may fetch the content: this is a part of it. */
  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getPreview(
      @PathParam("pilot") String pilot,
      @PathParam("dataset") String dataset,
      @QueryParam("rows") @Nullable String rows) {
    PilotId id = room.pilots().require(CurrentCaller.pilotOf(pilot)).id();
    if (!Names.isId(dataset)) {
      throw notFound();
    }
    Dataset found =
        room.catalogue().find(id, new DatasetId(dataset)).orElseThrow(PreviewResource::notFound);
    int count = Parameters.number("rows", rows, ROWS, 1, Limits.MOST_ROWS);
    return Response.ok(room.previews().of(current.person(), found, count))
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .build();
  }

  private static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such dataset.");
  }
}
