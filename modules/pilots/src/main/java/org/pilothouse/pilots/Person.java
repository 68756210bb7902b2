package org.pilothouse.pilots;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.pilothouse.kernel.PilotId;

/**
 * Somebody who signs in.
 *
 * @param pilot empty for the consortium's staff
 */
public record Person(
    String username,
    String displayName,
    Set<Role> roles,
    Optional<PilotId> pilot,
    boolean disabled,
    boolean totpEnrolled,
    long revision,
    Instant createdAt,
    Optional<Instant> lastSignInAt) {
  public Person {
    roles = Set.copyOf(roles);
  }
}
