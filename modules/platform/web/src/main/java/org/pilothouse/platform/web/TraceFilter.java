package org.pilothouse.platform.web;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;

/** Gives every request its trace id, and every answer the header that tells it. */
@Provider
@Dependent
@PreMatching
@Priority(1)
public class TraceFilter implements ContainerRequestFilter, ContainerResponseFilter {
  private final TraceId trace;

  @Inject
  public TraceFilter(TraceId trace) {
    this.trace = trace;
  }

  @Override
  public void filter(ContainerRequestContext request) {
    trace.take(request.getHeaderString("traceparent"));
  }

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    response.getHeaders().putSingle("X-Trace-Id", trace.get());
  }
}
