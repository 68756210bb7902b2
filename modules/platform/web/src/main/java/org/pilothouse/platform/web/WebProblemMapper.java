package org.pilothouse.platform.web;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/** JAX-RS' own exceptions; the runtime prefers a mapper of their very type over a general one. */
@Provider
@Dependent
public class WebProblemMapper implements ExceptionMapper<WebApplicationException> {
  private final ProblemMapper mapper;

  @Inject
  public WebProblemMapper(TraceId trace) {
    this.mapper = new ProblemMapper(trace);
  }

  @Override
  public Response toResponse(WebApplicationException thrown) {
    return mapper.toResponse(thrown);
  }
}
