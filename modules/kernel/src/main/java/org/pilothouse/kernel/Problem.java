package org.pilothouse.kernel;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An error with a stable code, thrown where a request cannot go on. What it says is shown to the
 * caller: the detail must not hold secrets, payloads or anything of the inside.
 */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ProblemCode code;
  private final @Nullable String path;
  private final @Nullable Duration retryAfter;

  private Problem(
      ProblemCode code,
      String detail,
      @Nullable String path,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(detail, cause);
    this.code = code;
    this.path = path;
    this.retryAfter = retryAfter;
  }

  public static Problem of(ProblemCode code, String detail) {
    return new Problem(code, detail, null, null, null);
  }

  /**
   * @param path where in the request, as an RFC 6901 JSON pointer or a parameter's name
   */
  public static Problem at(ProblemCode code, String path, String detail) {
    return new Problem(code, detail, path, null, null);
  }

  /**
   * @param retryAfter when to try again; sent as {@code Retry-After}, rounded up to whole seconds
   */
  public static Problem retry(ProblemCode code, String detail, Duration retryAfter) {
    return new Problem(code, detail, null, retryAfter, null);
  }

  public static Problem caused(ProblemCode code, String detail, Throwable cause) {
    return new Problem(code, detail, null, null, cause);
  }

  public ProblemCode code() {
    return code;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }

  public @Nullable String path() {
    return path;
  }

  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
