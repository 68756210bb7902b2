package org.pilothouse.platform.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** An error as callers see it (RFC 9457). */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProblemBody(
    String type,
    String title,
    int status,
    String code,
    @Nullable String detail,
    @Nullable String path,
    @Nullable String traceId) {

  public static final String MEDIA_TYPE = "application/problem+json";

  private static final MediaType PROBLEM_JSON = MediaType.valueOf(MEDIA_TYPE);

  public static ProblemBody of(Problem problem, @Nullable String traceId) {
    ProblemCode code = problem.code();
    return new ProblemBody(
        "urn:pilothouse:problem:" + code.code(),
        code.title(),
        code.status(),
        code.code(),
        problem.detail(),
        problem.path(),
        traceId);
  }

  /** The whole answer: status, {@code Retry-After}, {@code WWW-Authenticate} and the body. */
  public static Response response(Problem problem, @Nullable String traceId) {
    Response.ResponseBuilder answer =
        Response.status(problem.code().status())
            .type(PROBLEM_JSON)
            .header(HttpHeaders.CACHE_CONTROL, "no-store")
            .entity(of(problem, traceId));
    Duration retryAfter = problem.retryAfter();
    if (retryAfter != null) {
      answer.header(HttpHeaders.RETRY_AFTER, retryAfterSeconds(retryAfter));
    }
    if (problem.code() == ProblemCode.UNAUTHENTICATED) {
      answer.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    return answer.build();
  }

  /** Whole seconds, rounded up, at least one. */
  static long retryAfterSeconds(Duration wait) {
    long rounded = wait.getNano() == 0 ? wait.toSeconds() : wait.toSeconds() + 1;
    return Math.max(1, rounded);
  }
}
