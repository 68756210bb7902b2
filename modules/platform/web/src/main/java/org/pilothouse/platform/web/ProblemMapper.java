package org.pilothouse.platform.web;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.util.Optional;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns whatever a resource throws into problem+json; what was not expected is logged, not told.
 */
@Provider
@Dependent
public class ProblemMapper implements ExceptionMapper<Throwable> {
  private static final Logger LOG = LoggerFactory.getLogger(ProblemMapper.class);

  private final TraceId trace;

  @Inject
  public ProblemMapper(TraceId trace) {
    this.trace = trace;
  }

  @Override
  public Response toResponse(Throwable thrown) {
    if (thrown instanceof WebApplicationException web && isAnswer(web.getResponse())) {
      return web.getResponse();
    }
    Optional<Problem> expected = Problems.of(thrown);
    Problem problem =
        expected.orElseGet(
            () -> Problem.of(ProblemCode.INTERNAL, "Something broke inside; it is in the log."));
    if (problem.code().status() >= 500) {
      LOG.error("request failed code={} trace_id={}", problem.code().code(), trace.get(), thrown);
    }
    Response answer = ProblemBody.response(problem, trace.get());
    if (problem.code() == ProblemCode.METHOD_NOT_ALLOWED
        && thrown instanceof WebApplicationException web) {
      Object allow = web.getResponse().getHeaders().getFirst(HttpHeaders.ALLOW);
      if (allow != null) {
        return Response.fromResponse(answer).header(HttpHeaders.ALLOW, allow).build();
      }
    }
    return answer;
  }

  private static boolean isAnswer(Response response) {
    return response.getStatus() < 400;
  }
}
