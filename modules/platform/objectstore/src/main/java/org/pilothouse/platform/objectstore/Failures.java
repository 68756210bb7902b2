package org.pilothouse.platform.objectstore;

import java.time.Duration;
import java.util.regex.Pattern;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What a call that failed means to its caller. */
sealed interface Failures {
  Problem of(String operation, SdkException e);

  /** Under which name calls are counted. */
  String meter();

  /** The consortium's store: whatever it is, it is not the caller's. */
  record OfTheHold() implements Failures {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectStore.class);
    private static final Duration SOON = Duration.ofSeconds(2);

    @Override
    public Problem of(String operation, SdkException e) {
      LOG.warn("object storage: {} failed error={}", operation, e.toString());
      return Problem.retry(ProblemCode.UNAVAILABLE, "Object storage does not answer.", SOON);
    }

    @Override
    public String meter() {
      return "pilothouse.objectstore.calls";
    }
  }

  /** A pilot's store: its pilot has to know why. Nothing that it says itself is repeated. */
  record OfSites() implements Failures {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectStore.class);
    private static final Pattern WORD = Pattern.compile("[A-Za-z]{1,48}");
    private static final int DEEPEST = 16;

    @Override
    public Problem of(String operation, SdkException e) {
      Problem problem = problem(e);
      LOG.info(
          "a pilot's store: {} failed code={} error={}",
          operation,
          problem.code().code(),
          e.getClass().getSimpleName());
      return problem;
    }

    private static Problem problem(SdkException e) {
      Throwable cause = e;
      for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
        if (cause instanceof EndpointRules.RefusedAddress refused) {
          return Problem.of(ProblemCode.ENDPOINT_NOT_ALLOWED, EndpointRules.RefusedAddress.DETAIL);
        }
        cause = cause.getCause();
      }
      return e instanceof S3Exception answered
          ? answered(answered)
          : unreachable("The pilot's endpoint does not answer, or not in time.");
    }

    private static Problem answered(S3Exception e) {
      int status = e.statusCode();
      if (status == 401 || status == 403) {
        return Problem.of(
            ProblemCode.CREDENTIALS_REFUSED,
            "The pilot's endpoint refuses the credentials" + word(e) + ".");
      }
      if (status >= 300 && status < 400) {
        return unreachable("The pilot's endpoint answers with a redirect, which is not followed.");
      }
      if (status == 404) {
        return unreachable("The pilot's endpoint has no such bucket.");
      }
      return unreachable("The pilot's endpoint answers " + status + word(e) + ".");
    }

    private static String word(S3Exception e) {
      String code = ObjectStore.code(e);
      return WORD.matcher(code).matches() ? " (" + code + ")" : "";
    }

    private static Problem unreachable(String detail) {
      return Problem.of(ProblemCode.ENDPOINT_UNREACHABLE, detail);
    }

    @Override
    public String meter() {
      return "pilothouse.objectstore.site.calls";
    }
  }
}
