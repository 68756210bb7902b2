package org.pilothouse.pilots.rest;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Role;

/** Roles as words, and back. */
final class RoleWords {
  private RoleWords() {}

  static List<String> words(Set<Role> roles) {
    return roles.stream().sorted(Comparator.naturalOrder()).map(Role::word).toList();
  }

  /**
   * @throws Problem {@code invalid_value} when there is none, an unknown one, or one twice
   */
  static Set<Role> roles(List<String> words) {
    EnumSet<Role> roles = EnumSet.noneOf(Role.class);
    for (int i = 0; i < words.size(); i++) {
      String path = "/roles/" + i;
      Role role =
          Role.of(words.get(i))
              .orElseThrow(
                  () -> Problem.at(ProblemCode.INVALID_VALUE, path, "There is no such role."));
      if (!roles.add(role)) {
        throw Problem.at(ProblemCode.INVALID_VALUE, path, "The role is named twice.");
      }
    }
    if (roles.isEmpty()) {
      throw Problem.at(ProblemCode.INVALID_VALUE, "/roles", "At least one role is needed.");
    }
    return roles;
  }
}
