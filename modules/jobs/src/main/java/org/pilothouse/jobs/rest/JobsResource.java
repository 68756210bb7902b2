package org.pilothouse.jobs.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pilothouse.jobs.JobsModule;
import org.pilothouse.jobs.internal.Job;
import org.pilothouse.jobs.internal.JobCatalogue;
import org.pilothouse.jobs.internal.JobState;
import org.pilothouse.jobs.internal.Limits;
import org.pilothouse.jobs.internal.Submissions;
import org.pilothouse.jobs.internal.Wiring;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Parameters;

/** A pilot's jobs. */
@Path("/pilots/{pilot}/jobs")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class JobsResource {
  private static final String LIST = "jobs";
  private static final int LONGEST_KEY = 128;
  private static final int MOST_RETRIES = 100;

  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public JobsResource(JobsModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /** How many there are in each state, and those that run. */
  record SummaryBody(Map<String, Long> counts, List<JobBody> running) {}

  /** What became of one of several. */
  record RetryBody(UUID jobId, @Nullable String state, Job.@Nullable Failure error) {}

  /** What became of each. */
  record RetriesBody(List<RetryBody> items) {}

  /** How many may wait, and run. */
  record LimitsBody(int queuedMost, int runningMost) {
    static LimitsBody of(Limits.Of limits) {
      return new LimitsBody(limits.queuedMost(), limits.runningMost());
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<JobBody> listJobs(
      @PathParam("pilot") String pilot,
      @QueryParam("state") @Nullable String state,
      @QueryParam("type") @Nullable String type,
      @QueryParam("q") @Nullable String text,
      @QueryParam("requested_by") @Nullable String requestedBy,
      @QueryParam("schedule") @Nullable String schedule,
      @QueryParam("from") @Nullable String from,
      @QueryParam("to") @Nullable String to,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PilotId id = pilot(pilot).id();
    PageRequest page = PageRequest.of(limit, cursor);
    JobCatalogue.Filter filter =
        new JobCatalogue.Filter(
            states(state),
            Parameters.text("type", type, 32),
            Parameters.text("q", text, 100),
            Parameters.text("requested_by", requestedBy, 200),
            Parameters.text("schedule", schedule, 64),
            Parameters.time("from", from),
            Parameters.time("to", to));
    UUID before =
        page.cursor().map(given -> Asked.job(Cursor.read(LIST, given, 1).getFirst())).orElse(null);
    return Page.of(
        room.catalogue().list(id, filter, before, page.limit() + 1),
        page.limit(),
        JobBody::of,
        last -> Cursor.of(LIST, last.id().toString()));
  }

  private static List<JobState> states(@Nullable String given) {
    Optional<String> text = Parameters.text("state", given, 100);
    List<JobState> states = new ArrayList<>();
    if (text.isPresent()) {
      for (String word : text.get().split(",", -1)) {
        states.add(
            JobState.of(word)
                .orElseThrow(() ->
                    Problem.at(
                        ProblemCode.INVALID_VALUE,
                        "state",
                        "state must name queued, running, succeeded, failed, cancelled or dead.")));
      }
    }
    return states;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response createJob(
      @PathParam("pilot") String pilot,
      @HeaderParam("Idempotency-Key") @Nullable String key,
      JsonNode body) {
    Pilot found = pilot(pilot);
    JsonFields fields = JsonFields.of(body);
    String type = fields.text("type", 1, 32);
    JsonNode parameters = Asked.parameters(fields, body);
    Optional<String> name = fields.optionalText("name", 1, 200);
    Optional<Instant> deadline =
        fields.optionalText("deadline", 1, 64).flatMap(text -> Parameters.time("/deadline", text));
    Submissions.Request request =
        new Submissions.Request(
            type,
            parameters,
            name.orElse(null),
            Asked.priority(fields),
            deadline.orElse(null),
            Parameters.text("Idempotency-Key", key, LONGEST_KEY).orElse(null));
    fields.refuseOthers();
    return switch (room.submissions().submit(current.person(), found, request)) {
      case Submissions.Outcome.Made(Job job) ->
          Response.status(Response.Status.CREATED).entity(JobBody.of(job)).build();
      case Submissions.Outcome.Repeated(Job job) -> Response.ok(JobBody.of(job)).build();
      case Submissions.Outcome.Refused(Problem problem) -> throw problem;
    };
  }

  @GET
  @Path("/summary")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public SummaryBody getJobSummary(@PathParam("pilot") String pilot) {
    JobCatalogue.Summary summary = room.catalogue().summary(pilot(pilot).id());
    Map<String, Long> counts = new TreeMap<>();
    summary.counts().forEach((state, count) -> counts.put(state.word(), count));
    return new SummaryBody(counts, summary.running().stream().map(JobBody::of).toList());
  }

  @POST
  @Path("/retries")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public RetriesBody retryJobs(@PathParam("pilot") String pilot, JsonNode body) {
    Pilot found = pilot(pilot);
    JsonFields fields = JsonFields.of(body);
    List<String> wanted =
        fields
            .optionalTexts("job_ids", MOST_RETRIES, 36)
            .filter(ids -> !ids.isEmpty())
            .orElseThrow(() -> fields.missing("job_ids"));
    fields.refuseOthers();
    List<UUID> ids = wanted.stream().map(Asked::job).toList();
    List<RetryBody> done = new ArrayList<>();
    for (UUID id : ids) {
      try {
        Job job = room.decisions().retry(current.person(), found, id, null);
        done.add(new RetryBody(id, job.state().word(), null));
      } catch (Problem e) {
        if (e.code() == ProblemCode.UNAVAILABLE) {
          throw e;
        }
        done.add(new RetryBody(id, null, new Job.Failure(e.code().code(), e.detail())));
      }
    }
    return new RetriesBody(done);
  }

  @GET
  @Path("/limits")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public LimitsBody getJobLimits(@PathParam("pilot") String pilot) {
    return LimitsBody.of(room.limits().of(pilot(pilot).id()));
  }

  @PUT
  @Path("/limits")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PLATFORM,
      roles = {"platform-admin"})
  public LimitsBody putJobLimits(@PathParam("pilot") String pilot, JsonNode body) {
    PilotId id = pilot(pilot).id();
    JsonFields fields = JsonFields.of(body);
    int queued =
        fields
            .optionalInteger("queued_most", 0, Limits.MOST_QUEUED)
            .orElseThrow(() -> fields.missing("queued_most"));
    int running =
        fields
            .optionalInteger("running_most", 0, Limits.MOST_RUNNING)
            .orElseThrow(() -> fields.missing("running_most"));
    fields.refuseOthers();
    return LimitsBody.of(room.limits().put(current.person(), id, new Limits.Of(queued, running)));
  }

  @GET
  @Path("/{job}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public JobBody getJob(@PathParam("pilot") String pilot, @PathParam("job") String job) {
    return room.catalogue()
        .find(pilot(pilot).id(), Asked.job(job))
        .map(JobBody::of)
        .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "There is no such job."));
  }

  @POST
  @Path("/{job}/cancel")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public JobBody cancelJob(@PathParam("pilot") String pilot, @PathParam("job") String job) {
    return JobBody.of(room.decisions().cancel(current.person(), pilot(pilot).id(), Asked.job(job)));
  }

  @POST
  @Path("/{job}/retry")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public JobBody retryJob(@PathParam("pilot") String pilot, @PathParam("job") String job) {
    return JobBody.of(room.decisions().retry(current.person(), pilot(pilot), Asked.job(job), null));
  }

  @POST
  @Path("/{job}/revise")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public JobBody reviseJob(
      @PathParam("pilot") String pilot, @PathParam("job") String job, JsonNode body) {
    Pilot found = pilot(pilot);
    JsonFields fields = JsonFields.of(body);
    JsonNode parameters = Asked.parameters(fields, body);
    fields.refuseOthers();
    return JobBody.of(room.decisions().retry(current.person(), found, Asked.job(job), parameters));
  }

  @POST
  @Path("/{job}/drop")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public JobBody dropJob(
      @PathParam("pilot") String pilot, @PathParam("job") String job, JsonNode body) {
    PilotId id = pilot(pilot).id();
    JsonFields fields = JsonFields.of(body);
    String reason = fields.text("reason", 1, 500);
    fields.refuseOthers();
    return JobBody.of(room.decisions().drop(current.person(), id, Asked.job(job), reason));
  }

  private Pilot pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path));
  }
}
