package org.pilothouse.pilots;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/** Reads the trail and checks it. */
public interface AuditReader {
  /**
   * Newest first.
   *
   * @param scope the pilot whose part is seen; empty sees all
   * @param before only entries with a smaller number
   */
  List<Entry> list(Optional<PilotId> scope, Filter filter, Optional<Long> before, int limit);

  /** Reads the whole chain, in bounded memory. */
  Verdict verify();

  /** What entries are wanted; times are half-open, {@code from} included. */
  record Filter(
      Optional<PilotId> pilot,
      Optional<String> actor,
      Optional<String> action,
      Optional<Instant> from,
      Optional<Instant> to) {}

  /**
   * @param hash SHA-256, in hex
   */
  record Entry(
      long sequence,
      Instant time,
      String actor,
      @Nullable String pilot,
      String action,
      @Nullable String resource,
      String outcome,
      Map<String, String> detail,
      String hash) {
    public Entry {
      detail = Map.copyOf(detail);
    }
  }

  /**
   * @param head the newest entry's hash; null when there is none
   * @param brokenAt the first number whose entry does not follow from the one before
   */
  record Verdict(boolean intact, long entries, @Nullable String head, @Nullable Long brokenAt) {}
}
