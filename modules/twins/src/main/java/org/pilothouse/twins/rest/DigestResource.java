package org.pilothouse.twins.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.twins.internal.Digests;

/** What all states of a pilot come to. */
@Path("/pilots/{pilot}/twin-digest")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class DigestResource {
  private final Digests digests;
  private final PilotDirectory pilots;

  @Inject
  public DigestResource(TwinsModule module, PilotDirectory pilots) {
    this.digests = module.inside().digests();
    this.pilots = pilots;
  }

  /** Of one partition of the pilot's telemetry. */
  public record PositionBody(int partition, long position) {}

  /** The digest as callers see it. */
  public record DigestBody(long twins, String digest, List<PositionBody> positions) {}

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public DigestBody getTwinDigest(@PathParam("pilot") String path) {
    Digests.Digest digest = digests.of(TwinPaths.pilot(pilots, path));
    List<PositionBody> positions =
        digest.positions().entrySet().stream()
            .map(each -> new PositionBody(each.getKey(), each.getValue()))
            .toList();
    return new DigestBody(digest.twins(), digest.digest(), positions);
  }
}
