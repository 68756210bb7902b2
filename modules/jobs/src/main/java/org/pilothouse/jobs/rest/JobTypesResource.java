package org.pilothouse.jobs.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.pilothouse.jobs.JobLimits;
import org.pilothouse.jobs.JobsModule;
import org.pilothouse.jobs.internal.JobTypes;
import org.pilothouse.jobs.internal.Wiring;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Page;

/** The types of job there are. */
@Path("/pilots/{pilot}/job-types")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class JobTypesResource {
  private final Wiring room;

  @Inject
  public JobTypesResource(JobsModule module) {
    this.room = module.inside();
  }

  /** What a job of the type may take. */
  record LimitsBody(int attempts, long longestRunSeconds, long directoryBytes) {}

  /** A type. */
  record TypeBody(String name, JsonNode parametersSchema, LimitsBody limits) {
    static TypeBody of(JobTypes.Known known) {
      JobLimits limits = known.type().limits();
      return new TypeBody(
          known.name(),
          known.schema(),
          new LimitsBody(
              limits.attempts(), limits.longestRun().toSeconds(), limits.directoryBytes()));
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<TypeBody> listJobTypes(@PathParam("pilot") String pilot) {
    Pilot unused = room.pilots().require(CurrentCaller.pilotOf(pilot));
    return new Page<>(room.types().all().stream().map(TypeBody::of).toList(), null);
  }
}
