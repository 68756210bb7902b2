package org.pilothouse.datasets;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether bytes at a pilot's own endpoint can be read when somebody wants them.
 *
 * @param detail for people; null where the state says it all
 * @param probedAt when it was looked at; null where that follows from a date, or nobody looked yet
 */
public record Replayability(State state, @Nullable String detail, @Nullable Instant probedAt) {
  /** In the order of what to mend first. */
  public enum State {
    /** Nobody has looked yet. */
    UNKNOWN,
    REACHABLE,
    /** The endpoint does not answer as it should. */
    UNREACHABLE,
    /** Their time is over, or the endpoint refuses them. */
    CREDENTIALS_EXPIRED,
    /** The endpoint may no longer be used. */
    AGREEMENT_ENDED,
    OBJECT_MISSING,
    /** There is another object of that key than the one that was verified. */
    OBJECT_CHANGED;

    /** As it stands in the API and in the store. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  public static Replayability of(String word, @Nullable String detail, @Nullable Instant probedAt) {
    return new Replayability(State.of(word), detail, probedAt);
  }
}
