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
  private static final String ID = TraceFilter.class.getName() + ".id";

  private final TraceId trace;

  @Inject
  public TraceFilter(TraceId trace) {
    this.trace = trace;
  }

  @Override
  public void filter(ContainerRequestContext request) {
    trace.take(request.getHeaderString("traceparent"));
    // A stream is answered by a thread of its own, to which the request's scope does not reach.
    request.setProperty(ID, trace.get());
  }

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    if (request.getProperty(ID) instanceof String id) {
      response.getHeaders().putSingle("X-Trace-Id", id);
    }
  }
}
