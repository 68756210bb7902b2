package org.pilothouse.ctl.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The platform refused, or could not be reached. */
public final class ApiProblem extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int status;
  private final String code;
  private final transient @Nullable Duration retryAfter;

  /**
   * @param status the HTTP status; 0 when there was no answer
   */
  public ApiProblem(int status, String code, String detail) {
    this(status, code, detail, null);
  }

  public ApiProblem(int status, String code, String detail, @Nullable Duration retryAfter) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  public int status() {
    return status;
  }

  public String code() {
    return code;
  }

  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** Whether the same request may succeed later. */
  public boolean isPassing() {
    return "unreachable".equals(code) || status == 429 || status == 502 || status >= 503;
  }
}
