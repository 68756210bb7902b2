package org.pilothouse.ingest.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.kafka.BackboneUnavailable;
import org.pilothouse.platform.kafka.consume.RejectedReader;
import org.pilothouse.platform.kafka.consume.RejectedRecord;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Access.Scope;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.PageRequest;

/** What a reader could not take: to look at, and to send again. */
@Path("pilots/{pilot}/rejected")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class RejectedResource {
  private static final int MOST = 200;

  /** As in the API document. */
  public record RejectedView(
      String rejectionId,
      String reason,
      String detail,
      @Nullable String reader,
      String originTopic,
      @Nullable String eventId,
      @Nullable String eventType,
      @Nullable String subject,
      Instant rejectedAt) {
    static RejectedView of(RejectedRecord record) {
      return new RejectedView(
          record.id(),
          record.reason(),
          record.detail(),
          record.reader(),
          record.originTopic(),
          record.eventId(),
          record.eventType(),
          record.subject(),
          record.rejectedAt());
    }
  }

  /** A page, newest first. */
  public record RejectedList(List<RejectedView> items, @Nullable String nextCursor) {}

  private final RejectedReader rejected;
  private final PilotDirectory pilots;
  private final AuditTrail audit;
  private final CurrentCaller caller;

  @Inject
  public RejectedResource(
      RejectedReader rejected, PilotDirectory pilots, AuditTrail audit, CurrentCaller caller) {
    this.rejected = rejected;
    this.pilots = pilots;
    this.audit = audit;
    this.caller = caller;
  }

  @GET
  @Access(
      scope = Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public RejectedList list(
      @PathParam("pilot") String path,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PilotId pilot = pilots.require(CurrentCaller.pilotOf(path)).id();
    PageRequest asked = PageRequest.of(limit, cursor);
    try {
      RejectedReader.Page page =
          rejected.page(
              TopicKind.REJECTED.of(pilot),
              Math.min(asked.limit(), MOST),
              asked.cursor().orElse(null));
      return new RejectedList(
          page.records().stream().map(RejectedView::of).toList(), page.nextCursor());
    } catch (BackboneUnavailable e) {
      throw Problem.retry(
          ProblemCode.UNAVAILABLE, "The backbone does not answer.", Duration.ofSeconds(5));
    }
  }

  @POST
  @Path("{rejection}/redrive")
  @Access(
      scope = Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response redrive(
      @PathParam("pilot") String path, @PathParam("rejection") String rejection) {
    PilotId pilot = pilots.require(CurrentCaller.pilotOf(path)).id();
    RejectedReader.Redrive outcome;
    try {
      outcome = rejected.redrive(TopicKind.REJECTED.of(pilot), rejection);
    } catch (BackboneUnavailable e) {
      throw Problem.retry(
          ProblemCode.UNAVAILABLE, "The backbone does not answer.", Duration.ofSeconds(5));
    }
    return switch (outcome) {
      case RejectedReader.Redrive.Sent sent -> {
        audit.record(
            AuditEvent.allowed(
                caller.get(),
                pilot,
                "rejected.redrive",
                "rejected:" + pilot + "/" + Names.shown(rejection)));
        yield Response.accepted().build();
      }
      case RejectedReader.Redrive.NotThere notThere ->
          throw Problem.of(
              ProblemCode.NOT_FOUND,
              "There is no such rejected record, or it did not come from the backbone and cannot be sent again.");
      case RejectedReader.Redrive.NotTaken notTaken ->
          throw Problem.retry(
              ProblemCode.BACKBONE_BUSY,
              "The backbone did not take it; try again.",
              Duration.ofSeconds(2));
    };
  }
}
