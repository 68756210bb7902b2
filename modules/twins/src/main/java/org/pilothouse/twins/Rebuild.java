package org.pilothouse.twins;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A rebuild of the states of a pilot's twins from the backbone.
 *
 * @param apply whether what is rebuilt takes the place of what is stored; otherwise the two are
 *     only compared
 * @param recordsRead of the backbone so far
 * @param recordsTotal as far as it is known
 * @param twins how many twins have a state, by the backbone
 * @param differing of how many twins the stored state was another one
 * @param digestBefore of the stored states
 * @param digestAfter of the rebuilt states
 */
public record Rebuild(
    String id,
    boolean apply,
    State state,
    String startedBy,
    Instant createdAt,
    Optional<Instant> endedAt,
    long recordsRead,
    long recordsTotal,
    OptionalLong twins,
    OptionalLong differing,
    Optional<String> digestBefore,
    Optional<String> digestAfter,
    Optional<String> error) {

  /** Where it is in its life. */
  public enum State {
    RUNNING,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
