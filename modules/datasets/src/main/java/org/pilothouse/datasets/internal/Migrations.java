package org.pilothouse.datasets.internal;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.Site;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotStorage;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;

/**
 * Changes of pilots' storage models: what one would do, how far one is, and what people may do
 * about it. The work is that of {@link Mover} and {@link Switchover}.
 */
public final class Migrations {
  /** While one is, there is no other of the pilot. */
  static final String UNDER_WAY = "state IN ('copying', 'paused', 'cancelling', 'switching')";

  private static final int MOST_LISTED = 50;
  private static final int MOST_TOLD = 50;
  private static final int SAMPLE = 4 << 20;

  private final Database database;
  private final Sites sites;
  private final Stores stores;
  private final Quotas quotas;
  private final PilotStorage storage;
  private final AuditTrail trail;
  private final EventIds ids;

  Migrations(
      Database database,
      Sites sites,
      Stores stores,
      Quotas quotas,
      PilotStorage storage,
      AuditTrail trail,
      EventIds ids) {
    this.database = database;
    this.sites = sites;
    this.stores = stores;
    this.quotas = quotas;
    this.storage = storage;
    this.trail = trail;
    this.ids = ids;
  }

  /** The model to be. */
  public enum Target {
    CENTRALIZED,
    FEDERATED;

    /** As it stands in the API and in the store. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Target> of(String word) {
      for (Target target : values()) {
        if (target.word().equals(word)) {
          return Optional.of(target);
        }
      }
      return Optional.empty();
    }
  }

  /** Where a migration is. */
  public enum State {
    /** Datasets are copied and read back; nobody outside can see anything of it. */
    COPYING,
    PAUSED,
    /** What was copied is removed again. */
    CANCELLING,
    /** The model is the other one; datasets follow, some hundred at a time. */
    SWITCHING,
    /** All are at the new place; old bytes go when their grace time is over. */
    REMOVING,
    DONE,
    CANCELLED;

    /** As it stands in the API and in the store. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What a migration is about. */
  record Head(PilotId pilot, String id, Target target, String siteBucket) {}

  /**
   * What a migration would do.
   *
   * @param stay datasets that are not moved: copies that were asked for, and quarantined ones
   * @param uploads that go on at the old place and are moved when they are verified
   * @param quotaBytes that would count against the quota in addition
   * @param blockers what keeps it from beginning
   * @param seconds that it would take, from what a sample took; null where none could be taken
   */
  public record Plan(
      Target target,
      String model,
      long datasets,
      long bytes,
      long stay,
      long uploads,
      long quotaBytes,
      long quotaLeft,
      List<Problem> blockers,
      @Nullable Long seconds) {}

  /** A dataset that is being moved. */
  public record Current(DatasetId dataset, String name, long size, long copied, long verified) {}

  /** A dataset that could not be moved, or not yet. */
  public record Trouble(
      DatasetId dataset, String name, boolean given, int failures, String code, String detail) {}

  /**
   * How far a migration is.
   *
   * @param datasets that it moves
   * @param copied that were copied and read back
   * @param copiedBytes also of those that are under way
   * @param verifiedBytes also of those that are under way
   * @param switched that the catalogue names at the new place
   * @param failed that were given up, until somebody says otherwise
   * @param cleared whose old bytes are gone or stay for good
   * @param uploads at the old place that are waited for
   */
  public record Progress(
      long datasets,
      long bytes,
      long copied,
      long copiedBytes,
      long verifiedBytes,
      long switched,
      long failed,
      long cleared,
      long uploads) {}

  /** A migration as it stands. */
  public record Migration(
      String id,
      Target target,
      State state,
      Instant createdAt,
      String createdBy,
      @Nullable Instant switchedAt,
      @Nullable Instant endedAt,
      Instant now,
      Progress progress,
      List<Current> current,
      List<Trouble> troubles) {}

