package org.pilothouse.warehouse.rest;

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
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Revision;
import org.pilothouse.warehouse.WarehouseModule;
import org.pilothouse.warehouse.internal.Policy;
import org.pilothouse.warehouse.internal.Wiring;

/** When a pilot's late events become a correction. */
@Path("/pilots/{pilot}/dumps/policy")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class DumpPolicyResource {
  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public DumpPolicyResource(WarehouseModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /** The policy as it is set. */
  record PolicyBody(String corrections, @Nullable Long threshold) {}

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getDumpPolicy(@PathParam("pilot") String pilot) {
    return answer(room.policies().of(pilot(pilot)));
  }

  @PUT
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response putDumpPolicy(
      @PathParam("pilot") String pilot,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      JsonNode body) {
    PilotId id = pilot(pilot);
    JsonFields fields = JsonFields.of(body);
    String word = fields.text("corrections", 1, 32);
    Policy.Corrections corrections;
    try {
      corrections = Policy.Corrections.of(word);
    } catch (IllegalArgumentException e) {
      throw fields.invalid("corrections", "must be hourly, nightly, threshold or manual");
    }
    if (!word.equals(word.toLowerCase(Locale.ROOT))) {
      throw fields.invalid("corrections", "must be hourly, nightly, threshold or manual");
    }
    Integer threshold = fields.optionalInteger("threshold", 1, Policy.MOST).orElse(null);
    fields.refuseOthers();
    if (corrections == Policy.Corrections.THRESHOLD && threshold == null) {
      throw fields.missing("threshold");
    }
    if (corrections != Policy.Corrections.THRESHOLD && threshold != null) {
      throw fields.invalid("threshold", "goes with the policy threshold only");
    }
    return answer(
        room.policies()
            .put(
                current.person(),
                id,
                ifMatch,
                corrections,
                threshold == null ? null : Long.valueOf(threshold)));
  }

  private static Response answer(Policy policy) {
    return Response.ok(new PolicyBody(policy.corrections().word(), policy.threshold()))
        .tag(new Revision(policy.revision()).tag())
        .build();
  }

  private PilotId pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path)).id();
  }
}
