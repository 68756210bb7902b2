package org.pilothouse.platform.kafka.consume;

import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.kafka.BackboneUnavailable;
import org.pilothouse.platform.kafka.PublishFailure;

/**
 * Failures that pass by themselves: an engine is away, busy or too slow. A database error passes
 * unless it says that the data is at fault (SQLSTATE classes 22 and 23); an error of the virtual
 * machine says nothing about a record.
 */
public final class TransientFailures implements Predicate<Throwable> {
  private static final int DEEPEST = 20;

  @Override
  public boolean test(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
      if (cause instanceof SQLException sql) {
        String state = sql.getSQLState();
        return state == null || !(state.startsWith("22") || state.startsWith("23"));
      }
      if (cause instanceof IOException
          || cause instanceof TimeoutException
          || cause instanceof InterruptedException
          || cause instanceof BackboneUnavailable
          || cause instanceof Error) {
        return true;
      }
      if (cause instanceof PublishFailure publishing) {
        return publishing.kind() != PublishFailure.Kind.REFUSED;
      }
      if (cause instanceof Problem problem
          && (problem.code() == ProblemCode.UNAVAILABLE
              || problem.code() == ProblemCode.BACKBONE_BUSY
              || problem.code() == ProblemCode.TOO_MANY_REQUESTS)) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }
}
