package org.pilothouse.pilots.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
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
import java.net.URISyntaxException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotsModule;
import org.pilothouse.pilots.internal.Pilots;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Revision;

/** The partners of the consortium. */
@Path("/pilots")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class PilotsResource {
  private static final String LIST = "pilots";
  private static final Set<String> ZONES = Set.copyOf(ZoneId.getAvailableZoneIds());
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

  private final Pilots pilots;
  private final CurrentCaller current;

  @Inject
  public PilotsResource(PilotsModule module, CurrentCaller current) {
    this.pilots = module.inside().pilots();
    this.current = current;
  }

  /** A pilot as callers see it. */
  public record PilotBody(
      PilotId pilotId,
      String name,
      String timeZone,
      StorageBody storage,
      RetentionBody retention,
      Instant createdAt,
      Instant updatedAt) {
    static PilotBody of(Pilot pilot) {
      return new PilotBody(
          pilot.id(),
          pilot.name(),
          pilot.timeZone().getId(),
          new StorageBody(
              Pilots.model(pilot.storage()),
              Pilots.endpoint(pilot.storage()),
              Pilots.bucket(pilot.storage())),
          new RetentionBody(pilot.retention().telemetryDays()),
          pilot.createdAt(),
          pilot.updatedAt());
    }
  }

  /** Where bulk data rests. */
  public record StorageBody(String model, @Nullable String endpoint, @Nullable String bucket) {}

  /** How long things are kept. */
  public record RetentionBody(int telemetryDays) {}

  @GET
  @Access(scope = Access.Scope.PERSON)
  public Page<PilotBody> listPilots(
      @QueryParam("limit") @Nullable String limit, @QueryParam("cursor") @Nullable String cursor) {
    PageRequest page = PageRequest.of(limit, cursor);
    String after = page.cursor().map(c -> Cursor.read(LIST, c, 1).getFirst()).orElse("");
    Caller.Person caller = current.person();
    List<Pilot> found = pilots.page(Optional.ofNullable(caller.pilot()), after, page.limit() + 1);
    return Page.of(
        found, page.limit(), PilotBody::of, pilot -> Cursor.of(LIST, pilot.id().value()));
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PLATFORM,
      roles = {"platform-admin"})
  public Response createPilot(JsonNode body) {
    JsonFields fields = JsonFields.of(body);
    PilotId id = id(fields);
    String name = fields.text("name", 1, 128);
    ZoneId zone = zone(fields, fields.text("time_zone", 1, 64));
    Pilot.Storage storage =
        fields
            .optionalObject("storage")
            .map(object -> storage(object, new Pilot.Storage.Centralized()))
            .orElseGet(Pilot.Storage.Centralized::new);
    Pilot.Retention retention =
        fields
            .optionalObject("retention")
            .map(object -> retention(object, Pilot.Retention.DEFAULT))
            .orElse(Pilot.Retention.DEFAULT);
    fields.refuseOthers();
    Pilot pilot = pilots.create(current.person(), id, name, zone, storage, retention);
    return Response.created(URI.create("pilots/" + pilot.id()))
        .tag(new Revision(pilot.revision()).tag())
        .entity(PilotBody.of(pilot))
        .build();
  }

  @GET
  @Path("/{pilot}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getPilot(@PathParam("pilot") String pilot) {
    return answer(
        pilots
            .find(CurrentCaller.pilotOf(pilot))
            .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "There is no such pilot.")));
  }

  @PATCH
  @Path("/{pilot}")
  @Consumes({"application/merge-patch+json", MediaType.APPLICATION_JSON})
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response updatePilot(
      @PathParam("pilot") String pilot,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      JsonNode body) {
    return answer(
        pilots.update(
            current.person(),
            CurrentCaller.pilotOf(pilot),
            ifMatch,
            before -> patched(before, JsonFields.of(body))));
  }

  private static Pilot patched(Pilot before, JsonFields fields) {
    for (String required : List.of("name", "time_zone", "storage")) {
      if (fields.isNull(required)) {
        throw fields.invalid(required, "cannot be removed");
      }
    }
    String name = fields.optionalText("name", 1, 128).orElse(before.name());
    ZoneId zone =
        fields
            .optionalText("time_zone", 1, 64)
            .map(text -> zone(fields, text))
            .orElse(before.timeZone());
    Pilot.Storage storage =
        fields
            .optionalObject("storage")
            .map(object -> storage(object, before.storage()))
            .orElse(before.storage());
    Pilot.Retention retention =
        fields.isNull("retention")
            ? Pilot.Retention.DEFAULT
            : fields
                .optionalObject("retention")
                .map(object -> retention(object, before.retention()))
                .orElse(before.retention());
    fields.refuseOthers();
    return new Pilot(
        before.id(),
        name,
        zone,
        storage,
        retention,
        before.revision(),
        before.createdAt(),
        before.updatedAt());
  }

  private static PilotId id(JsonFields fields) {
    String text = fields.text("pilot_id", 1, 128);
    try {
      return new PilotId(text);
    } catch (Problem e) {
      throw Problem.at(ProblemCode.INVALID_ID, "/pilot_id", e.detail());
    }
  }

  private static ZoneId zone(JsonFields fields, String text) {
    if (!ZONES.contains(text)) {
      throw fields.invalid("time_zone", "must be the IANA name of a time zone");
    }
    return ZoneId.of(text);
  }

  private static Pilot.Retention retention(JsonFields fields, Pilot.Retention before) {
    boolean removed = fields.isNull("telemetry_days");
    int days =
        fields
            .optionalInteger("telemetry_days", 1, 3650)
            .orElse(removed ? Pilot.Retention.DEFAULT.telemetryDays() : before.telemetryDays());
    fields.refuseOthers();
    return new Pilot.Retention(days);
  }

  /**
   * Only the form of an endpoint is looked at. Nobody connects to it here: whoever does must hold
   * it against the allow-list then, when names resolve.
   */
  private static Pilot.Storage storage(JsonFields fields, Pilot.Storage before) {
    String model = fields.optionalText("model", 1, 32).orElseGet(() -> Pilots.model(before));
    String endpoint =
        fields.has("endpoint")
            ? fields.optionalText("endpoint", 1, 512).orElse(null)
            : Pilots.endpoint(before);
    String bucket =
        fields.has("bucket")
            ? fields.optionalText("bucket", 1, 63).orElse(null)
            : Pilots.bucket(before);
    fields.refuseOthers();
    if (bucket != null && !BUCKET.matcher(bucket).matches()) {
      throw fields.invalid("bucket", "is not the name of a bucket");
    }
    return switch (model) {
      case "centralized" -> {
        if (fields.has("endpoint") && endpoint != null) {
          throw fields.invalid("endpoint", "is only for federated storage");
        }
        yield new Pilot.Storage.Centralized();
      }
      case "federated" -> {
        if (endpoint == null) {
          throw fields.missing("endpoint");
        }
        yield new Pilot.Storage.Federated(
            checkedEndpoint(fields, endpoint), Optional.ofNullable(bucket));
      }
      default -> throw fields.invalid("model", "must be centralized or federated");
    };
  }

  private static String checkedEndpoint(JsonFields fields, String endpoint) {
    try {
      URI uri = new URI(endpoint);
      boolean http = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      if (http
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getQuery() == null
          && uri.getFragment() == null) {
        return uri.toString();
      }
    } catch (URISyntaxException e) {
      // Said below, with what is expected.
    }
    throw fields.invalid(
        "endpoint", "must be an http or https URL without user, query and fragment");
  }

  private static Response answer(Pilot pilot) {
    return Response.ok(PilotBody.of(pilot)).tag(new Revision(pilot.revision()).tag()).build();
  }
}
