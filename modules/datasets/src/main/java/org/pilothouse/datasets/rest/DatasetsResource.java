package org.pilothouse.datasets.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
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
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.datasets.Site;
import org.pilothouse.datasets.internal.Catalogue;
import org.pilothouse.datasets.internal.References;
import org.pilothouse.datasets.internal.Registrations;
import org.pilothouse.datasets.internal.Uploads;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Parameters;
import org.pilothouse.platform.web.Revision;

/** A pilot's datasets. */
@Path("/pilots/{pilot}/datasets")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class DatasetsResource {
  private static final int PARTS_TOLD = 100;
  private static final int MOST_PARTS_TOLD = 1_000;
  private static final int MOST_TAGS = 4;
  private static final int LONGEST_TAG = 321;
  private static final int LONGEST_NAME = 256;
  private static final int LONGEST_TEXT = 128;
  private static final Set<String> MAY_WITHDRAW =
      Set.of("pilot-admin", "data-steward", "platform-admin");
  private static final int DEPTH = 4;
  private static final int DEEPEST = 8;

  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public DatasetsResource(DatasetsModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<DatasetBody> listDatasets(
      @PathParam("pilot") String pilot,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("state") @Nullable String state,
      @QueryParam("tag") List<String> tags,
      @QueryParam("name") @Nullable String name,
      @QueryParam("prefix") @Nullable String prefix,
      @QueryParam("q") @Nullable String q,
      @QueryParam("from") @Nullable String from,
      @QueryParam("to") @Nullable String to) {
    PilotId id = pilot(pilot);
    PageRequest page = PageRequest.of(limit, cursor);
    Catalogue.Filter filter =
        new Catalogue.Filter(
            state(state),
            tags(tags),
            Parameters.text("name", name, LONGEST_NAME),
            Parameters.text("prefix", prefix, LONGEST_NAME),
            Parameters.time("from", from),
            Parameters.time("to", to));
    String list = "datasets/" + id;
    Site site = room.sites().find(id).orElse(null);
    Optional<Catalogue.Before> before = page.cursor().map(c -> before(list, c));
    Optional<String> text = Parameters.text("q", q, LONGEST_TEXT).map(String::strip);
    if (text.filter(sought -> !sought.isEmpty()).isPresent()) {
      Catalogue.Slice found = room.catalogue().search(id, filter, text.get(), before, page.limit());
      return new Page<>(
          found.datasets().stream()
              .map(dataset -> DatasetBody.of(dataset, room::place, site, null))
              .toList(),
          found
              .next()
              .map(next -> Cursor.of(list, next.created().toString(), next.id().value()))
              .orElse(null));
    }
    return Page.of(
        room.catalogue().page(id, filter, before, page.limit() + 1),
        page.limit(),
        dataset -> DatasetBody.of(dataset, room::place, site, null),
        dataset -> Cursor.of(list, dataset.createdAt().toString(), dataset.id().value()));
  }

  private static Catalogue.Before before(String list, String cursor) {
    List<String> position = Cursor.read(list, cursor, 2);
    return new Catalogue.Before(
        Instant.parse(position.getFirst()), new DatasetId(position.getLast()));
  }

  private static Optional<DatasetState> state(@Nullable String text) {
    return Parameters.text("state", text, 32)
        .map(word ->
            DatasetState.of(word)
                .orElseThrow(() ->
                    Problem.at(
                        ProblemCode.INVALID_VALUE,
                        "state",
                        "state must be uploading, verifying, available, quarantined, expired,"
                            + " deleting or deleted.")));
  }

  private static List<Catalogue.Tag> tags(List<String> texts) {
    if (texts.size() > MOST_TAGS) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE, "tag", "tag may be given at most " + MOST_TAGS + " times.");
    }
    List<Catalogue.Tag> tags = new ArrayList<>();
    for (String text : texts) {
      Parameters.text("tag", text, LONGEST_TAG)
          .ifPresent(tag -> {
            int colon = tag.indexOf(':');
            tags.add(
                colon < 0
                    ? new Catalogue.Tag(tag, Optional.empty())
                    : new Catalogue.Tag(
                        tag.substring(0, colon), Optional.of(tag.substring(colon + 1))));
          });
    }
    return tags;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response createDataset(@PathParam("pilot") String pilot, JsonNode body) {
    PilotId id = pilot(pilot);
    NewDataset wanted = DatasetFields.newDataset(body);
    URI objectUri = wanted.objectUri();
    if (objectUri != null) {
      return register(id, wanted, objectUri);
    }
    Dataset dataset = room.uploads().declare(current.person(), id, wanted);
    Uploads.Upload upload = begun(id, dataset);
    return Response.created(URI.create("pilots/" + id + "/datasets/" + dataset.id()))
        .tag(new Revision(dataset.revision()).tag())
        .entity(DatasetBody.of(dataset, room::place, null, upload))
        .build();
  }

  private Response register(PilotId pilot, NewDataset wanted, URI objectUri) {
    Registrations.Registered registered =
        room.registrations().register(current.person(), pilot, wanted, objectUri);
    Dataset dataset = registered.dataset();
    if (registered.before()) {
      return answer(dataset);
    }
    room.completions().begin();
    return Response.created(URI.create("pilots/" + pilot + "/datasets/" + dataset.id()))
        .tag(new Revision(dataset.revision()).tag())
        .entity(body(dataset))
        .build();
  }

  /** Where it cannot be begun, the declaration is taken back: its caller will declare it again. */
  private Uploads.Upload begun(PilotId pilot, Dataset dataset) {
    try {
      return room.uploads().look(pilot, dataset.id(), 1, PARTS_TOLD);
    } catch (Problem e) {
      try {
        room.lifecycle().giveUp(dataset);
      } catch (Problem later) {
        e.addSuppressed(later);
      }
      throw e;
    }
  }

  @GET
  @Path("/{dataset}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getDataset(
      @PathParam("pilot") String pilot, @PathParam("dataset") String dataset) {
    return answer(existing(pilot(pilot), dataset));
  }

  @PATCH
  @Path("/{dataset}")
  @Consumes("application/merge-patch+json")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response updateDataset(
      @PathParam("pilot") String pilot,
      @PathParam("dataset") String dataset,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      JsonNode body) {
    PilotId id = pilot(pilot);
    return answer(
        room.lifecycle()
            .change(current.person(), id, dataset(dataset), ifMatch, DatasetFields.change(body)));
  }

  @DELETE
  @Path("/{dataset}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response deleteDataset(
      @PathParam("pilot") String pilot, @PathParam("dataset") String dataset) {
    Caller.Person caller = current.person();
    boolean ownUploadsOnly = !caller.hasAnyRole(MAY_WITHDRAW);
    room.lifecycle().withdraw(caller, pilot(pilot), dataset(dataset), ownUploadsOnly);
    return Response.noContent().build();
  }

  @GET
  @Path("/{dataset}/upload")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Uploads.Upload getUpload(
      @PathParam("pilot") String pilot,
      @PathParam("dataset") String dataset,
      @QueryParam("from") @Nullable String from,
      @QueryParam("limit") @Nullable String limit) {
    PilotId id = pilot(pilot);
    return room.uploads()
        .look(
            id,
            dataset(dataset),
            Parameters.number("from", from, 1, 1, DatasetFields.MOST_PARTS),
            Parameters.number("limit", limit, PARTS_TOLD, 1, MOST_PARTS_TOLD));
  }

  @POST
  @Path("/{dataset}/complete")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response completeUpload(
      @PathParam("pilot") String pilot, @PathParam("dataset") String dataset, JsonNode body) {
    PilotId id = pilot(pilot);
    DatasetId datasetId = dataset(dataset);
    DatasetFields.Completion completion = DatasetFields.completion(body);
    Dataset now =
        room.completions()
            .await(
                room.uploads()
                    .complete(
                        current.person(),
                        id,
                        datasetId,
                        completion.parts(),
                        completion.checksum()));
    if (now.state() == DatasetState.QUARANTINED) {
      Dataset.Failure failure = now.failure().orElseThrow();
      throw Problem.of(
          failure.code().equals(ProblemCode.SIZE_MISMATCH.code())
              ? ProblemCode.SIZE_MISMATCH
              : ProblemCode.CHECKSUM_MISMATCH,
          failure.detail() + " The dataset is quarantined.");
    }
    return Response.status(
            now.state() == DatasetState.VERIFYING ? Response.Status.ACCEPTED : Response.Status.OK)
        .tag(new Revision(now.revision()).tag())
        .entity(body(now))
        .build();
  }

  @GET
  @Path("/{dataset}/content")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getDatasetContent(
      @PathParam("pilot") String pilot, @PathParam("dataset") String dataset) {
    Dataset found = existing(pilot(pilot), dataset);
    if (found.state() != DatasetState.AVAILABLE) {
      throw Problem.of(
          ProblemCode.CONFLICT, "Its bytes are not offered: it is " + found.state().word() + ".");
    }
    return Response.status(Response.Status.FOUND)
        .location(room.content(current.person(), found))
        .build();
  }

  @POST
  @Path("/{dataset}/restore")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response restoreDataset(
      @PathParam("pilot") String pilot, @PathParam("dataset") String dataset) {
    return answer(room.lifecycle().restore(current.person(), pilot(pilot), dataset(dataset)));
  }

  @GET
  @Path("/{dataset}/references")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<References.Reference> listReferences(
      @PathParam("pilot") String pilot, @PathParam("dataset") String dataset) {
    return new Page<>(room.references().of(pilot(pilot), dataset(dataset)), null);
  }

  /** What was made from what. */
  public record LineageGraph(List<Node> datasets, List<Edge> edges, boolean truncated) {}

  /** A dataset in the graph. */
  public record Node(
      String datasetId,
      String name,
      int version,
      String state,
      String kind,
      @Nullable String id,
      Instant createdAt) {}

  /** One was made from the other. */
  public record Edge(String input, String output) {}

  @GET
  @Path("/{dataset}/lineage")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public LineageGraph getLineage(
      @PathParam("pilot") String pilot,
      @PathParam("dataset") String dataset,
      @QueryParam("depth") @Nullable String depth) {
    Catalogue.Lineage lineage =
        room.catalogue()
            .lineage(
                pilot(pilot),
                dataset(dataset),
                Parameters.number("depth", depth, DEPTH, 1, DEEPEST));
    return new LineageGraph(
        lineage.datasets().stream()
            .map(node ->
                new Node(
                    node.id().value(),
                    node.name(),
                    node.version(),
                    node.state().word(),
                    node.lineage().maker().name().toLowerCase(Locale.ROOT),
                    node.lineage().id(),
                    node.createdAt()))
            .toList(),
        lineage.edges().stream()
            .map(edge -> new Edge(edge.input().value(), edge.output().value()))
            .toList(),
        lineage.truncated());
  }

  private PilotId pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path)).id();
  }

  /** A malformed id in a path is one that nobody has. */
  private static DatasetId dataset(String path) {
    if (!Names.isId(path)) {
      throw Problem.of(ProblemCode.NOT_FOUND, "There is no such dataset.");
    }
    return new DatasetId(path);
  }

  private Dataset existing(PilotId pilot, String path) {
    return room.catalogue()
        .find(pilot, dataset(path))
        .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "There is no such dataset."));
  }

  private DatasetBody body(Dataset dataset) {
    Site site = dataset.atSite() ? room.sites().find(dataset.pilot()).orElse(null) : null;
    return DatasetBody.of(dataset, room::place, site, null);
  }

  private Response answer(Dataset dataset) {
    return Response.ok(body(dataset)).tag(new Revision(dataset.revision()).tag()).build();
  }
}