  /** Writes a sample at the pilot's endpoint to see whether it can be written. */
  public Plan plan(PilotId pilot, Target target) {
    Plan counted = database.inPilot(pilot, transaction -> count(transaction, pilot, target));
    List<Problem> blockers = new ArrayList<>(counted.blockers());
    Optional<Site> site = sites.find(pilot);
    if (site.isEmpty() && (target == Target.FEDERATED || counted.datasets() > 0)) {
      blockers.add(
          Problem.of(
              ProblemCode.CONFLICT,
              "The pilot has no endpoint of its own yet: PUT …/storage/site sets it."));
    }
    if (target == Target.FEDERATED && site.isPresent() && !site.get().takesUploads()) {
      blockers.add(
          Problem.of(
              ProblemCode.NOT_WRITABLE,
              "The pilot's endpoint takes no uploads: set takes_uploads, with credentials that may"
                  + " write."));
    }
    Long seconds = null;
    if (blockers.isEmpty()) {
      try {
        seconds = estimate(pilot, counted, site);
      } catch (Problem e) {
        blockers.add(e);
      }
    }
    return new Plan(
        target,
        counted.model(),
        counted.datasets(),
        counted.bytes(),
        counted.stay(),
        counted.uploads(),
        counted.quotaBytes(),
        counted.quotaLeft(),
        List.copyOf(blockers),
        seconds);
  }

  private Plan count(Handle transaction, PilotId pilot, Target target) {
    String model =
        switch (storage.of(transaction, pilot)) {
          case Pilot.Storage.Centralized centralized -> Target.CENTRALIZED.word();
          case Pilot.Storage.Federated federated -> Target.FEDERATED.word();
        };
    Quotas.Usage usage = quotas.of(transaction, pilot);
    long left = Math.max(0, usage.quota().bytes() - usage.used().bytes());
    return transaction
        .createQuery(
            "SELECT count(*) FILTER (WHERE here AND movable) AS datasets, coalesce(sum(size) FILTER"
                + " (WHERE here AND movable), 0) AS bytes, count(*) FILTER (WHERE here AND movable"
                + " AND part > :part) AS large, count(*) FILTER (WHERE here AND under_way) AS"
                + " uploads, count(*) FILTER (WHERE stays) AS stay, coalesce(sum(size) FILTER"
                + " (WHERE here AND movable AND registered), 0) AS quota FROM (SELECT d.size_bytes"
                + " AS size, d.part_size AS part, "
                + Moves.atOldPlace(target)
                + " AS here, "
                + Moves.MOVABLE
                + " AS movable, d.state IN ('uploading', 'verifying') AS under_way, d.site_bucket"
                + " IS NOT NULL AND NOT d.site_written AS registered, (d.state = 'quarantined' AND"
                + " d.site_bucket IS "
                + (target == Target.FEDERATED ? "" : "NOT ")
                + "NULL) OR (d.state = 'available' AND d.site_bucket IS NULL AND :federated AND NOT ("
                + Moves.atOldPlace(target)
                + ")) AS stays FROM datasets.dataset d WHERE d.pilot_id = :pilot AND d.state <>"
                + " 'deleted') AS all_of_them")
        .bind("pilot", pilot.value())
        .bind("part", Curations.LARGEST_PART)
        .bind("federated", target == Target.FEDERATED)
        .map((row, context) -> {
          long needed = target == Target.CENTRALIZED ? row.getLong("quota") : 0;
          List<Problem> blockers = new ArrayList<>();
          underWay(transaction, pilot).ifPresent(id -> blockers.add(already(id)));
          if (row.getLong("datasets") == 0 && model.equals(target.word())) {
            blockers.add(
                Problem.of(
                    ProblemCode.CONFLICT,
                    "The pilot's storage is " + model + ", and nothing is left to be moved."));
          }
          if (row.getLong("large") > 0) {
            blockers.add(
                Problem.of(
                    ProblemCode.CONFLICT,
                    row.getLong("large")
                        + " datasets are larger than 625 GiB and cannot be moved."));
          }
          if (needed > left) {
            blockers.add(
                Problem.of(
                    ProblemCode.LIMIT_REACHED,
                    "The copies have "
                        + needed
                        + " bytes that would count, the quota has room for "
                        + left
                        + "."));
          }
          return new Plan(
              target,
              model,
              row.getLong("datasets"),
              row.getLong("bytes"),
              row.getLong("stay"),
              row.getLong("uploads"),
              needed,
              left,
              blockers,
              null);
        })
        .one();
  }

  private static Problem already(String id) {
    return Problem.of(ProblemCode.CONFLICT, "Migration " + id + " of the pilot is under way.");
  }

  private static Optional<String> underWay(Handle transaction, PilotId pilot) {
    return transaction
        .createQuery(
            "SELECT migration_id FROM datasets.migration WHERE pilot_id = :pilot AND " + UNDER_WAY)
        .bind("pilot", pilot.value())
        .mapTo(String.class)
        .findOne();
  }

