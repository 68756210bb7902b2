package org.pilothouse.models.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.models.ModelsModule;
import org.pilothouse.models.internal.DtdlImport;
import org.pilothouse.models.internal.Models;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Parameters;
import org.pilothouse.platform.web.Revision;

/** A pilot's kinds of twin. */
@Path("/pilots/{pilot}/models")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class ModelsResource {
  /** Registered with IANA by Thing Description 1.1, section 12. */
  private static final String THING_MODEL = "application/tm+json";

  private static final String DTDL = "application/dtdl+json";

  /** Not asked for: the current one. */
  private static final int NONE = 0;

  private static final int LAST_REVISION = 1_000_000;

  private final Models models;
  private final PilotDirectory pilots;
  private final CurrentCaller current;

  @Inject
  public ModelsResource(ModelsModule module, CurrentCaller current) {
    this.models = module.models();
    this.pilots = module.pilots();
    this.current = current;
  }

  /**
   * A model as callers see it.
   *
   * @param warnings what an import could not carry over
   */
  public record ModelBody(
      String modelId,
      long revision,
      String title,
      @Nullable String description,
      @Nullable String version,
      int properties,
      int actions,
      int events,
      Instant createdAt,
      Instant updatedAt,
      String updatedBy,
      List<String> warnings) {
    static ModelBody of(Models.Listed model) {
      return of(model, List.of());
    }

    static ModelBody of(Models.Listed model, List<String> warnings) {
      return new ModelBody(
          model.id(),
          model.revision(),
          model.title(),
          model.description(),
          model.version(),
          model.properties(),
          model.actions(),
          model.events(),
          model.createdAt(),
          model.updatedAt(),
          model.updatedBy(),
          warnings);
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<ModelBody> listModels(
      @PathParam("pilot") String pilot,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PilotId id = pilots.require(CurrentCaller.pilotOf(pilot)).id();
    PageRequest page = PageRequest.of(limit, cursor);
    String list = "models/" + id;
    String after = page.cursor().map(c -> Cursor.read(list, c, 1).getFirst()).orElse("");
    return Page.of(
        models.page(id, after, page.limit() + 1),
        page.limit(),
        ModelBody::of,
        model -> Cursor.of(list, model.id()));
  }

  @GET
  @Path("/{model}")
  @Produces({THING_MODEL, MediaType.APPLICATION_JSON})
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getModel(
      @PathParam("pilot") String pilot,
      @PathParam("model") String model,
      @QueryParam("revision") @Nullable String revision) {
    PilotId id = pilots.require(CurrentCaller.pilotOf(pilot)).id();
    // A malformed id in a path is one that nobody has.
    if (!Names.isId(model)) {
      throw Models.notFound();
    }
    Models.Document found =
        models
            .document(id, model, Parameters.number("revision", revision, NONE, 1, LAST_REVISION))
            .orElseThrow(Models::notFound);
    return Response.ok(found.document()).tag(new Revision(found.revision()).tag()).build();
  }

  @PUT
  @Path("/{model}")
  @Consumes({THING_MODEL, MediaType.APPLICATION_JSON, DTDL})
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response putModel(
      @PathParam("pilot") String pilot,
      @PathParam("model") String model,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @HeaderParam("Content-Type") @Nullable String contentType,
      JsonNode body) {
    PilotId id = pilots.require(CurrentCaller.pilotOf(pilot)).id();
    if (!Names.isId(model)) {
      throw Problem.at(
          ProblemCode.INVALID_ID,
          "model",
          "A model's id begins with a letter or digit and holds at most 63 small letters, digits and -.");
    }
    if (isDtdl(contentType)) {
      DtdlImport.Imported imported = DtdlImport.toThingModel(body);
      return answer(
          id,
          models.put(current.person(), id, model, ifMatch, imported.document(), "dtdl"),
          imported.warnings());
    }
    return answer(id, models.put(current.person(), id, model, ifMatch, body, null), List.of());
  }

  private static Response answer(PilotId pilot, Models.Put put, List<String> warnings) {
    Response.ResponseBuilder answer =
        switch (put) {
          case Models.Put.Created created ->
              Response.created(URI.create("pilots/" + pilot + "/models/" + created.model().id()));
          case Models.Put.Changed changed -> Response.ok();
          case Models.Put.Unchanged unchanged -> Response.ok();
        };
    return answer
        .tag(new Revision(put.model().revision()).tag())
        .entity(ModelBody.of(put.model(), warnings))
        .build();
  }

  private static boolean isDtdl(@Nullable String contentType) {
    return contentType != null
        && contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(DTDL);
  }
}
