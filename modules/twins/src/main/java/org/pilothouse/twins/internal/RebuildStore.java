package org.pilothouse.twins.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.postgres.Database;

/**
 * A rebuild as its worker sees it: the states that grow aside, and how far. Every change asks first
 * whether the worker still holds the rebuild, so that one that was cancelled, or that another node
 * took over, is not touched.
 */
final class RebuildStore {
  /** A step takes a second; a node that says nothing for this long is taken for dead. */
  static final Duration LEASE = Duration.ofSeconds(30);

  /** Rows that one statement removes: about a second's work. */
  private static final int CLEARED_AT_ONCE = 20_000;

  /** States of 60 to 300 KiB. */
  private static final int LARGE_AT_ONCE = 50;

  private static final int LONGEST_ERROR = 500;

  private final Database database;
  private final Clock clock;
  private final String worker;

  RebuildStore(Database database, Clock clock, String worker) {
    this.database = database;
    this.clock = clock;
    this.worker = worker;
  }

  /** Where a rebuild is. */
  enum Stage {
    /** Nothing is folded yet. */
    PREPARING,
    /** It takes over what is known of telemetry that retention has removed. */
    BASE,
    /** It folds telemetry. */
    TELEMETRY
  }

  /** A rebuild that this worker holds. */
  record Claim(
      PilotId pilot,
      String id,
      boolean apply,
      String startedBy,
      Instant createdAt,
      Stage stage,
      @Nullable Instant removedUntil,
      int restarts,
      int failures) {}

  /** Of one partition: the first offset, the next one to read, and the one to read up to. */
  record Position(long begins, long position, long ends) {}

  /** What is to take the place of what was there of a twin. */
  record Base(String twin, ReportedState state, @Nullable Instant retiredAt) {}

