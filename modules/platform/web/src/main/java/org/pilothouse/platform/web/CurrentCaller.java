package org.pilothouse.platform.web;

import jakarta.enterprise.context.RequestScoped;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/**
 * The caller of the request at hand. A resource that goes on after its method returned (a stream)
 * takes {@link #get()} before that.
 */
@RequestScoped
public class CurrentCaller {
  private Caller caller = new Caller.Anonymous();

  public Caller get() {
    return caller;
  }

  /** The signed-in person; other callers are refused. */
  public Caller.Person person() {
    return switch (caller) {
      case Caller.Person person -> person;
      case Caller.Device device ->
          throw Problem.of(ProblemCode.FORBIDDEN, "This is for people, not for devices.");
      case Caller.Anonymous anonymous ->
          throw Problem.of(ProblemCode.UNAUTHENTICATED, "Sign in first.");
    };
  }

  /** The pilot of the path, as an id; a malformed one is not found rather than explained. */
  public static PilotId pilotOf(String path) {
    try {
      return new PilotId(path);
    } catch (Problem e) {
      throw Problem.of(ProblemCode.NOT_FOUND, "There is no such pilot.");
    }
  }

  void set(Caller caller) {
    this.caller = caller;
  }
}
