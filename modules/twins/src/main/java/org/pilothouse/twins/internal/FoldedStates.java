package org.pilothouse.twins.internal;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jdbi.v3.core.result.ResultIterator;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.fold.KeyedFold;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.twins.Twin;

/**
 * The reported states, where the backbone alone keeps them. A state from before the twin was
 * retired may still be there until the twin reports again: it is nobody's.
 */
final class FoldedStates {
  private static final Duration SETTLING = Duration.ofSeconds(10);
  private static final int FETCHED_AT_ONCE = 500;

  private final KeyedFold fold;
  private final Database database;
  private final String reader;

  /**
   * @param reader under which the positions of the routing are kept
   */
  FoldedStates(KeyedFold fold, Database database, String reader) {
    this.fold = fold;
    this.database = database;
    this.reader = reader;
  }

  /** The twin with what it reported since its predecessor was retired. */
  Twin reported(PilotId pilot, Twin twin, @Nullable Instant retiredAt) {
    Optional<StateEntry> entry = find(pilot, twin.id().value(), retiredAt);
    return new Twin(
        twin.id(),
        twin.model(),
        twin.attributes(),
        twin.desired(),
        entry.map(StateEntry::properties).orElse("{}"),
        twin.revision(),
        twin.createdAt(),
        twin.updatedAt(),
        entry.map(StateEntry::reportedAt));
  }

  /** Who reported for it last. */
  Optional<String> device(PilotId pilot, String twin) {
    Optional<Instant> retiredAt =
        database.inPilot(
            pilot,
            transaction ->
                transaction
                    .createQuery(
                        "SELECT retired_at FROM twins.retired WHERE pilot_id = :pilot AND twin_id = :twin")
                    .bind("pilot", pilot.value())
                    .bind("twin", twin)
                    .mapTo(Timestamp.class)
                    .findOne()
                    .map(Timestamp::toInstant));
    return find(pilot, twin, retiredAt.orElse(null))
        .flatMap(entry -> Optional.ofNullable(entry.device()));
  }

  private Optional<StateEntry> find(PilotId pilot, String twin, @Nullable Instant retiredAt) {
    return fold.get(Routed.prefix(pilot) + twin)
        .map(StateEntry::of)
        .filter(entry -> java.util.Objects.equals(entry.retiredAt(), retiredAt));
  }

  /**
   * Of all the pilot's states, with at least everything before the positions in them: of exactly
   * that while nothing comes in.
   */
  Digests.Digest digest(PilotId pilot) {
    SortedMap<Integer, Long> positions =
        database.asPlatform(transaction -> Digests.positions(transaction, pilot, reader, ""));
    fold.settle(SETTLING);
    return database.inPilot(
        pilot,
        transaction -> {
          StateDigest digest = new StateDigest();
          try (ResultIterator<Map.Entry<String, Instant>> retired =
                  transaction
                      .createQuery(
                          "SELECT twin_id, retired_at FROM twins.retired WHERE pilot_id = :pilot"
                              + " ORDER BY twin_id COLLATE \"C\"")
                      .bind("pilot", pilot.value())
                      .setFetchSize(FETCHED_AT_ONCE)
                      .map((row, context) ->
                          Map.entry(row.getString(1), row.getTimestamp(2).toInstant()))
                      .iterator();
              KeyedFold.Entries entries = fold.startingWith(Routed.prefix(pilot))) {
            add(digest, entries, Routed.prefix(pilot).length(), retired);
          }
          return new Digests.Digest(digest.twins(), digest.end(), positions);
        });
  }

  /** Both are in the order of the ids' bytes; ids are ASCII. */
  private static void add(
      StateDigest digest,
      KeyedFold.Entries entries,
      int prefix,
      Iterator<Map.Entry<String, Instant>> retired) {
    Map.Entry<String, Instant> next = retired.hasNext() ? retired.next() : null;
    while (entries.next()) {
      String twin = entries.key().substring(prefix);
      while (next != null && next.getKey().compareTo(twin) < 0) {
        next = retired.hasNext() ? retired.next() : null;
      }
      Instant retiredAt = next != null && next.getKey().equals(twin) ? next.getValue() : null;
      StateEntry entry = StateEntry.of(entries.value());
      if (java.util.Objects.equals(entry.retiredAt(), retiredAt)) {
        digest.add(twin, entry.properties());
      }
    }
  }
}
