package org.pilothouse.pilots.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditReader;
import org.pilothouse.pilots.PilotsModule;
import org.pilothouse.pilots.internal.PostgresAuditTrail;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Parameters;

/** The append-only trail. */
@Path("/audit")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class AuditResource {
  private static final String LIST = "audit";

  private final PostgresAuditTrail trail;
  private final CurrentCaller current;

  @Inject
  public AuditResource(PilotsModule module, CurrentCaller current) {
    this.trail = module.inside().trail();
    this.current = current;
  }

  @GET
  @Access(
      scope = Access.Scope.PERSON,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Page<AuditReader.Entry> listAudit(
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("pilot") @Nullable String pilot,
      @QueryParam("actor") @Nullable String actor,
      @QueryParam("action") @Nullable String action,
      @QueryParam("from") @Nullable String from,
      @QueryParam("to") @Nullable String to) {
    PageRequest page = PageRequest.of(limit, cursor);
    Caller.Person caller = current.person();
    Optional<PilotId> scope = Optional.ofNullable(caller.pilot());
    Optional<PilotId> wanted =
        pilot == null || pilot.isEmpty()
            ? Optional.empty()
            : Optional.of(CurrentCaller.pilotOf(pilot));
    if (scope.isPresent() && wanted.isPresent() && !wanted.equals(scope)) {
      throw Problem.of(ProblemCode.NOT_FOUND, "There is no such pilot.");
    }
    AuditReader.Filter filter =
        new AuditReader.Filter(
            wanted,
            Parameters.text("actor", actor, 128),
            Parameters.text("action", action, 64),
            Parameters.time("from", from),
            Parameters.time("to", to));
    List<AuditReader.Entry> found =
        trail.list(scope, filter, page.cursor().map(AuditResource::before), page.limit() + 1);
    return Page.of(
        found,
        page.limit(),
        entry -> entry,
        entry -> Cursor.of(LIST, Long.toString(entry.sequence())));
  }

  @GET
  @Path("/verify")
  @Access(
      scope = Access.Scope.PLATFORM,
      roles = {"platform-admin"})
  public AuditReader.Verdict verifyAudit() {
    AuditReader.Verdict verdict = trail.verify();
    trail.record(
        AuditEvent.allowed(current.get(), null, "audit.verify", "audit")
            .with(
                Map.of(
                    "intact", Boolean.toString(verdict.intact()),
                    "entries", Long.toString(verdict.entries()))));
    return verdict;
  }

  private static Long before(String cursor) {
    String text = Cursor.read(LIST, cursor, 1).getFirst();
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      throw Problem.at(ProblemCode.INVALID_CURSOR, "cursor", "The cursor is not one of this list.");
    }
  }
}
