package org.pilothouse.ingest.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ingest.IngestModule;
import org.pilothouse.ingest.IngestResult;
import org.pilothouse.ingest.internal.BodyMemory;
import org.pilothouse.ingest.internal.CloudEvents;
import org.pilothouse.ingest.internal.Origin;
import org.pilothouse.ingest.internal.TelemetryIngest;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Access.Scope;
import org.pilothouse.platform.web.CurrentCaller;

/**
 * Telemetry and CloudEvents in; 202 only after the backbone has acknowledged.
 *
 * <p>Stands at {@code pilots}, as the resource of the pilots does: the runtime looks for a class by
 * its path first, and one at {@code pilots/{pilot}} would hide a pilot itself.
 */
@Path("pilots")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class TelemetryResource {
  private static final String EVENT = "application/cloudevents+json";
  private static final String EVENTS = "application/cloudevents-batch+json";

  /** Bodies at once; each holds one of the server's threads until the brokers have answered. */
  private static final int MOST_AT_ONCE = 64;

  private static final Duration VERDICT = Duration.ofSeconds(45);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  /** The node's, not the instance's: there is a new instance for every request. */
  private static final Semaphore SEATS = new Semaphore(MOST_AT_ONCE);

  private final TelemetryIngest ingest;
  private final BodyMemory memory;
  private final PilotDirectory pilots;
  private final CurrentCaller caller;

  @Inject
  public TelemetryResource(IngestModule module, PilotDirectory pilots, CurrentCaller caller) {
    this.ingest = module.telemetry();
    this.memory = module.memory();
    this.pilots = pilots;
    this.caller = caller;
  }

  @POST
  @Path("{pilot}/telemetry")
  @Consumes("application/x-ndjson")
  @Access(
      scope = Scope.DEVICE,
      roles = {"pilot-operator", "pilot-admin", "platform-admin"})
  public Response report(
      @PathParam("pilot") String pilot, @Context HttpHeaders headers, InputStream in) {
    Origin origin = origin(pilot);
    enter();
    try {
      CompletionStage<IngestResult> result;
      try (BodyMemory.Body body = read(headers, in)) {
        result = ingest.lines(origin, body.bytes(), body.length());
      }
      return answer(result);
    } finally {
      SEATS.release();
    }
  }

  @POST
  @Path("{pilot}/events")
  @Consumes({EVENT, EVENTS, MediaType.APPLICATION_JSON})
  @Access(
      scope = Scope.DEVICE,
      roles = {"pilot-operator", "pilot-admin", "platform-admin"})
  public Response events(
      @PathParam("pilot") String pilot, @Context HttpHeaders headers, InputStream in) {
    Origin origin = origin(pilot);
    enter();
    try {
      List<CloudEvents.Envelope> events;
      try (BodyMemory.Body body = read(headers, in)) {
        MediaType type = headers.getMediaType();
        events =
            switch (type.getType() + "/" + type.getSubtype()) {
              case EVENT -> CloudEvents.structured(body.bytes(), body.length());
              case EVENTS -> CloudEvents.batch(body.bytes(), body.length());
              default -> CloudEvents.binary(attributes(headers), body.bytes(), body.length());
            };
      }
      return answer(ingest.events(origin, events));
    } finally {
      SEATS.release();
    }
  }

  private Origin origin(String path) {
    PilotId pilot = CurrentCaller.pilotOf(path);
    Pilot ignored = pilots.require(pilot);
    return Origin.of(caller.get(), pilot);
  }

  private BodyMemory.Body read(HttpHeaders headers, InputStream in) {
    @Nullable String encoding = headers.getHeaderString(HttpHeaders.CONTENT_ENCODING);
    boolean gzip =
        switch (encoding == null ? "identity" : encoding.toLowerCase(Locale.ROOT).strip()) {
          case "identity" -> false;
          case "gzip", "x-gzip" -> true;
          default ->
              throw Problem.of(
                  ProblemCode.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding must be gzip or absent");
        };
    return memory.read(in, gzip, headers.getLength());
  }

  private static Map<String, String> attributes(HttpHeaders headers) {
    Map<String, String> attributes = new HashMap<>();
    headers
        .getRequestHeaders()
        .forEach((name, values) -> {
          String lower = name.toLowerCase(Locale.ROOT);
          if (lower.startsWith("ce-") && !values.isEmpty()) {
            attributes.put(lower.substring(3), values.get(0));
          }
        });
    return attributes;
  }

  /** Waits here: the publisher's own timeout is the shorter one. */
  private static Response answer(CompletionStage<IngestResult> result) {
    try {
      return Response.accepted(
              result.toCompletableFuture().get(VERDICT.toMillis(), TimeUnit.MILLISECONDS))
          .build();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Problem problem
          ? problem
          : Problem.caused(ProblemCode.INTERNAL, "the events could not be published", e);
    } catch (TimeoutException e) {
      throw Problem.retry(
          ProblemCode.BACKBONE_BUSY,
          "the backbone did not acknowledge in time; send the whole body again",
          RETRY_AFTER);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.retry(
          ProblemCode.BACKBONE_BUSY, "the server stops; send the whole body again", RETRY_AFTER);
    }
  }

  private void enter() {
    ingest.refuseIfBusy();
    if (!SEATS.tryAcquire()) {
      throw Problem.retry(
          ProblemCode.BACKBONE_BUSY,
          MOST_AT_ONCE + " bodies are being taken at the moment",
          RETRY_AFTER);
    }
  }
}
