package org.pilothouse.twins.internal;

import java.time.Duration;
import java.util.Collection;
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
    return database.inPilot(pilot, transaction -> KnownTwins.read(transaction, pilot, asked));
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
