package org.pilothouse.datasets.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.Quota;
import org.pilothouse.datasets.internal.Quotas;
import org.pilothouse.datasets.internal.Sweeper;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.JsonFields;

/** A pilot's part of the hold. */
@Path("/pilots/{pilot}/storage")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class StorageResource {
  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public StorageResource(DatasetsModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /** What there is, and how much there may be. */
  public record StorageUsage(
      String model, Quota quota, Quotas.Used used, long graceSeconds, @Nullable SiteSummary site) {}

  /** The pilot's own endpoint, for those who may not see how it is reached. */
  record SiteSummary(String bucket, ReplayabilityBody replayability) {}

  /** What a sweep found. */
  public record SweepBody(Instant sweptAt, List<FindingBody> findings, boolean truncated) {
    static SweepBody of(Sweeper.Swept swept) {
      return new SweepBody(
          swept.at(), swept.findings().stream().map(FindingBody::of).toList(), swept.truncated());
    }
  }

  /** Something that is not as it should be. */
  public record FindingBody(
      String kind,
      String objectUri,
      @Nullable String datasetId,
      @Nullable Long sizeBytes,
      Instant firstSeenAt,
      @Nullable Instant dueAt,
      String action) {
    static FindingBody of(Sweeper.Finding finding) {
      return new FindingBody(
          finding.kind().name().toLowerCase(Locale.ROOT),
          finding.objectUri(),
          finding.datasetId(),
          finding.size(),
          finding.firstSeen(),
          finding.due(),
          finding.action().name().toLowerCase(Locale.ROOT));
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public StorageUsage getStorage(@PathParam("pilot") String pilot) {
    Pilot found = pilot(pilot);
    return usage(found, room.quotas().of(found.id()));
  }

  @PUT
  @Path("/quota")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PLATFORM,
      roles = {"platform-admin"})
  public StorageUsage putQuota(@PathParam("pilot") String pilot, JsonNode body) {
    Pilot found = pilot(pilot);
    JsonFields fields = JsonFields.of(body);
    Quota quota =
        new Quota(
            number(fields, body, "bytes", Quota.MOST_BYTES),
            number(fields, body, "objects", Quota.MOST_OBJECTS),
            (int) number(fields, body, "uploads", Quota.MOST_UPLOADS));
    fields.refuseOthers();
    return usage(found, room.quotas().set(current.person(), found.id(), quota));
  }

  private static long number(JsonFields fields, JsonNode body, String name, long most) {
    if (!fields.has(name)) {
      throw fields.missing(name);
    }
    JsonNode number = body.get(name);
    if (!number.isIntegralNumber()
        || !number.canConvertToLong()
        || number.longValue() < 0
        || number.longValue() > most) {
      throw fields.invalid(name, "must be a whole number from 0 to " + most);
    }
    return number.longValue();
  }

  @GET
  @Path("/sweep")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public SweepBody getSweep(@PathParam("pilot") String pilot) {
    return SweepBody.of(room.sweeper().look(pilot(pilot).id()));
  }

  @POST
  @Path("/sweep")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"data-steward", "platform-admin"})
  public SweepBody runSweep(@PathParam("pilot") String pilot) {
    PilotId id = pilot(pilot).id();
    return SweepBody.of(room.sweeper().run(current.person(), id));
  }

  private Pilot pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path));
  }

  private StorageUsage usage(Pilot pilot, Quotas.Usage usage) {
    return new StorageUsage(
        switch (pilot.storage()) {
          case Pilot.Storage.Centralized centralized -> "centralized";
          case Pilot.Storage.Federated federated -> "federated";
        },
        usage.quota(),
        usage.used(),
        room.lifecycle().grace().toSeconds(),
        room.sites()
            .find(pilot.id())
            .map(site -> new SiteSummary(site.bucket(), ReplayabilityBody.of(site.seen())))
            .orElse(null));
  }
}
