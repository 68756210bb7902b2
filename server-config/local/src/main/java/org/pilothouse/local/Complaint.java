package org.pilothouse.local;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A failure a person can act on: what failed and why, what to do, and which log tells more. The
 * launcher prints it in at most two lines and never a stack trace.
 */
public final class Complaint extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final String remedy;
  private final transient @Nullable Path log;

  private Complaint(int exitCode, String what, String remedy, @Nullable Path log) {
    super(what);
    this.exitCode = exitCode;
    this.remedy = remedy;
    this.log = log;
  }

  public static Complaint of(String what, String remedy) {
    return new Complaint(1, what, remedy, null);
  }

  public static Complaint of(String what, String remedy, Path log) {
    return new Complaint(1, what, remedy, log);
  }

  public static Complaint usage(String what) {
    return new Complaint(2, what, "`./pilothouse help` lists the commands", null);
  }

  public int exitCode() {
    return exitCode;
  }

  public String render() {
    StringBuilder text = new StringBuilder("pilothouse: ").append(getMessage()).append('\n');
    text.append("  ").append(remedy);
    if (log != null) {
      text.append("; log: ").append(log);
    }
    return text.toString();
  }
}