  /** All bytes are read where they are, written at the other place and read back there. */
  private @Nullable Long estimate(PilotId pilot, Plan counted, Optional<Site> site) {
    ObjectStore centre = stores.centre();
    if (site.isEmpty()) {
      return 0L;
    }
    ObjectStore own = stores.of(site.get());
    boolean outwards = counted.target() == Target.FEDERATED;
    String prefix = outwards ? Stores.OWN_PREFIX : "";
    Trial.Taken written =
        new Trial(outwards ? own : centre, prefix + pilot + "/trial/" + ids.next())
            .run(counted.datasets() == 0 ? 1 : SAMPLE);
    if (counted.datasets() == 0) {
      return 0L;
    }
    double read = readingSeconds(pilot, counted.target(), outwards ? centre : own);
    double perByte = (written.seconds() + read) / SAMPLE;
    return (long) Math.ceil(counted.bytes() * perByte);
  }

  /** Of a sample's length of bytes that are there. */
  private double readingSeconds(PilotId pilot, Target target, ObjectStore from) {
    Optional<Dataset> largest =
        database.inPilot(
            pilot,
            transaction ->
                transaction
                    .createQuery(
                        "SELECT "
                            + DatasetRows.COLUMNS
                            + " FROM datasets.dataset d WHERE d.pilot_id = :pilot AND "
                            + Moves.atOldPlace(target)
                            + " AND d.state = 'available' ORDER BY d.size_bytes DESC LIMIT 1")
                    .bind("pilot", pilot.value())
                    .map((row, context) -> DatasetRows.read(row))
                    .findOne());
    if (largest.isEmpty() || largest.get().size() == 0) {
      from.reach();
      return 0;
    }
    long begun = System.nanoTime();
    int count = 0;
    Optional<InputStream> opened = from.open(largest.get().key(), 0);
    if (opened.isEmpty()) {
      // One that is gone is told of when it is moved; it may be moved back to what still stands.
      return 0;
    }
    try (InputStream in = opened.get()) {
      count = in.readNBytes(SAMPLE).length;
    } catch (IOException e) {
      throw Problem.caused(
          ProblemCode.ENDPOINT_UNREACHABLE, "An object breaks off while it is read.", e);
    }
    return (System.nanoTime() - begun) / 1e9 * SAMPLE / Math.max(1, count);
  }

  /**
   * Has the pilot's datasets moved, and its model changed when all are there.
   *
   * @throws Problem the first of what the plan names
   */
  public Migration begin(Caller caller, PilotId pilot, Target target) {
    Plan plan = plan(pilot, target);
    if (!plan.blockers().isEmpty()) {
      throw plan.blockers().getFirst();
    }
    String id = ids.next().toString();
    database.runInPilot(
        pilot,
        transaction -> {
          // A pilot without datasets needs no endpoint to become centralized.
          String bucket = Sites.find(transaction, pilot, true).map(Site::bucket).orElse("none");
          int inserted =
              transaction
                  .createUpdate(
                      "INSERT INTO datasets.migration (pilot_id, migration_id, target, site_bucket,"
                          + " state, created_at, created_by) VALUES (:pilot, :id, :target,"
                          + " :bucket, 'copying', now(), :actor) ON CONFLICT (pilot_id) WHERE "
                          + UNDER_WAY
                          + " DO NOTHING")
                  .bind("pilot", pilot.value())
                  .bind("id", id)
                  .bind("target", target.word())
                  .bind("bucket", bucket)
                  .bind("actor", caller.actor())
                  .execute();
          if (inserted == 0) {
            throw Problem.of(ProblemCode.CONFLICT, "Somebody has just begun a migration.");
          }
          Moves.seed(transaction, new Head(pilot, id, target, bucket));
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "storage.migrate", resource(pilot, id))
                  .with(
                      Map.of(
                          "target", target.word(),
                          "datasets", Long.toString(plan.datasets()),
                          "bytes", Long.toString(plan.bytes()))));
        });
    return require(pilot, id);
  }

  static String resource(PilotId pilot, String id) {
    return "migration:" + pilot + "/" + id;
  }

