package org.pilothouse.jobs;

/** An attempt has to end now; whoever does the work lets it through. */
public final class JobStopped extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public JobStopped(String message) {
    super(message, null, false, false);
  }
}
