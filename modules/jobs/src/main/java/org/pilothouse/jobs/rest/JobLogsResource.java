package org.pilothouse.jobs.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.jobs.JobsModule;
import org.pilothouse.jobs.internal.Job;
import org.pilothouse.jobs.internal.JobCatalogue;
import org.pilothouse.jobs.internal.LogLines;
import org.pilothouse.jobs.internal.Wiring;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;

/** The attempts at a job, and what they told. */
@Path("/pilots/{pilot}/jobs/{job}/attempts")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class JobLogsResource {
  private static final String LIST = "job-log";

  private final Wiring room;

  @Inject
  public JobLogsResource(JobsModule module) {
    this.room = module.inside();
  }

  /** An attempt. */
  record AttemptBody(
      int attempt,
      String node,
      Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable String outcome,
      Job.@Nullable Failure error,
      int logLines) {
    static AttemptBody of(JobCatalogue.Attempt attempt) {
      return new AttemptBody(
          attempt.number(),
          attempt.node(),
          attempt.startedAt(),
          attempt.endedAt(),
          attempt.outcome(),
          attempt.error(),
          attempt.logLines());
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<AttemptBody> listJobAttempts(
      @PathParam("pilot") String pilot, @PathParam("job") String job) {
    return new Page<>(
        room.catalogue().attempts(pilot(pilot), Asked.job(job)).stream()
            .map(AttemptBody::of)
            .toList(),
        null);
  }

  @GET
  @Path("/{attempt}/log")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<LogLines.Line> listJobLog(
      @PathParam("pilot") String pilot,
      @PathParam("job") String job,
      @PathParam("attempt") String attempt,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PilotId id = pilot(pilot);
    PageRequest page = PageRequest.of(limit, cursor);
    int after = page.cursor().map(text -> number(Cursor.read(LIST, text, 1).getFirst())).orElse(0);
    LogLines.Read read =
        room.logLines().read(id, Asked.job(job), number(attempt), after, page.limit());
    List<LogLines.Line> lines = read.lines();
    int last = lines.isEmpty() ? after : lines.getLast().number();
    boolean more = read.open() || lines.size() == page.limit();
    return new Page<>(lines, more ? Cursor.of(LIST, Integer.toString(last)) : null);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw Problem.of(ProblemCode.NOT_FOUND, "There is no such attempt.");
    }
  }

  private PilotId pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path)).id();
  }
}
