package org.pilothouse.datasets.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.internal.LineageSender;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.platform.web.Access;

/** Whether the gatherer of lineage outside knows all that it is to know. */
@Path("/platform/openlineage")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class LineageSenderResource {
  private final Wiring room;

  @Inject
  public LineageSenderResource(DatasetsModule module) {
    this.room = module.inside();
  }

  /** As in the API document. */
  record SenderBody(
      String state,
      @Nullable String url,
      long waiting,
      long refused,
      @Nullable Instant waitingSince,
      @Nullable Instant lastToldAt,
      @Nullable FailureBody lastFailure) {}

  /** What went wrong last. */
  record FailureBody(Instant at, String detail) {}

  @GET
  @Access(scope = Access.Scope.PLATFORM, roles = "platform-admin")
  public SenderBody getLineageSender() {
    LineageSender.Status status = room.lineageSender().status();
    Instant failed = status.failedAt();
    return new SenderBody(
        status.state().name().toLowerCase(Locale.ROOT),
        status.to(),
        status.waiting(),
        status.refused(),
        status.waitingSince(),
        status.toldAt(),
        failed == null ? null : new FailureBody(failed, String.valueOf(status.failure())));
  }
}
