package org.pilothouse.platform.web;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long operations take, by route template: never by the path itself, whose ids would make a
 * time series each.
 */
@Provider
@Dependent
@PreMatching
@Priority(2)
public class RequestMetrics implements ContainerRequestFilter, ContainerResponseFilter {
  private static final String STARTED = RequestMetrics.class.getName() + ".started";

  /** Where {@link CallerFilter} leaves the route that was matched. */
  static final String ROUTE = RequestMetrics.class.getName() + ".route";

  private static final String NO_ROUTE = "none";

  private final MeterRegistry registry;
  private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

  @Inject
  public RequestMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void filter(ContainerRequestContext request) {
    request.setProperty(STARTED, System.nanoTime());
  }

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    if (request.getProperty(STARTED) instanceof Long started) {
      Object route = request.getProperty(ROUTE);
      // Without a route, methods and answers are anybody's invention: one label for all.
      Key key =
          route == null
              ? new Key("other", NO_ROUTE, response.getStatus() / 100)
              : new Key(request.getMethod(), route.toString(), response.getStatus() / 100);
      timers
          .computeIfAbsent(key, this::timer)
          .record(Duration.ofNanos(System.nanoTime() - started));
    }
  }

  private Timer timer(Key key) {
    return Timer.builder("pilothouse.http.requests")
        .description("Time from the request's head to the answer's")
        .tag("method", key.method)
        .tag("route", key.route)
        .tag("status", key.hundreds + "xx")
        .serviceLevelObjectives(
            Duration.ofMillis(5),
            Duration.ofMillis(20),
            Duration.ofMillis(50),
            Duration.ofMillis(200),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5))
        .register(registry);
  }

  static String route(Method method) {
    Path ofClass = method.getDeclaringClass().getAnnotation(Path.class);
    Path ofMethod = method.getAnnotation(Path.class);
    return ((ofClass == null ? "" : slashed(ofClass.value()))
        + (ofMethod == null ? "" : slashed(ofMethod.value())));
  }

  private static String slashed(String path) {
    String bare = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return bare.isEmpty() || bare.startsWith("/") ? bare : "/" + bare;
  }

  private record Key(String method, String route, int hundreds) {}
}
