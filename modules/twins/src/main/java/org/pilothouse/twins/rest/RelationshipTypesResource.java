package org.pilothouse.twins.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
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
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Revision;
import org.pilothouse.twins.RelationshipType;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.twins.internal.RelationshipTypes;

/** Which types of relationships a pilot's twins can have. */
@Path("/pilots/{pilot}/relationship-types")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class RelationshipTypesResource {
  private static final int LONGEST_LABEL = 64;
  private static final int LONGEST_DESCRIPTION = 512;

  private final RelationshipTypes types;
  private final PilotDirectory pilots;
  private final CurrentCaller current;

  @Inject
  public RelationshipTypesResource(
      TwinsModule module, PilotDirectory pilots, CurrentCaller current) {
    this.types = module.inside().relationshipTypes();
    this.pilots = pilots;
    this.current = current;
  }

  /** A type as callers see it. */
  public record TypeBody(
      String type,
      @Nullable String label,
      @Nullable String inverse,
      @Nullable String description,
      boolean acyclic,
      boolean singleSource,
      boolean builtIn,
      long revision,
      @Nullable Instant createdAt,
      @Nullable Instant updatedAt) {
    static TypeBody of(RelationshipType type) {
      return new TypeBody(
          type.id(),
          type.label().orElse(null),
          type.inverse().orElse(null),
          type.description().orElse(null),
          type.rules().acyclic(),
          type.rules().singleSource(),
          type.builtIn(),
          type.revision(),
          type.createdAt().orElse(null),
          type.updatedAt().orElse(null));
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<TypeBody> listRelationshipTypes(
      @PathParam("pilot") String path,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    PageRequest page = PageRequest.of(limit, cursor);
    String list = "relationship-types/" + pilot;
    String after = page.cursor().map(c -> Cursor.read(list, c, 1).getFirst()).orElse("");
    return Page.of(
        types.page(pilot, after, page.limit() + 1),
        page.limit(),
        TypeBody::of,
        last -> Cursor.of(list, last.id()));
  }

  @GET
  @Path("/{relationship_type}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getRelationshipType(
      @PathParam("pilot") String path, @PathParam("relationship_type") String type) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    RelationshipType found =
        Optional.of(type)
            .filter(Names::isId)
            .flatMap(known -> types.find(pilot, known))
            .orElseThrow(RelationshipTypes::notFound);
    return Response.ok(TypeBody.of(found)).tag(new Revision(found.revision()).tag()).build();
  }

  @PUT
  @Path("/{relationship_type}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response putRelationshipType(
      @PathParam("pilot") String path,
      @PathParam("relationship_type") String type,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      JsonNode body) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    if (!Names.isId(type)) {
      throw Problem.at(
          ProblemCode.INVALID_ID,
          "relationship_type",
          "'" + Names.shown(type) + "' is not a valid id.");
    }
    RelationshipTypes.Put put = types.put(current.person(), pilot, type, ifMatch, definition(body));
    Response.ResponseBuilder answer =
        put.created()
            ? Response.created(URI.create("pilots/" + pilot + "/relationship-types/" + type))
            : Response.ok();
    return answer
        .tag(new Revision(put.type().revision()).tag())
        .entity(TypeBody.of(put.type()))
        .build();
  }

  @DELETE
  @Path("/{relationship_type}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response deleteRelationshipType(
      @PathParam("pilot") String path, @PathParam("relationship_type") String type) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    if (!Names.isId(type)) {
      throw RelationshipTypes.notFound();
    }
    types.delete(current.person(), pilot, type);
    return Response.noContent().build();
  }

  private static RelationshipTypes.Definition definition(JsonNode body) {
    JsonFields fields = JsonFields.of(body);
    RelationshipTypes.Definition definition =
        new RelationshipTypes.Definition(
            shown(fields, "label", LONGEST_LABEL),
            shown(fields, "inverse", LONGEST_LABEL),
            shown(fields, "description", LONGEST_DESCRIPTION),
            new RelationshipType.Rules(
                fields.optionalBoolean("acyclic").orElse(false),
                fields.optionalBoolean("single_source").orElse(false)));
    fields.refuseOthers();
    return definition;
  }

  /** It stands in the middle of sentences and pictures. */
  private static Optional<String> shown(JsonFields fields, String name, int longest) {
    Optional<String> text = fields.optionalText(name, 1, longest);
    if (text.isPresent() && text.get().codePoints().anyMatch(RelationshipTypesResource::turns)) {
      throw fields.invalid(name, "must not hold characters that turn the direction of writing");
    }
    return text;
  }

  /** Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm. */
  private static boolean turns(int c) {
    return c == 0x061C
        || c == 0x200E
        || c == 0x200F
        || (c >= 0x202A && c <= 0x202E)
        || (c >= 0x2066 && c <= 0x2069);
  }
}
