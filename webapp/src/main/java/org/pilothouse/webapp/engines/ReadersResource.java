package org.pilothouse.webapp.engines;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.kafka.consume.ConsumerRuntime;
import org.pilothouse.platform.kafka.consume.ReaderStatus;
import org.pilothouse.platform.kafka.consume.Steered;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Access.Scope;
import org.pilothouse.platform.web.CurrentCaller;

/** The readers of the backbone on this node: how far behind each is, and a hand on the brake. */
@Path("platform/readers")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class ReadersResource {
  /** As in the API document. */
  public record ReaderView(
      String name,
      String topics,
      String state,
      @Nullable Long lag,
      double recordsPerSecond,
      long rejected) {
    static ReaderView of(ReaderStatus status) {
      return new ReaderView(
          status.name(),
          status.topics(),
          status.state().name().toLowerCase(Locale.ROOT),
          status.lag(),
          status.recordsPerSecond(),
          status.rejected());
    }
  }

  /** All of them; there are few. */
  public record ReaderList(List<ReaderView> items) {}

  private final ConsumerRuntime readers;
  private final AuditTrail audit;
  private final CurrentCaller caller;

  @Inject
  public ReadersResource(ConsumerRuntime readers, AuditTrail audit, CurrentCaller caller) {
    this.readers = readers;
    this.audit = audit;
    this.caller = caller;
  }

  @GET
  @Access(scope = Scope.PERSON)
  public ReaderList list() {
    return new ReaderList(readers.status().stream().map(ReaderView::of).toList());
  }

  @POST
  @Path("{reader}/{action}")
  @Access(scope = Scope.PLATFORM, roles = "platform-admin")
  public Response steer(@PathParam("reader") String name, @PathParam("action") String action) {
    Steered reader =
        readers
            .reader(name)
            .orElseThrow(
                () -> Problem.of(ProblemCode.NOT_FOUND, "There is no such reader on this node."));
    switch (action) {
      case "pause" -> reader.pause();
      case "resume" -> reader.resume();
      default -> throw Problem.of(ProblemCode.NOT_FOUND, "A reader can be paused and resumed.");
    }
    audit.record(
        AuditEvent.allowed(caller.get(), null, "reader." + action, "reader:" + reader.name()));
    return Response.noContent().build();
  }
}
