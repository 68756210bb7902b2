package org.pilothouse.twins;

import java.time.Instant;
import java.util.Optional;

/**
 * What a relationship means, and which rules its edges keep.
 *
 * @param label how it reads from the source, for example {@code feeds}
 * @param inverse how it reads from the target, for example {@code is fed by}
 * @param builtIn whether every pilot has it; it cannot be changed then
 * @param createdAt empty where it is built in
 */
public record RelationshipType(
    String id,
    Optional<String> label,
    Optional<String> inverse,
    Optional<String> description,
    Rules rules,
    boolean builtIn,
    long revision,
    Optional<Instant> createdAt,
    Optional<Instant> updatedAt) {

  /**
   * What its edges may never be.
   *
   * @param acyclic no twin reaches itself
   * @param singleSource no twin is the target of two
   */
  public record Rules(boolean acyclic, boolean singleSource) {}
}
