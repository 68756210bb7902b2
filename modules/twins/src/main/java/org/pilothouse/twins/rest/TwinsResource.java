package org.pilothouse.twins.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.Json;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Parameters;
import org.pilothouse.platform.web.Revision;
import org.pilothouse.twins.Twin;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.twins.internal.FreeObjects;
import org.pilothouse.twins.internal.History;
import org.pilothouse.twins.internal.Twins;

/** A pilot's twins: what people say of them and what they reported last. */
@Path("/pilots/{pilot}/twins")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class TwinsResource {
  private static final int LONGEST_SILENCE = 31_536_000;

  private final Twins twins;
  private final History history;
  private final PilotDirectory pilots;
  private final CurrentCaller current;

  @Inject
  public TwinsResource(TwinsModule module, PilotDirectory pilots, CurrentCaller current) {
    this.twins = module.inside().twins();
    this.history = module.inside().history();
    this.pilots = pilots;
    this.current = current;
  }

  /** A twin as callers see it. */
  public record TwinBody(
      TwinId twinId,
      @Nullable String model,
      ObjectNode attributes,
      @JsonRawValue String properties,
      ObjectNode desired,
      long revision,
      Instant createdAt,
      Instant updatedAt,
      @Nullable Instant reportedAt,
      @Nullable Instant at) {
    static TwinBody of(Twin twin) {
      return new TwinBody(
          twin.id(),
          twin.model().orElse(null),
          twin.attributes(),
          twin.properties(),
          twin.desired(),
          twin.revision(),
          twin.createdAt(),
          twin.updatedAt(),
          twin.reportedAt().orElse(null),
          null);
    }

    TwinBody asOf(Instant at, String then) {
      return new TwinBody(
          twinId, model, attributes, then, desired, revision, createdAt, updatedAt, reportedAt, at);
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<TwinBody> listTwins(
      @PathParam("pilot") String path,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("model") @Nullable String model,
      @QueryParam("q") @Nullable String text,
      @QueryParam("silent_for") @Nullable String silentFor) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    PageRequest page = PageRequest.of(limit, cursor);
    Twins.Filter filter =
        new Twins.Filter(
            Parameters.text("model", model, 63),
            Parameters.text("q", text, 128),
            Parameters.text("silent_for", silentFor, 16).map(TwinsResource::silence));
    String list = "twins/" + pilot;
    String after = page.cursor().map(c -> Cursor.read(list, c, 1).getFirst()).orElse("");
    Twins.Slice slice = twins.page(pilot, filter, after, page.limit());
    return new Page<>(
        slice.twins().stream().map(TwinBody::of).toList(),
        slice.more() ? Cursor.of(list, slice.last()) : null);
  }

  private static Duration silence(String text) {
    try {
      int seconds = Integer.parseInt(text);
      if (seconds >= 1 && seconds <= LONGEST_SILENCE) {
        return Duration.ofSeconds(seconds);
      }
    } catch (NumberFormatException e) {
      // Said below, with the range.
    }
    throw Problem.at(
        ProblemCode.INVALID_VALUE,
        "silent_for",
        "silent_for must be a whole number of seconds from 1 to " + LONGEST_SILENCE + ".");
  }

  @GET
  @Path("/{twin}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getTwin(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @QueryParam("at") @Nullable String at) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    Twin twin = twins.find(pilot, TwinPaths.twin(id)).orElseThrow(Twins::notFound);
    TwinBody body = TwinBody.of(twin);
    Optional<Instant> instant = Parameters.time("at", at);
    return answer(
        twin,
        instant.isEmpty()
            ? body
            : body.asOf(
                instant.get(),
                history.stateAt(pilot, twin.id(), instant.get(), names(twin.properties()))));
  }

  private static List<String> names(String properties) {
    try {
      List<String> names = new ArrayList<>();
      Json.mapper().readTree(properties).fieldNames().forEachRemaining(names::add);
      return names;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored state cannot be read", e);
    }
  }

  @PUT
  @Path("/{twin}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "platform-admin"})
  public Response putTwin(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @HeaderParam("If-None-Match") @Nullable String ifNoneMatch,
      JsonNode body) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    TwinId twin = newId(id);
    ObjectNode nothing = JsonNodeFactory.instance.objectNode();
    Twins.Definition definition =
        changed(new Twins.Definition(Optional.empty(), nothing, nothing), body);
    Twins.Put put =
        twins.put(
            current.person(),
            pilot,
            twin,
            ifMatch,
            ifNoneMatch != null && ifNoneMatch.strip().equals("*"),
            definition);
    Response.ResponseBuilder answer =
        put.created()
            ? Response.created(URI.create("pilots/" + pilot + "/twins/" + twin))
            : Response.ok();
    return answer
        .tag(new Revision(put.twin().revision()).tag())
        .entity(TwinBody.of(put.twin()))
        .build();
  }

  @PATCH
  @Path("/{twin}")
  @Consumes({"application/merge-patch+json", MediaType.APPLICATION_JSON})
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "platform-admin"})
  public Response updateTwin(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      JsonNode body) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    Twin twin =
        twins.update(
            current.person(), pilot, TwinPaths.twin(id), ifMatch, before -> changed(before, body));
    return answer(twin, TwinBody.of(twin));
  }

  @DELETE
  @Path("/{twin}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response deleteTwin(@PathParam("pilot") String path, @PathParam("twin") String id) {
    twins.retire(current.person(), TwinPaths.pilot(pilots, path), TwinPaths.twin(id));
    return Response.noContent().build();
  }

  /** The merge patch over a definition; a put is one over nothing. */
  private static Twins.Definition changed(Twins.Definition before, JsonNode body) {
    JsonFields fields = JsonFields.of(body);
    Optional<String> model = before.model();
    if (fields.isNull("model")) {
      model = Optional.empty();
    } else {
      Optional<String> named = fields.optionalText("model", 1, 63);
      if (named.isPresent()) {
        if (!Names.isId(named.get())) {
          throw fields.invalid("model", "must be the id of a model");
        }
        model = named;
      }
    }
    Twins.Definition changed =
        new Twins.Definition(
            model,
            object(fields, body, "attributes", before.attributes()),
            object(fields, body, "desired", before.desired()));
    fields.refuseOthers();
    return changed;
  }

  private static ObjectNode object(
      JsonFields fields, JsonNode body, String name, ObjectNode before) {
    if (!fields.has(name)) {
      return before;
    }
    JsonNode patch = body.get(name);
    ObjectNode after =
        patch.isNull()
            ? JsonNodeFactory.instance.objectNode()
            : FreeObjects.merge(before, FreeObjects.checked("/" + name, patch));
    return FreeObjects.checked("/" + name, after);
  }

  private static Response answer(Twin twin, TwinBody body) {
    return Response.ok(body).tag(new Revision(twin.revision()).tag()).build();
  }

  private static TwinId newId(String text) {
    try {
      return new TwinId(text);
    } catch (Problem e) {
      throw Problem.at(ProblemCode.INVALID_ID, "twin", e.detail());
    }
  }
}