  /** The rebuild was cancelled or is another worker's. */
  static final class Superseded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Superseded() {
      super("the rebuild is no longer this worker's", null, false, false);
    }
  }

  /** The next rebuild to work on: this worker's own, else one that nobody works on. */
  Optional<Claim> claim() {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "UPDATE twins.rebuild SET worker = :worker, leased_until = now() + :lease * interval '1 second'"
                    + " WHERE (pilot_id, rebuild_id) = (SELECT pilot_id, rebuild_id FROM twins.rebuild"
                    + " WHERE state = 'running' AND not_before <= now()"
                    + " AND (worker = :worker OR leased_until IS NULL OR leased_until < now())"
                    + " ORDER BY coalesce(worker = :worker, false) DESC, created_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
                    + " RETURNING pilot_id, rebuild_id, apply, started_by, created_at, stage, removed_until, restarts, failures")
            .bind("worker", worker)
            .bind("lease", LEASE.toSeconds())
            .map((row, context) -> claim(row))
            .findOne());
  }

  private static Claim claim(ResultSet row) throws SQLException {
    return new Claim(
        new PilotId(row.getString("pilot_id")),
        row.getString("rebuild_id"),
        row.getBoolean("apply"),
        row.getString("started_by"),
        row.getTimestamp("created_at").toInstant(),
        Stage.valueOf(row.getString("stage").toUpperCase(Locale.ROOT)),
        StateStore.instant(row.getTimestamp("removed_until")),
        row.getInt("restarts"),
        row.getInt("failures"));
  }

  /** Another node need not wait for the lease to run out. */
  void release() {
    database.runAsPlatform(transaction ->
        transaction.execute(
            "UPDATE twins.rebuild SET leased_until = NULL WHERE worker = ? AND state = 'running'",
            worker));
  }

  /**
   * Holds the rebuild until the commit.
   *
   * @throws Superseded when it is no longer this worker's
   */
  void hold(Handle transaction, Claim claim) {
    int held =
        transaction
            .createUpdate(
                "UPDATE twins.rebuild SET leased_until = now() + :lease * interval '1 second'"
                    + " WHERE pilot_id = :pilot AND rebuild_id = :id AND worker = :worker AND state = 'running'")
            .bind("lease", LEASE.toSeconds())
            .bind("pilot", claim.pilot().value())
            .bind("id", claim.id())
            .bind("worker", worker)
            .execute();
    if (held == 0) {
      throw new Superseded();
    }
  }

  /** Removes some of what it has folded; false when nothing was left. */
  boolean clear(Claim claim) {
    return database.asPlatform(transaction -> {
      hold(transaction, claim);
      return clear(transaction, claim.pilot().value(), claim.id()) > 0;
    });
  }

  private static int clear(Handle transaction, String pilot, String id) {
    return transaction.execute(
        "DELETE FROM twins.rebuilt_state WHERE ctid = ANY(ARRAY(SELECT ctid FROM twins.rebuilt_state"
            + " WHERE pilot_id = ? AND rebuild_id = ? LIMIT ?))",
        pilot,
        id,
        CLEARED_AT_ONCE);
  }

  /** Removes some of what ended rebuilds have left; false when nothing is left. */
  boolean clearEnded() {
    return database.asPlatform(transaction -> {
      var ended =
          transaction
              .createQuery(
                  "SELECT pilot_id, rebuild_id FROM twins.rebuild WHERE state <> 'running' AND NOT cleared"
                      + " ORDER BY ended_at LIMIT 1 FOR UPDATE SKIP LOCKED")
              .map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
              .findOne();
      if (ended.isEmpty()) {
        return false;
      }
      String pilot = ended.get().getKey();
      String id = ended.get().getValue();
      if (clear(transaction, pilot, id) == 0) {
        transaction.execute(
            "UPDATE twins.rebuild SET cleared = true WHERE pilot_id = ? AND rebuild_id = ?",
            pilot,
            id);
      }
      return true;
    });
  }

  /**
   * What there is to read is known from now on.
   *
   * @param removedUntil null where retention has removed nothing
   */
  void begin(Claim claim, Map<Partition, Position> positions, @Nullable Instant removedUntil) {
    database.runAsPlatform(transaction -> {
      hold(transaction, claim);
      insert(transaction, claim, positions);
      transaction
          .createUpdate(
              "UPDATE twins.rebuild SET stage = :stage, removed_until = :until"
                  + " WHERE pilot_id = :pilot AND rebuild_id = :id")
          .bind("stage", word(removedUntil == null ? Stage.TELEMETRY : Stage.BASE))
          .bind("until", removedUntil == null ? null : Timestamp.from(removedUntil))
          .bind("pilot", claim.pilot().value())
          .bind("id", claim.id())
          .execute();
    });
  }

  /** Partitions that a topic has grown by. */
  void add(Claim claim, Map<Partition, Position> positions) {
    database.runAsPlatform(transaction -> {
      hold(transaction, claim);
      insert(transaction, claim, positions);
    });
  }

  private static void insert(Handle transaction, Claim claim, Map<Partition, Position> positions) {
    positions.forEach((partition, position) ->
        transaction.execute(
            "INSERT INTO twins.rebuild_position (pilot_id, rebuild_id, topic, partition, begins, position, ends)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?)",
            claim.pilot().value(),
            claim.id(),
            partition.topic(),
            partition.number(),
            position.begins(),
            position.position(),
            position.ends()));
  }

  private static String word(Stage stage) {
    return stage.name().toLowerCase(Locale.ROOT);
  }

  SortedMap<Integer, Position> positions(Claim claim, String topic) {
    return database.inPilot(
        claim.pilot(),
        transaction -> {
          SortedMap<Integer, Position> positions = new TreeMap<>();
          transaction
              .createQuery(
                  "SELECT partition, begins, position, ends FROM twins.rebuild_position"
                      + " WHERE pilot_id = :pilot AND rebuild_id = :id AND topic = :topic")
              .bind("pilot", claim.pilot().value())
              .bind("id", claim.id())
              .bind("topic", topic)
              .map((row, context) ->
                  Map.entry(
                      row.getInt(1), new Position(row.getLong(2), row.getLong(3), row.getLong(4))))
              .forEach(entry -> positions.put(entry.getKey(), entry.getValue()));
          return positions;
        });
  }

  /** How far the reader of states has got. */
  SortedMap<Integer, Long> livePositions(PilotId pilot) {
    return database.asPlatform(transaction -> Digests.positions(transaction, pilot, ""));
  }

  /** What was rebuilt of twins so far, with what else the fold has to know of them. */
  Map<String, StateStore.Stored> read(Claim claim, Collection<String> twins) {
    return database.inPilot(
        claim.pilot(),
        transaction ->
            KnownTwins.read(
                transaction, claim.pilot(), twins, KnownTwins.States.rebuilt(claim.id())));
  }

  /**
   * Stores what was folded of a partition and moves on, in one transaction.
   *
   * @param to how far there is to read, as far as is known
   */
  void write(
      Claim claim,
      Partition partition,
      long position,
      long next,
      long to,
      List<StateStore.Folded> folded) {
    database.runAsPlatform(transaction -> {
      hold(transaction, claim);
      moveOn(transaction, claim, partition, position, next, to);
      Retirement.holdOff(transaction, claim.pilot());
      // As the reader, or it would never get to where that is; the swap waits for all of it.
      StateStore.doNotWaitForTheDisk(transaction);
      StateStore.refuseIfRetired(transaction, claim.pilot(), folded);
      put(transaction, claim, folded);
      gotOn(transaction, claim);
    });
  }

  private static void moveOn(
      Handle transaction, Claim claim, Partition partition, long position, long next, long to) {
    int moved =
        transaction.execute(
            "UPDATE twins.rebuild_position SET position = ?, ends = greatest(ends, ?)"
                + " WHERE pilot_id = ? AND rebuild_id = ? AND topic = ? AND partition = ? AND position = ?",
            next,
            to,
            claim.pilot().value(),
            claim.id(),
            partition.topic(),
            partition.number(),
            position);
    if (moved == 0) {
      throw new Superseded();
    }
  }

  /** Failures count as long as nothing is done in between. */
  private static void gotOn(Handle transaction, Claim claim) {
    transaction.execute(
        "UPDATE twins.rebuild SET failures = 0 WHERE pilot_id = ? AND rebuild_id = ? AND failures > 0",
        claim.pilot().value(),
        claim.id());
  }

  private static void put(Handle transaction, Claim claim, List<StateStore.Folded> folded) {
    int size = folded.size();
    List<String> twins = new ArrayList<>(size);
    List<String> properties = new ArrayList<>(size);
    List<@Nullable String> times = new ArrayList<>(size);
    List<@Nullable String> devices = new ArrayList<>(size);
    for (StateStore.Folded each : folded) {
      Instant reportedAt = each.state().reportedAt();
      twins.add(each.twin());
      properties.add(each.state().json());
      times.add(reportedAt == null ? null : reportedAt.toString());
      devices.add(each.device());
    }
    transaction
        .createUpdate(
            "INSERT INTO twins.rebuilt_state (pilot_id, twin_id, rebuild_id, properties, reported_at, device)"
                + " SELECT :pilot, twin, :id, properties, reported::timestamptz, device"
                + " FROM unnest(:twins, :properties, :times, :devices) AS folded (twin, properties, reported, device)"
                + " ON CONFLICT (pilot_id, twin_id, rebuild_id) DO UPDATE SET properties = excluded.properties,"
                + " reported_at = excluded.reported_at, device = coalesce(excluded.device, rebuilt_state.device)")
        .bind("pilot", claim.pilot().value())
        .bind("id", claim.id())
        .bindArray("twins", String.class, twins)
        .bindArray("properties", String.class, properties)
        .bindArray("times", String.class, times)
        .bindArray("devices", String.class, devices)
        .execute();
  }

  /** Stored states that are too large for the topic of states, with when the twin was retired. */
  void largeStates(Claim claim, int bytes, LargeStates each) {
    database.runAsPlatform(transaction -> {
      hold(transaction, claim);
      Retirement.holdOff(transaction, claim.pilot());
      List<StateStore.Folded> bases = new ArrayList<>();
      try (var rows =
          transaction
              .createQuery(
                  "SELECT s.twin_id, s.properties, s.device, r.retired_at FROM twins.state s"
                      + " LEFT JOIN twins.retired r USING (pilot_id, twin_id)"
                      + " WHERE s.pilot_id = :pilot AND octet_length(s.properties) > :bytes")
              .bind("pilot", claim.pilot().value())
              .bind("bytes", bytes)
              .setFetchSize(LARGE_AT_ONCE)
              .map((row, context) ->
                  new StateStore.Folded(
                      row.getString(1),
                      each.base(row.getString(2), StateStore.instant(row.getTimestamp(4))),
                      row.getString(3),
                      StateStore.Stored.NOTHING))
              .iterator()) {
        while (rows.hasNext()) {
          bases.add(rows.next());
          if (bases.size() == LARGE_AT_ONCE || !rows.hasNext()) {
            put(transaction, claim, bases);
            bases.clear();
          }
        }
      }
      transaction.execute(
          "UPDATE twins.rebuild SET stage = ? WHERE pilot_id = ? AND rebuild_id = ?",
          word(Stage.TELEMETRY),
          claim.pilot().value(),
          claim.id());
    });
  }

  /** What of a stored state counts. */
  @FunctionalInterface
  interface LargeStates {
    ReportedState base(String properties, @Nullable Instant retiredAt);
  }

  /** Begins from nothing once more. */
  void restart(Claim claim) {
    database.runAsPlatform(transaction -> {
      hold(transaction, claim);
      transaction.execute(
          "DELETE FROM twins.rebuild_position WHERE pilot_id = ? AND rebuild_id = ?",
          claim.pilot().value(),
          claim.id());
      transaction.execute(
          "UPDATE twins.rebuild SET stage = ?, removed_until = NULL, restarts = restarts + 1"
              + " WHERE pilot_id = ? AND rebuild_id = ?",
          word(Stage.PREPARING),
          claim.pilot().value(),
          claim.id());
    });
  }

  /** The next try comes after a pause. */
  void failed(Claim claim, Duration pause) {
    database.runAsPlatform(transaction ->
        transaction
            .createUpdate(
                "UPDATE twins.rebuild SET failures = failures + 1, not_before = now() + :pause * interval '1 second'"
                    + " WHERE pilot_id = :pilot AND rebuild_id = :id AND worker = :worker AND state = 'running'")
            .bind("pause", pause.toSeconds())
            .bind("pilot", claim.pilot().value())
            .bind("id", claim.id())
            .bind("worker", worker)
            .execute());
  }

  /** It cannot be done. */
  void fail(Claim claim, String error) {
    database.runAsPlatform(transaction ->
        transaction
            .createUpdate(
                "UPDATE twins.rebuild SET state = 'failed', ended_at = :now, error = :error"
                    + " WHERE pilot_id = :pilot AND rebuild_id = :id AND worker = :worker AND state = 'running'")
            .bind("now", Timestamp.from(clock.instant()))
            .bind("error", error.substring(0, Math.min(LONGEST_ERROR, error.length())))
            .bind("pilot", claim.pilot().value())
            .bind("id", claim.id())
            .bind("worker", worker)
            .execute());
  }

  /** It is done; in the transaction that put the states in place. */
  void succeed(Handle transaction, Claim claim, Swap.Outcome outcome) {
    transaction
        .createUpdate(
            "UPDATE twins.rebuild SET state = 'succeeded', ended_at = :now, twins = :twins, differing = :differing,"
                + " digest_before = :before, digest_after = :after WHERE pilot_id = :pilot AND rebuild_id = :id")
        .bind("now", Timestamp.from(clock.instant()))
        .bind("twins", outcome.twins())
        .bind("differing", outcome.differing())
        .bind("before", outcome.digestBefore())
        .bind("after", outcome.digestAfter())
        .bind("pilot", claim.pilot().value())
        .bind("id", claim.id())
        .execute();
  }

  /**
   * Keeps the reader of states where it is until the commit, in partitions too that it has not
   * begun with.
   *
   * @param begins the first offset of each partition
   * @return where it is
   */
  static SortedMap<Integer, Long> holdReader(
      Handle transaction, PilotId pilot, SortedMap<Integer, Long> begins) {
    begins.forEach((partition, offset) ->
        transaction.execute(
            "INSERT INTO twins.reader_position (reader, topic, partition, position) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT DO NOTHING",
            StateReader.NAME,
            TopicKind.TELEMETRY.of(pilot),
            partition,
            offset));
    return Digests.positions(transaction, pilot, "FOR UPDATE");
  }
}
