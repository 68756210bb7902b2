package org.pilothouse.datasets.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.internal.Catalogue;
import org.pilothouse.datasets.internal.Curations;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Parameters;

/** Copies of a federated pilot's datasets to the centre. */
@Path("/pilots/{pilot}/datasets/curations")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class CurationsResource {
  private static final int LONGEST_TAG = 321;
  private static final int LONGEST_NAME = 256;

  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public CurationsResource(DatasetsModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /** What a curation would do. */
  record PlanBody(
      int datasets,
      long bytes,
      long quotaLeftBytes,
      boolean fits,
      List<UnreachableBody> unreachable) {}

  /** One that cannot be read as things stand. */
  record UnreachableBody(String datasetId, String name, ReplayabilityBody replayability) {}

  /** A curation as it stands. */
  record CurationBody(
      String curationId,
      boolean done,
      int datasets,
      Map<String, Integer> states,
      long bytes,
      long copiedBytes,
      Instant createdAt,
      String createdBy,
      @Nullable Instant cancelledAt,
      @Nullable String cancelledBy,
      @Nullable Instant endedAt,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<CopyBody> copies) {}

  /** One dataset and its copy. */
  record CopyBody(
      String sourceId,
      String name,
      @Nullable String datasetId,
      String state,
      long sizeBytes,
      long copiedBytes,
      Dataset.@Nullable Failure failure) {}

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<CurationBody> listCurations(
      @PathParam("pilot") String pilot,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PilotId id = pilot(pilot);
    PageRequest page = PageRequest.of(limit, cursor);
    String list = "curations/" + id;
    return Page.of(
        room.curations().page(id, page.cursor().map(c -> before(list, c)), page.limit() + 1),
        page.limit(),
        summary -> body(summary, null),
        summary -> Cursor.of(list, summary.createdAt().toString(), summary.id()));
  }

  private static Curations.Before before(String list, String cursor) {
    List<String> position = Cursor.read(list, cursor, 2);
    return new Curations.Before(Cursor.time(position.getFirst()), position.getLast());
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response createCuration(@PathParam("pilot") String pilot, JsonNode body) {
    PilotId id = pilot(pilot);
    JsonFields fields = JsonFields.of(body);
    boolean dryRun = fields.optionalBoolean("dry_run").orElse(false);
    Curations.Choice choice = choice(fields);
    fields.refuseOthers();
    if (dryRun) {
      return Response.ok(plan(room.curations().plan(id, choice))).build();
    }
    Curations.Curation curation = room.curations().begin(current.person(), id, choice);
    room.beginCopying();
    return Response.created(URI.create("pilots/" + id + "/datasets/curations/" + curation.id()))
        .entity(body(curation))
        .build();
  }

  @GET
  @Path("/{curation}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getCuration(
      @PathParam("pilot") String pilot, @PathParam("curation") String curation) {
    PilotId id = pilot(pilot);
    return Response.ok(body(room.curations().require(id, curation(curation)))).build();
  }

  @POST
  @Path("/{curation}/cancel")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response cancelCuration(
      @PathParam("pilot") String pilot, @PathParam("curation") String curation) {
    PilotId id = pilot(pilot);
    return Response.ok(body(room.curations().cancel(current.person(), id, curation(curation))))
        .build();
  }

  /** A malformed id in a path is one that nothing has. */
  private static String curation(String path) {
    if (!Names.isId(path)) {
      throw Problem.of(ProblemCode.NOT_FOUND, "There is no such curation.");
    }
    return path;
  }

  private static Curations.Choice choice(JsonFields fields) {
    Optional<List<String>> named = fields.optionalTexts("datasets", Curations.MOST, 63);
    Optional<String> tag = fields.optionalText("tag", 1, LONGEST_TAG);
    Optional<String> name = fields.optionalText("name", 1, LONGEST_NAME);
    Optional<Instant> from = time(fields, "from");
    Optional<Instant> to = time(fields, "to");
    if (named.isPresent()) {
      if (tag.isPresent() || name.isPresent() || from.isPresent() || to.isPresent()) {
        throw fields.invalid("datasets", "stands alone: without tag, name, from and to");
      }
      return new Curations.Choice.Named(ids(named.get()));
    }
    if (tag.isEmpty() && name.isEmpty() && from.isEmpty() && to.isEmpty()) {
      throw fields.missing("datasets");
    }
    return new Curations.Choice.Fitting(
        new Catalogue.Filter(
            Optional.of(DatasetState.AVAILABLE),
            tag.map(CurationsResource::tag).map(List::of).orElse(List.of()),
            name,
            Optional.empty(),
            from,
            to));
  }

  private static Optional<Instant> time(JsonFields fields, String name) {
    return fields.optionalText(name, 1, 64).flatMap(text -> Parameters.time("/" + name, text));
  }

  private static Catalogue.Tag tag(String text) {
    int colon = text.indexOf(':');
    return colon < 0
        ? new Catalogue.Tag(text, Optional.empty())
        : new Catalogue.Tag(text.substring(0, colon), Optional.of(text.substring(colon + 1)));
  }

  private static List<DatasetId> ids(List<String> texts) {
    List<DatasetId> ids = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      if (!Names.isId(texts.get(i))) {
        throw Problem.at(
            ProblemCode.INVALID_ID, "/datasets/" + i, "That is not the id of a dataset.");
      }
      ids.add(new DatasetId(texts.get(i)));
    }
    return ids;
  }

  private static PlanBody plan(Curations.Plan plan) {
    return new PlanBody(
        plan.datasets().size(),
        plan.bytes(),
        plan.bytesLeft(),
        plan.fits(),
        plan.unreachable().stream()
            .map(each ->
                new UnreachableBody(
                    each.dataset().id().value(),
                    each.dataset().name(),
                    ReplayabilityBody.of(each.seen())))
            .toList());
  }

  private static CurationBody body(Curations.Curation curation) {
    return body(
        curation.summary(),
        curation.copies().stream()
            .map(copy -> {
              DatasetId target = copy.target();
              return new CopyBody(
                  copy.source().value(),
                  copy.name(),
                  target == null ? null : target.value(),
                  copy.state(),
                  copy.size(),
                  copy.copied(),
                  copy.failure());
            })
            .toList());
  }

  private static CurationBody body(Curations.Summary summary, @Nullable List<CopyBody> copies) {
    Curations.Cancelled cancelled = summary.cancelled();
    return new CurationBody(
        summary.id(),
        summary.done(),
        summary.copies().values().stream().mapToInt(Integer::intValue).sum(),
        summary.copies(),
        summary.bytes(),
        summary.copied(),
        summary.createdAt(),
        summary.createdBy(),
        cancelled == null ? null : cancelled.at(),
        cancelled == null ? null : cancelled.by(),
        summary.endedAt(),
        copies);
  }

  private PilotId pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path)).id();
  }
}
