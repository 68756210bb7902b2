package org.pilothouse.jobs.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pilothouse.jobs.JobsModule;
import org.pilothouse.jobs.internal.Strays;
import org.pilothouse.jobs.internal.Wiring;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;

/** Messages that no job could be made out of. */
@Path("/platform/job-strays")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class JobStraysResource {
  private static final String LIST = "job-strays";

  private final Wiring room;

  @Inject
  public JobStraysResource(JobsModule module) {
    this.room = module.inside();
  }

  /** A message that went astray. */
  record StrayBody(long strayId, Instant at, String reason, String body, @Nullable String jobId) {
    static StrayBody of(Strays.Stray stray) {
      return new StrayBody(
          stray.id(),
          stray.at(),
          stray.reason(),
          stray.body(),
          stray.job() == null ? null : stray.job().toString());
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PLATFORM,
      roles = {"platform-admin"})
  public Page<StrayBody> listJobStrays(
      @QueryParam("limit") @Nullable String limit, @QueryParam("cursor") @Nullable String cursor) {
    PageRequest page = PageRequest.of(limit, cursor);
    long before =
        page.cursor()
            .map(text -> number(Cursor.read(LIST, text, 1).getFirst()))
            .orElse(Long.MAX_VALUE);
    return Page.of(
        room.strays().list(before, page.limit() + 1),
        page.limit(),
        StrayBody::of,
        last -> Cursor.of(LIST, Long.toString(last.id())));
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw Problem.at(ProblemCode.INVALID_CURSOR, "cursor", "The cursor is not one of this list.");
    }
  }
}
