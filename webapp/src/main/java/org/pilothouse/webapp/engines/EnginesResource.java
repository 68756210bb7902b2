package org.pilothouse.webapp.engines;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Access.Scope;

/** The engines and how they are. */
@Path("platform/engines")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class EnginesResource {
  /** As in the API document. */
  public record EngineView(
      String name,
      String role,
      String state,
      @Nullable Double latencyMs,
      Instant since,
      Instant checkedAt,
      @Nullable String detail) {
    static EngineView of(EngineWatch.Status status) {
      Duration latency = status.latency();
      return new EngineView(
          status.engine().name(),
          status.engine().role(),
          status.state().name().toLowerCase(Locale.ROOT),
          latency == null ? null : latency.toNanos() / 1e6,
          status.since(),
          status.checkedAt(),
          status.state() == EngineWatch.State.AWAY ? "it does not answer" : null);
    }
  }

  /** All of them; there are few. */
  public record EngineList(List<EngineView> items) {}

  private final EngineWatch engines;

  @Inject
  public EnginesResource(EngineWatch engines) {
    this.engines = engines;
  }

  @GET
  @Access(scope = Scope.PERSON)
  public EngineList list() {
    return new EngineList(engines.all().stream().map(EngineView::of).toList());
  }
}
