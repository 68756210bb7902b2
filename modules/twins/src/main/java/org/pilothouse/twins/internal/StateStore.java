package org.pilothouse.twins.internal;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.postgres.Database;

/** The folded states in PostgreSQL, with the positions up to which they are folded. */
final class StateStore {
  private final Database database;
  private final Positions positions;
  private final TwinFacts facts;
  private final Clock clock;

  StateStore(Database database, TwinFacts facts, Clock clock) {
    this.database = database;
    this.positions = new Positions(database, StateReader.NAME);
    this.facts = facts;
    this.clock = clock;
  }

  /**
   * What is stored of a twin.
   *
   * @param known whether there is such a twin
   * @param retiredAt when its last predecessor was retired
   */
  record Stored(
      boolean known,
      @Nullable String model,
      @Nullable String properties,
      @Nullable Instant retiredAt) {
    static final Stored NOTHING = new Stored(false, null, null, null);
  }

  /** What is to be stored of a twin. */
  record Folded(String twin, ReportedState state, @Nullable String device, Stored before) {}

  Positions positions() {
    return positions;
  }

  /**
   * What was read together.
   *
   * @param generation counts the rebuilds that changed states of the pilot
   */
  record Read(long generation, Map<String, Stored> states) {}

  Read read(PilotId pilot, Collection<String> twins) {
    return database.inPilot(
        pilot,
        transaction -> {
          // Before the states: a rebuild that comes in between is noticed, and the batch folded
          // again.
          long generation = generation(transaction, pilot);
          return new Read(
              generation, KnownTwins.read(transaction, pilot, twins, KnownTwins.States.STORED));
        });
  }

  private static long generation(Handle transaction, PilotId pilot) {
    return transaction
        .createQuery(
            "SELECT coalesce(max(generation), 0) FROM twins.state_generation WHERE pilot_id = :pilot")
        .bind("pilot", pilot.value())
        .mapTo(Long.class)
        .one();
  }

  /** To the readers, every state of the pilot is another one from now on. */
  static void nextGeneration(Handle transaction, PilotId pilot) {
    transaction.execute(
        "INSERT INTO twins.state_generation (pilot_id, generation) VALUES (?, 1)"
            + " ON CONFLICT (pilot_id) DO UPDATE SET generation = state_generation.generation + 1",
        pilot.value());
  }

  /**
   * Stores what was folded and moves on, in one transaction.
   *
   * @param generation of the states that were folded upon
   * @throws Problem {@code unavailable} when a twin was retired, or states were rebuilt, since they
   *     were read: fold again
   */
  void write(
      PilotId pilot,
      Partition partition,
      long position,
      long next,
      long generation,
      List<Folded> folded) {
    database.runAsPlatform(transaction -> {
      // A rebuild holds the position until its states are in place, so here it is over or still
      // waits.
      positions.moveOn(transaction, partition, position, next);
      if (generation(transaction, pilot) != generation) {
        throw Problem.retry(
            ProblemCode.UNAVAILABLE, "The states were rebuilt meanwhile.", Duration.ofMillis(100));
      }
      if (folded.isEmpty()) {
        return;
      }
      Retirement.holdOff(transaction, pilot);
      refuseIfRetired(transaction, pilot, folded);
      upsert(transaction, pilot, folded);
      List<String> unknown =
          folded.stream()
              .filter(each -> !each.before().known())
              .map(Folded::twin)
              .sorted()
              .toList();
      if (unknown.isEmpty()) {
        doNotWaitForTheDisk(transaction);
      } else {
        create(transaction, pilot, partition, unknown);
      }
    });
  }

  /**
   * What PostgreSQL had not yet written when it died is lost with the position that goes with it,
   * and folded again. Not where facts are told of: the relay may have been faster, and they would
   * go out again as others.
   */
  static void doNotWaitForTheDisk(Handle transaction) {
    transaction.execute("SET LOCAL synchronous_commit TO off");
  }

  static void refuseIfRetired(Handle transaction, PilotId pilot, List<Folded> folded) {
    Map<String, Instant> retired = new HashMap<>();
    transaction
        .createQuery(
            "SELECT twin_id, retired_at FROM twins.retired WHERE pilot_id = :pilot AND twin_id = ANY(:twins)")
        .bind("pilot", pilot.value())
        .bindArray("twins", String.class, folded.stream().map(Folded::twin).toList())
        .map((row, context) -> Map.entry(row.getString(1), row.getTimestamp(2).toInstant()))
        .forEach(entry -> retired.put(entry.getKey(), entry.getValue()));
    for (Folded each : folded) {
      if (!Objects.equals(retired.get(each.twin()), each.before().retiredAt())) {
        throw Problem.retry(
            ProblemCode.UNAVAILABLE, "A twin was retired meanwhile.", Duration.ofMillis(100));
      }
    }
  }

  private static void upsert(Handle transaction, PilotId pilot, List<Folded> folded) {
    List<String> twins = new ArrayList<>(folded.size());
    List<String> properties = new ArrayList<>(folded.size());
    List<String> times = new ArrayList<>(folded.size());
    List<@Nullable String> devices = new ArrayList<>(folded.size());
    for (Folded each : inOrderOfKeys(folded)) {
      Instant reportedAt = each.state().reportedAt();
      if (reportedAt != null) {
        twins.add(each.twin());
        properties.add(each.state().json());
        times.add(reportedAt.toString());
        devices.add(each.device());
      }
    }
    transaction
        .createUpdate(
            "INSERT INTO twins.state (pilot_id, twin_id, properties, reported_at, device)"
                + " SELECT :pilot, twin, properties, reported::timestamptz, device"
                + " FROM unnest(:twins, :properties, :times, :devices) AS folded (twin, properties, reported, device)"
                + " ON CONFLICT (pilot_id, twin_id) DO UPDATE SET properties = excluded.properties,"
                + " reported_at = excluded.reported_at, device = coalesce(excluded.device, state.device)")
        .bind("pilot", pilot.value())
        .bindArray("twins", String.class, twins)
        .bindArray("properties", String.class, properties)
        .bindArray("times", String.class, times)
        .bindArray("devices", String.class, devices)
        .execute();
  }

  /** Neighbours in the index are written one after the other. */
  private static List<Folded> inOrderOfKeys(List<Folded> folded) {
    return folded.stream().sorted(Comparator.comparing(Folded::twin)).toList();
  }

  /** Those that are not there yet. */
  void create(Handle transaction, PilotId pilot, Partition partition, List<String> twins) {
    Instant now = clock.instant();
    List<String> created =
        transaction
            .createQuery(
                "INSERT INTO twins.twin (pilot_id, twin_id, revision, created_at, updated_at)"
                    + " SELECT :pilot, twin, 1, :now, :now FROM unnest(:twins) AS seen (twin)"
                    + " ON CONFLICT (pilot_id, twin_id) DO NOTHING RETURNING twin_id")
            .bind("pilot", pilot.value())
            .bind("now", Timestamp.from(now))
            .bindArray("twins", String.class, twins)
            .mapTo(String.class)
            .list();
    facts.seen(transaction, pilot, partition, created);
  }

  static @Nullable Instant instant(@Nullable Timestamp timestamp) {
    return timestamp == null ? null : timestamp.toInstant();
  }
}
