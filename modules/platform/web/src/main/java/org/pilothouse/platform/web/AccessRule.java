package org.pilothouse.platform.web;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/**
 * The decision of {@link Access}, without a server around it. Another tenant's resource is not
 * found, so that nobody learns what exists elsewhere.
 */
public record AccessRule(Access.Scope scope, Set<String> roles, boolean beforeEnrolment) {
  public AccessRule {
    roles = Set.copyOf(roles);
  }

  static AccessRule of(Access access) {
    return new AccessRule(access.scope(), Set.of(access.roles()), access.beforeEnrolment());
  }

  /**
   * @param pathPilot the pilot that the path names
   * @throws Problem when the caller may not
   */
  public void check(Caller caller, @Nullable String pathPilot) {
    switch (scope) {
      case PUBLIC, INTERNAL -> {}
      case PERSON -> checkRole(person(caller));
      case PLATFORM -> {
        Caller.Person person = person(caller);
        if (person.pilot() != null) {
          throw forbidden();
        }
        checkRole(person);
      }
      case PILOT -> checkPilot(person(caller), pathPilot);
      case DEVICE -> {
        if (caller instanceof Caller.Device device) {
          if (!device.pilot().value().equals(pathPilot)) {
            throw notFound();
          }
        } else {
          checkPilot(person(caller), pathPilot);
        }
      }
    }
  }

  private void checkPilot(Caller.Person person, @Nullable String pathPilot) {
    if (person.pilot() != null && !person.pilot().value().equals(pathPilot)) {
      throw notFound();
    }
    // Staff have no pilot: without a role that is named they see none.
    if (person.pilot() == null && roles.isEmpty()) {
      throw forbidden();
    }
    checkRole(person);
  }

  private void checkRole(Caller.Person person) {
    if (person.mustEnrol() && !beforeEnrolment) {
      throw Problem.of(
          ProblemCode.FORBIDDEN, "The role needs a one-time-code generator: enrol one first.");
    }
    if (!roles.isEmpty() && !person.hasAnyRole(roles)) {
      throw forbidden();
    }
  }

  private static Caller.Person person(Caller caller) {
    return switch (caller) {
      case Caller.Person person -> person;
      case Caller.Device device -> throw forbidden();
      case Caller.Anonymous anonymous ->
          throw Problem.of(ProblemCode.UNAUTHENTICATED, "The request carries no credential.");
    };
  }

  private static Problem forbidden() {
    return Problem.of(ProblemCode.FORBIDDEN, "The credential does not allow this operation.");
  }

  private static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such thing.");
  }
}
