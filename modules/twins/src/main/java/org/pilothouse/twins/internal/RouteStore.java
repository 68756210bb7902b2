package org.pilothouse.twins.internal;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.postgres.Database;

/** What the routing of telemetry reads and writes: twins as people know them, and its positions. */
final class RouteStore {
  private final Database database;
  private final StateStore twins;
  private final Positions positions;

  /**
   * @param reader under which the positions are kept
   */
  RouteStore(Database database, StateStore twins, String reader) {
    this.database = database;
    this.twins = twins;
    this.positions = new Positions(database, reader);
  }

  Positions positions() {
    return positions;
  }

  /** Without states. */
  Map<String, StateStore.Stored> read(PilotId pilot, Collection<String> asked) {
    Map<String, StateStore.Stored> stored = new HashMap<>(asked.size() * 2);
    if (asked.isEmpty()) {
      return stored;
    }
    return database.inPilot(
        pilot,
        transaction -> {
          transaction
              .createQuery(
                  // Row by row by their keys, as the reader that folds does.
                  "SELECT asked.twin, t.known IS NOT NULL, t.model, r.retired_at"
                      + " FROM unnest(:twins) AS asked (twin)"
                      + " LEFT JOIN LATERAL (SELECT true AS known, model FROM twins.twin"
                      + " WHERE pilot_id = :pilot AND twin_id = asked.twin LIMIT 1) t ON true"
                      + " LEFT JOIN LATERAL (SELECT retired_at FROM twins.retired"
                      + " WHERE pilot_id = :pilot AND twin_id = asked.twin LIMIT 1) r ON true")
              .bind("pilot", pilot.value())
              .bindArray("twins", String.class, List.copyOf(asked))
              .map((row, context) ->
                  Map.entry(
                      row.getString(1),
                      new StateStore.Stored(
                          row.getBoolean(2),
                          row.getString(3),
                          null,
                          StateStore.instant(row.getTimestamp(4)))))
              .forEach(entry -> stored.put(entry.getKey(), entry.getValue()));
          return stored;
        });
  }

  /**
   * Moves on, and makes the twins that are new, in one transaction.
   *
   * @param routed what the twins were taken for
   * @throws Problem {@code unavailable} when one of them was retired since: route again
   */
  void write(
      PilotId pilot,
      Partition partition,
      long position,
      long next,
      Map<String, StateStore.Stored> routed,
      List<String> created) {
    database.runAsPlatform(transaction -> {
      positions.moveOn(transaction, partition, position, next);
      if (routed.isEmpty()) {
        return;
      }
      Retirement.holdOff(transaction, pilot);
      StateStore.refuseIfRetired(
          transaction,
          pilot,
          routed.entrySet().stream()
              .map(each ->
                  new StateStore.Folded(
                      each.getKey(), ReportedState.empty(), null, each.getValue()))
              .toList());
      if (!created.isEmpty()) {
        twins.create(transaction, pilot, partition, created);
      }
    });
  }

  /** Says that the fold cannot be fed yet. */
  static Problem notYet() {
    return Problem.retry(
        org.pilothouse.kernel.ProblemCode.UNAVAILABLE,
        "The topics of the fold are not there yet.",
        Duration.ofSeconds(1));
  }
}
