package org.pilothouse.jobs;

import org.pilothouse.kernel.ProblemCode;

/** A job that cannot be done, however often it is tried. */
public final class JobFailed extends Exception {
  private static final long serialVersionUID = 1L;

  private final ProblemCode code;

  /**
   * @param detail for people; nothing of the inside
   */
  public JobFailed(ProblemCode code, String detail) {
    super(detail);
    this.code = code;
  }

  public ProblemCode code() {
    return code;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }
}