  /** The newest first. */
  public List<Migration> list(PilotId pilot) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT migration_id FROM datasets.migration WHERE pilot_id = :pilot ORDER BY"
                        + " created_at DESC, migration_id DESC LIMIT :most")
                .bind("pilot", pilot.value())
                .bind("most", MOST_LISTED)
                .mapTo(String.class)
                .stream()
                .flatMap(id -> find(transaction, pilot, id).stream())
                .toList());
  }

  /**
   * @throws Problem {@code not_found}
   */
  public Migration require(PilotId pilot, String id) {
    return database
        .inPilot(pilot, transaction -> find(transaction, pilot, id))
        .orElseThrow(Migrations::notFound);
  }

  private static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such migration.");
  }

  private static Optional<Migration> find(Handle transaction, PilotId pilot, String id) {
    return transaction
        .createQuery(
            "SELECT target, state, created_at, created_by, switched_at, ended_at, now() AS now FROM"
                + " datasets.migration WHERE pilot_id = :pilot AND migration_id = :id")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .map((row, context) -> {
          Target target = Target.of(row.getString("target")).orElseThrow();
          return new Migration(
              id,
              target,
              State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
              DatasetRows.instant(row, "created_at"),
              row.getString("created_by"),
              DatasetRows.optionalInstant(row, "switched_at"),
              DatasetRows.optionalInstant(row, "ended_at"),
              DatasetRows.instant(row, "now"),
              progress(transaction, pilot, id, target),
              current(transaction, pilot, id),
              troubles(transaction, pilot, id));
        })
        .findOne();
  }

  private static Progress progress(Handle transaction, PilotId pilot, String id, Target target) {
    return transaction
        .createQuery(
            "SELECT count(*) AS datasets, coalesce(sum(size_bytes), 0) AS bytes, count(*) FILTER"
                + " (WHERE state NOT IN ('waiting', 'failed')) AS copied, coalesce(sum(CASE WHEN"
                + " state IN ('waiting', 'failed') THEN copied_bytes ELSE size_bytes END), 0) AS"
                + " copied_bytes, coalesce(sum(CASE WHEN state IN ('waiting', 'failed') THEN"
                + " verified_bytes ELSE size_bytes END), 0) AS verified_bytes, count(*) FILTER"
                + " (WHERE state NOT IN ('waiting', 'failed', 'copied')) AS switched, count(*)"
                + " FILTER (WHERE state = 'failed') AS failed, count(*) FILTER (WHERE state IN"
                + " ('removed', 'left', 'kept')) AS cleared, (SELECT count(*) FROM"
                + " datasets.dataset d WHERE d.pilot_id = :pilot AND d.state IN ('uploading',"
                + " 'verifying') AND "
                + Moves.atOldPlace(target)
                + ") AS uploads FROM datasets.move WHERE pilot_id = :pilot AND migration_id = :id"
                + " AND state NOT IN ('dropping', 'dropped')")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .map((row, context) ->
            new Progress(
                row.getLong("datasets"),
                row.getLong("bytes"),
                row.getLong("copied"),
                row.getLong("copied_bytes"),
                row.getLong("verified_bytes"),
                row.getLong("switched"),
                row.getLong("failed"),
                row.getLong("cleared"),
                row.getLong("uploads")))
        .one();
  }

  private static List<Current> current(Handle transaction, PilotId pilot, String id) {
    return transaction
        .createQuery(
            "SELECT m.dataset_id, d.name, m.size_bytes, m.copied_bytes, m.verified_bytes FROM"
                + " datasets.move m JOIN datasets.dataset d ON d.pilot_id = m.pilot_id AND"
                + " d.dataset_id = m.dataset_id WHERE m.pilot_id = :pilot AND m.migration_id = :id"
                + " AND m.state = 'waiting' AND m.lease_until > now() ORDER BY m.dataset_id LIMIT"
                + " :most")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .bind("most", MOST_TOLD)
        .map((row, context) ->
            new Current(
                new DatasetId(row.getString("dataset_id")),
                row.getString("name"),
                row.getLong("size_bytes"),
                row.getLong("copied_bytes"),
                row.getLong("verified_bytes")))
        .list();
  }

  private static List<Trouble> troubles(Handle transaction, PilotId pilot, String id) {
    return transaction
        .createQuery(
            "SELECT m.dataset_id, d.name, m.state = 'failed' AS given, m.failures, m.code, m.detail"
                + " FROM datasets.move m JOIN datasets.dataset d ON d.pilot_id = m.pilot_id AND"
                + " d.dataset_id = m.dataset_id WHERE m.pilot_id = :pilot AND m.migration_id = :id"
                + " AND m.code IS NOT NULL AND m.state IN ('waiting', 'failed', 'switched',"
                + " 'removing', 'left', 'dropping') ORDER BY given DESC, m.dataset_id LIMIT :most")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .bind("most", MOST_TOLD)
        .map((row, context) ->
            new Trouble(
                new DatasetId(row.getString("dataset_id")),
                row.getString("name"),
                row.getBoolean("given"),
                row.getInt("failures"),
                row.getString("code"),
                String.valueOf(row.getString("detail"))))
        .list();
  }

  /**
   * Nothing more is copied until it is resumed; what was copied stays.
   *
   * @throws Problem {@code not_found}, {@code conflict}
   */
  public Migration pause(Caller caller, PilotId pilot, String id) {
    return turn(
        caller,
        pilot,
        id,
        "pause",
        Set.of(State.COPYING, State.PAUSED),
        State.PAUSED,
        "UPDATE datasets.move SET lease = lease + 1, lease_until = NULL WHERE pilot_id = :pilot AND"
            + " migration_id = :id AND state = 'waiting'");
  }

  /**
   * Goes on where it was, with what was given up too.
   *
   * @throws Problem {@code not_found}, {@code conflict}
   */
  public Migration resume(Caller caller, PilotId pilot, String id) {
    State now = require(pilot, id).state();
    return turn(
        caller,
        pilot,
        id,
        "resume",
        Set.of(State.COPYING, State.PAUSED, State.SWITCHING),
        now == State.SWITCHING ? State.SWITCHING : State.COPYING,
        "UPDATE datasets.move SET state = 'waiting', failures = 0, move_after = NULL WHERE pilot_id"
            + " = :pilot AND migration_id = :id AND (state = 'failed' OR (state = 'waiting' AND"
            + " move_after IS NOT NULL))");
  }

  /**
   * Removes what was copied; all stays where it is. Not after the switch.
   *
   * @throws Problem {@code not_found}, {@code conflict}
   */
  public Migration cancel(Caller caller, PilotId pilot, String id) {
    return turn(
        caller,
        pilot,
        id,
        "cancel",
        Set.of(State.COPYING, State.PAUSED, State.CANCELLING),
        State.CANCELLING,
        "UPDATE datasets.move SET state = 'dropping', lease = lease + 1, lease_until = NULL,"
            + " failures = 0, move_after = NULL, code = NULL, detail = NULL WHERE pilot_id = :pilot"
            + " AND migration_id = :id AND state IN ('waiting', 'copied', 'failed')");
  }

  private Migration turn(
      Caller caller,
      PilotId pilot,
      String id,
      String what,
      Set<State> from,
      State to,
      String moves) {
    return database.inPilot(
        pilot,
        transaction -> {
          State now = hold(transaction, pilot, id).orElseThrow(Migrations::notFound);
          if (!from.contains(now) || (to == State.COPYING && now == State.SWITCHING)) {
            throw Problem.of(
                ProblemCode.CONFLICT,
                "The migration is " + now.word() + ": there is nothing to " + what + ".");
          }
          transaction
              .createUpdate(
                  "UPDATE datasets.migration SET state = :state, lease_until = NULL WHERE pilot_id ="
                      + " :pilot AND migration_id = :id")
              .bind("state", to.word())
              .bind("pilot", pilot.value())
              .bind("id", id)
              .execute();
          transaction.createUpdate(moves).bind("pilot", pilot.value()).bind("id", id).execute();
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "storage.migrate." + what, resource(pilot, id)));
          return find(transaction, pilot, id).orElseThrow(Migrations::notFound);
        });
  }

  /** Nobody else turns it until the transaction ends. */
  static Optional<State> hold(Handle transaction, PilotId pilot, String id) {
    return transaction
        .createQuery(
            "SELECT state FROM datasets.migration WHERE pilot_id = :pilot AND migration_id = :id"
                + " FOR UPDATE")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .mapTo(String.class)
        .findOne()
        .map(word -> State.valueOf(word.toUpperCase(Locale.ROOT)));
  }

  /** A model that is changed by hand leaves nothing behind at the other place. */
  void guard(Handle transaction, PilotId pilot) {
    quotas.hold(transaction, pilot);
    long resting =
        transaction
            .createQuery(
                "SELECT count(*) FROM datasets.dataset WHERE pilot_id = :pilot AND state NOT IN"
                    + " ('quarantined', 'deleted')")
            .bind("pilot", pilot.value())
            .mapTo(Long.class)
            .one();
    if (resting > 0) {
      throw Problem.at(
          ProblemCode.MIGRATION_REQUIRED,
          "/storage/model",
          "The pilot has "
              + resting
              + " datasets: POST …/storage/migrations moves them and changes the model.");
    }
    underWay(transaction, pilot)
        .ifPresent(id -> {
          throw already(id);
        });
  }
}
