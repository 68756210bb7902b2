package org.pilothouse.twins.rest;

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
import java.time.Instant;
import java.util.List;
import java.util.Locale;
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
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Revision;
import org.pilothouse.twins.Relationship;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.twins.internal.FreeObjects;
import org.pilothouse.twins.internal.Relationships;
import org.pilothouse.twins.internal.Twins;

/** The relationships that a twin is an end of. They are changed where it is the source. */
@Path("/pilots/{pilot}/twins/{twin}/relationships")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class RelationshipsResource {
  private final Relationships relationships;
  private final Twins twins;
  private final PilotDirectory pilots;
  private final CurrentCaller current;

  @Inject
  public RelationshipsResource(TwinsModule module, PilotDirectory pilots, CurrentCaller current) {
    this.relationships = module.inside().relationships();
    this.twins = module.inside().twins();
    this.pilots = pilots;
    this.current = current;
  }

  /** A relationship as callers see it. */
  public record RelationshipBody(
      String relationshipId,
      TwinId source,
      String type,
      TwinId target,
      ObjectNode attributes,
      long revision,
      Instant createdAt,
      Instant updatedAt) {
    static RelationshipBody of(Relationship relationship) {
      return new RelationshipBody(
          relationship.id(),
          relationship.source(),
          relationship.type(),
          relationship.target(),
          relationship.attributes(),
          relationship.revision(),
          relationship.createdAt(),
          relationship.updatedAt());
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<RelationshipBody> listRelationships(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @QueryParam("type") @Nullable String type,
      @QueryParam("direction") @Nullable String direction,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    TwinId twin = TwinPaths.twin(id);
    PageRequest page = PageRequest.of(limit, cursor);
    Relationships.Filter filter =
        new Relationships.Filter(
            GraphParameters.direction(direction, Relationships.Direction.OUT),
            GraphParameters.type(type));
    boolean out = filter.direction() == Relationships.Direction.OUT;
    String list =
        "relationships/"
            + pilot
            + "/"
            + twin
            + "/"
            + filter.direction().name().toLowerCase(Locale.ROOT);
    Optional<Relationships.After> after =
        page.cursor()
            .map(c -> Cursor.read(list, c, 3))
            .map(parts -> new Relationships.After(parts.get(0), parts.get(1), parts.get(2)));
    List<Relationship> found = relationships.page(pilot, twin, filter, after, page.limit() + 1);
    if (found.isEmpty() && after.isEmpty() && twins.find(pilot, twin).isEmpty()) {
      throw Twins.notFound();
    }
    return Page.of(
        found,
        page.limit(),
        RelationshipBody::of,
        last ->
            Cursor.of(list, last.type(), (out ? last.target() : last.source()).value(), last.id()));
  }

  @GET
  @Path("/{relationship}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getRelationship(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @PathParam("relationship") String relationship) {
    return answer(
        relationships
            .find(TwinPaths.pilot(pilots, path), TwinPaths.twin(id), known(relationship))
            .orElseThrow(Relationships::notFound));
  }

  @PUT
  @Path("/{relationship}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "platform-admin"})
  public Response putRelationship(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @PathParam("relationship") String relationship,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @HeaderParam("If-None-Match") @Nullable String ifNoneMatch,
      JsonNode body) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    TwinId source = TwinPaths.twin(id);
    if (!Names.isId(relationship)) {
      throw Problem.at(
          ProblemCode.INVALID_ID,
          "relationship",
          "'" + Names.shown(relationship) + "' is not a valid id.");
    }
    Relationships.Put put =
        relationships.put(
            current.person(),
            pilot,
            source,
            relationship,
            ifMatch,
            ifNoneMatch != null && ifNoneMatch.strip().equals("*"),
            definition(body));
    Response.ResponseBuilder answer =
        put.created()
            ? Response.created(
                URI.create(
                    "/api/v1/pilots/"
                        + pilot
                        + "/twins/"
                        + source
                        + "/relationships/"
                        + relationship))
            : Response.ok();
    return answer
        .tag(new Revision(put.relationship().revision()).tag())
        .entity(RelationshipBody.of(put.relationship()))
        .build();
  }

  @PATCH
  @Path("/{relationship}")
  @Consumes({"application/merge-patch+json", MediaType.APPLICATION_JSON})
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "platform-admin"})
  public Response updateRelationship(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @PathParam("relationship") String relationship,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      JsonNode body) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    TwinId source = TwinPaths.twin(id);
    JsonFields fields = JsonFields.of(body);
    fields.has("attributes");
    fields.refuseOthers();
    return answer(
        relationships.update(
            current.person(),
            pilot,
            source,
            known(relationship),
            ifMatch,
            before -> attributes(body, before)));
  }

  @DELETE
  @Path("/{relationship}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "platform-admin"})
  public Response deleteRelationship(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @PathParam("relationship") String relationship,
      @HeaderParam("If-Match") @Nullable String ifMatch) {
    relationships.delete(
        current.person(),
        TwinPaths.pilot(pilots, path),
        TwinPaths.twin(id),
        known(relationship),
        ifMatch);
    return Response.noContent().build();
  }

  private static Relationships.Definition definition(JsonNode body) {
    JsonFields fields = JsonFields.of(body);
    String type = fields.text("type", 1, 63);
    if (!Names.isId(type)) {
      throw fields.invalid("type", "must be the id of a type of relationship");
    }
    String target = fields.text("target", 1, 128);
    if (!Names.isTwinId(target)) {
      throw fields.invalid("target", "must be the id of a twin");
    }
    fields.has("attributes");
    fields.refuseOthers();
    return new Relationships.Definition(
        type, new TwinId(target), attributes(body, JsonNodeFactory.instance.objectNode()));
  }

  /** The merge patch over the attributes; a put is one over nothing. */
  private static ObjectNode attributes(JsonNode body, ObjectNode before) {
    JsonNode patch = body.get("attributes");
    if (patch == null) {
      return before;
    }
    ObjectNode after =
        patch.isNull()
            ? JsonNodeFactory.instance.objectNode()
            : FreeObjects.merge(before, FreeObjects.checked("/attributes", patch));
    return FreeObjects.checked("/attributes", after);
  }

  private static String known(String relationship) {
    if (!Names.isId(relationship)) {
      throw Relationships.notFound();
    }
    return relationship;
  }

  private static Response answer(Relationship relationship) {
    return Response.ok(RelationshipBody.of(relationship))
        .tag(new Revision(relationship.revision()).tag())
        .build();
  }
}
