package org.pilothouse.datasets.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.Site;
import org.pilothouse.datasets.internal.Sites;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Parameters;
import org.pilothouse.platform.web.Revision;

/** A pilot's own S3 endpoint. Its secret goes in and never comes out. */
@Path("/pilots/{pilot}/storage/site")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class SiteResource {
  /** The rules that all stores agree on. */
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

  private static final Pattern REGION = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
  private static final Pattern KEY = Pattern.compile("[!-~]+");
  private static final int LONGEST_ENDPOINT = 512;
  private static final int LONGEST_KEY = 128;
  private static final int LONGEST_SECRET = 256;

  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public SiteResource(DatasetsModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /**
   * The endpoint as callers see it.
   *
   * @param datasets how many have their bytes there
   */
  record SiteBody(
      String endpoint,
      String bucket,
      String region,
      String accessKey,
      boolean trustsStoredChecksums,
      boolean takesUploads,
      @Nullable Boolean writable,
      @Nullable String writeDetail,
      @Nullable Instant credentialsExpireAt,
      @Nullable Instant agreementUntil,
      ReplayabilityBody replayability,
      long datasets,
      Instant createdAt,
      Instant updatedAt) {}

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response getSite(@PathParam("pilot") String pilot) {
    Site site = room.sites().require(pilot(pilot));
    return answer(Response.ok(), site);
  }

  @PUT
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response putSite(
      @PathParam("pilot") String pilot,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      JsonNode body) {
    Sites.Put put = room.sites().put(current.person(), pilot(pilot), ifMatch, newSite(body));
    room.probes().wake();
    return answer(
        put.created() ? Response.status(Response.Status.CREATED) : Response.ok(), put.site());
  }

  @DELETE
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response deleteSite(@PathParam("pilot") String pilot) {
    room.sites().remove(current.person(), pilot(pilot));
    return Response.noContent().build();
  }

  @POST
  @Path("/probe")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response probeSite(@PathParam("pilot") String pilot) {
    return answer(Response.ok(), room.probes().probe(current.person(), pilot(pilot)));
  }

  static Sites.NewSite newSite(JsonNode body) {
    JsonFields fields = JsonFields.of(body);
    String endpoint = fields.text("endpoint", 1, LONGEST_ENDPOINT);
    String bucket = fields.text("bucket", 3, 63);
    if (!BUCKET.matcher(bucket).matches() || bucket.contains("..")) {
      throw fields.invalid("bucket", "is not the name of a bucket");
    }
    String region = fields.optionalText("region", 1, 32).orElse("us-east-1");
    if (!REGION.matcher(region).matches()) {
      throw fields.invalid("region", "must hold small letters, digits and -");
    }
    String accessKey = printable(fields, "access_key", fields.text("access_key", 1, LONGEST_KEY));
    Optional<String> secret =
        fields
            .optionalText("secret_key", 1, LONGEST_SECRET)
            .map(text -> printable(fields, "secret_key", text));
    boolean trusts = fields.optionalBoolean("trusts_stored_checksums").orElse(false);
    boolean takes = fields.optionalBoolean("takes_uploads").orElse(false);
    Instant expire = time(fields, "credentials_expire_at");
    Instant until = time(fields, "agreement_until");
    fields.refuseOthers();
    return new Sites.NewSite(
        endpoint, bucket, region, accessKey, secret.orElse(null), trusts, takes, expire, until);
  }

  private static String printable(JsonFields fields, String name, String text) {
    if (!KEY.matcher(text).matches()) {
      throw fields.invalid(name, "must hold visible ASCII characters only");
    }
    return text;
  }

  private static @Nullable Instant time(JsonFields fields, String name) {
    return fields
        .optionalText(name, 1, 64)
        .flatMap(text -> Parameters.time("/" + name, text))
        .orElse(null);
  }

  private PilotId pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path)).id();
  }

  private Response answer(Response.ResponseBuilder response, Site site) {
    return response
        .tag(new Revision(site.revision()).tag())
        .entity(
            new SiteBody(
                site.endpoint().toString(),
                site.bucket(),
                site.region(),
                site.accessKey(),
                site.trustsStoredChecksums(),
                site.takesUploads(),
                site.writable(),
                site.writeDetail(),
                site.credentialsExpireAt(),
                site.agreementUntil(),
                ReplayabilityBody.of(site.seen()),
                room.sites().resting(site.pilot()),
                site.createdAt(),
                site.updatedAt()))
        .build();
  }
}
