package org.pilothouse.webapp;

import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.HashSet;
import java.util.Set;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.exports.ExportsModule;
import org.pilothouse.ingest.IngestModule;
import org.pilothouse.jobs.JobsModule;
import org.pilothouse.models.ModelsModule;
import org.pilothouse.pilots.PilotsModule;
import org.pilothouse.platform.web.CallerFilter;
import org.pilothouse.platform.web.JsonBodies;
import org.pilothouse.platform.web.ProblemMapper;
import org.pilothouse.platform.web.ReadableHeaders;
import org.pilothouse.platform.web.RequestMetrics;
import org.pilothouse.platform.web.TraceFilter;
import org.pilothouse.platform.web.WebProblemMapper;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.warehouse.WarehouseModule;
import org.pilothouse.webapp.engines.EnginesResource;
import org.pilothouse.webapp.engines.ReadersResource;

/** What stands under {@code /api/v1}, named one by one: nothing is open that nobody put here. */
@ApplicationPath("/api/v1")
public class RestApplication extends Application {
  private static final Set<Class<?>> OWN =
      Set.of(
          TraceFilter.class,
          CallerFilter.class,
          RequestMetrics.class,
          ReadableHeaders.class,
          ProblemMapper.class,
          WebProblemMapper.class,
          JsonBodies.class,
          EnginesResource.class,
          ReadersResource.class);

  /**
   * One of each, made by CDI: RESTEasy by itself wants a public constructor without parameters,
   * which constructor injection does not leave. None of them has state of a request.
   */
  @Override
  public Set<Object> getSingletons() {
    Set<Object> singletons = new HashSet<>();
    for (Class<?> each : offered()) {
      singletons.add(CDI.current().select(each).get());
    }
    return singletons;
  }

  /** The resources and what surrounds them. */
  static Set<Class<?>> offered() {
    Set<Class<?>> classes = new HashSet<>(OWN);
    classes.addAll(PilotsModule.RESOURCES);
    classes.addAll(IngestModule.RESOURCES);
    classes.addAll(ModelsModule.RESOURCES);
    classes.addAll(TwinsModule.RESOURCES);
    classes.addAll(DatasetsModule.RESOURCES);
    classes.addAll(WarehouseModule.RESOURCES);
    classes.addAll(JobsModule.RESOURCES);
    classes.addAll(ExportsModule.RESOURCES);
    return classes;
  }
}
