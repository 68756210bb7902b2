package org.pilothouse.ingest.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InterruptedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ingest.IngestModule;
import org.pilothouse.ingest.internal.LiveFeeds;
import org.pilothouse.ingest.internal.StreamFilter;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Access.Scope;
import org.pilothouse.platform.web.CurrentCaller;

/** Live events, resumable. */
@Path("pilots/{pilot}/stream")
@Dependent
public class StreamResource {
  private final LiveFeeds feeds;
  private final PilotDirectory pilots;

  @Inject
  public StreamResource(IngestModule module, PilotDirectory pilots) {
    this.feeds = module.feeds();
    this.pilots = pilots;
  }

  @GET
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Access(
      scope = Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public void stream(
      @PathParam("pilot") String path,
      @QueryParam("twin") List<String> twins,
      @QueryParam("type") List<String> types,
      @HeaderParam("Last-Event-ID") @Nullable String lastEventId,
      @Suspended AsyncResponse response) {
    PilotId pilot = CurrentCaller.pilotOf(path);
    Pilot ignored = pilots.require(pilot);
    String resume = lastEventId == null || lastEventId.isEmpty() ? null : lastEventId;
    LiveFeeds.Seat seat = feeds.take(pilot, StreamFilter.of(twins, types), resume);
    StreamingOutput events =
        out -> {
          try (seat) {
            seat.writeTo(out);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the server stops");
          }
        };
    // The stream is written by a thread of its own, so that no watcher holds one of the server's.
    Thread.ofVirtual()
        .name("stream-" + pilot)
        .start(() ->
            response.resume(
                Response.ok(events, MediaType.SERVER_SENT_EVENTS_TYPE)
                    .header("Cache-Control", "no-store")
                    .header("X-Accel-Buffering", "no")
                    .build()));
  }
}
