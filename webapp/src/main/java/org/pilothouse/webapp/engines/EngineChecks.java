package org.pilothouse.webapp.engines;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/**
 * The health endpoints. A node is ready while the engines it cannot work without (Kafka,
 * PostgreSQL) answer; the others are named with their state and do not take the node out of
 * service. Nothing outside makes a node dead: restarting it would not bring an engine back.
 */
@ApplicationScoped
public class EngineChecks {
  private final EngineWatch engines;

  @Inject
  public EngineChecks(EngineWatch engines) {
    this.engines = engines;
  }

  @Produces
  @Readiness
  HealthCheck ready() {
    return () -> {
      var response = HealthCheckResponse.named("engines");
      boolean up = true;
      for (EngineWatch.Status status : engines.all()) {
        response.withData(status.engine().name(), status.state().name());
        up &= !status.engine().essential() || status.state() != EngineWatch.State.AWAY;
      }
      return response.status(up).build();
    };
  }

  @Produces
  @Liveness
  HealthCheck live() {
    return () -> HealthCheckResponse.up("process");
  }

  @Produces
  @Startup
  HealthCheck started() {
    return () -> HealthCheckResponse.up("composed");
  }
}
