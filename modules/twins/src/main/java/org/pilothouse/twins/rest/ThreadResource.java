package org.pilothouse.twins.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
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
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.twins.internal.Span;
import org.pilothouse.twins.internal.ThreadStore;
import org.pilothouse.twins.internal.Twins;

/** The digital thread of a twin; it goes on where the twin itself was retired. */
@Path("/pilots/{pilot}/twins/{twin}/thread")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class ThreadResource {
  private final Twins twins;
  private final ThreadStore thread;
  private final PilotDirectory pilots;

  @Inject
  public ThreadResource(TwinsModule module, PilotDirectory pilots) {
    this.twins = module.inside().twins();
    this.thread = module.inside().thread();
    this.pilots = pilots;
  }

  /** A fact as callers see it. */
  public record FactBody(
      String id, Instant time, String type, @Nullable String actor, @JsonRawValue String data) {
    static FactBody of(ThreadStore.Fact fact) {
      return new FactBody(fact.id(), fact.time(), fact.type(), fact.actor(), fact.data());
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<FactBody> getTwinThread(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @QueryParam("from") @Nullable String from,
      @QueryParam("to") @Nullable String to,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    TwinId twin = TwinPaths.twin(id);
    Span span = TwinPaths.span(from, to);
    PageRequest page = PageRequest.of(limit, cursor);
    String list = "thread/" + pilot + "/" + twin;
    Optional<ThreadStore.Before> before =
        page.cursor()
            .map(c -> Cursor.read(list, c, 2))
            .map(parts -> new ThreadStore.Before(Cursor.time(parts.get(0)), parts.get(1)));
    List<ThreadStore.Fact> facts = thread.page(pilot, twin, span, before, page.limit() + 1);
    if (facts.isEmpty() && before.isEmpty() && !isKnown(pilot, twin)) {
      throw Twins.notFound();
    }
    return Page.of(
        facts,
        page.limit(),
        FactBody::of,
        fact -> Cursor.of(list, fact.time().toString(), fact.id()));
  }

  /** Also one that was retired. */
  private boolean isKnown(PilotId pilot, TwinId twin) {
    return twins.find(pilot, twin).isPresent()
        || !thread.page(pilot, twin, Span.EVER, Optional.empty(), 1).isEmpty();
  }
}
