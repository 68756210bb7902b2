package org.pilothouse.datasets.internal;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.pilothouse.contracts.EventType;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.Site;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads migrations. When all datasets are copied and read back, one transaction changes the model:
 * from then on there is no way back, and new uploads go to the new place. The datasets follow some
 * at a time, each with its pointer in the transaction that changes its place; before and after, the
 * pointer leads to verified bytes, since both copies are there. Old bytes go when their grace time
 * is over, and only those that the platform wrote.
 */
final class Switchover {
  private static final Logger LOG = LoggerFactory.getLogger(Switchover.class);
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(10);
  private static final Duration CLEARING = Duration.ofSeconds(60);
  private static final int AT_ONCE = 100;

  /** With the pauses between them about two hours; what is left then is an orphan for the sweep. */
  private static final int TRIES = 18;

  private final Database database;
  private final Stores stores;
  private final Quotas quotas;
  private final PilotStorage storage;
  private final Pointers pointers;
  private final AuditTrail trail;
  private final Steps steps;
  private final Duration grace;

  Switchover(
      Database database,
      Stores stores,
      Quotas quotas,
      PilotStorage storage,
      Pointers pointers,
      AuditTrail trail,
      Steps steps,
      Duration grace) {
    this.database = database;
    this.stores = stores;
    this.quotas = quotas;
    this.storage = storage;
    this.pointers = pointers;
    this.trail = trail;
    this.steps = steps;
    this.grace = grace;
  }

  /** Whether there was something to do. */
  boolean workNext() {
    return leadNext() || clearNext();
  }

  /** A migration that is this node's to lead. */
  private record Claim(Migrations.Head migration, String state, String actor, long lease) {
    PilotId pilot() {
      return migration.pilot();
    }
  }

  boolean leadNext() {
    Optional<Claim> claimed = claim();
    if (claimed.isEmpty()) {
      return false;
    }
    boolean more = lead(claimed.get());
    rest(claimed.get(), more ? Duration.ZERO : LOOK);
    return more;
  }

  private Optional<Claim> claim() {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "UPDATE datasets.migration m SET lease = m.lease + 1, lease_until = now() +"
                    + " make_interval(secs => :lease) FROM (SELECT pilot_id, migration_id FROM"
                    + " datasets.migration WHERE state NOT IN ('paused', 'done', 'cancelled') AND"
                    + " (lease_until IS NULL OR lease_until <= now()) ORDER BY lease_until NULLS"
                    + " FIRST LIMIT 1 FOR UPDATE SKIP LOCKED) AS next WHERE (m.pilot_id,"
                    + " m.migration_id) = (next.pilot_id, next.migration_id) RETURNING m.pilot_id,"
                    + " m.migration_id, m.target, m.site_bucket, m.state, m.created_by, m.lease")
            .bind("lease", LEASE.toSeconds())
            .map((row, context) ->
                new Claim(
                    new Migrations.Head(
                        new PilotId(row.getString("pilot_id")),
                        row.getString("migration_id"),
                        Migrations.Target.of(row.getString("target")).orElseThrow(),
                        row.getString("site_bucket")),
                    row.getString("state"),
                    row.getString("created_by"),
                    row.getLong("lease")))
            .findOne());
  }

  private void rest(Claim claim, Duration pause) {
    database.runInPilot(
        claim.pilot(),
        transaction ->
            transaction
                .createUpdate(
                    "UPDATE datasets.migration SET lease_until = now() + make_interval(secs =>"
                        + " :pause) WHERE pilot_id = :pilot AND migration_id = :id AND lease ="
                        + " :lease")
                .bind("pause", pause.toSeconds())
                .bind("pilot", claim.pilot().value())
                .bind("id", claim.migration().id())
                .bind("lease", claim.lease())
                .execute());
  }

  /** Whether it may go on at once. */
  private boolean lead(Claim claim) {
    return switch (claim.state()) {
      case "copying" -> dropStale(claim) || seed(claim) || decide(claim);
      case "switching" ->
          switchSome(claim) || dropStale(claim) || seed(claim) || (isOver(claim) && end(claim));
      case "cancelling" ->
          !hasMoves(claim, "'dropping'") && finish(claim, "cancelling", "cancelled");
      case "removing" ->
          !hasMoves(claim, "'switched', 'removing', 'dropping'")
              && finish(claim, "removing", "done");
      default -> throw new IllegalStateException("nothing to lead: " + claim.state());
    };
  }

  private boolean seed(Claim claim) {
    return database.inPilot(
        claim.pilot(),
        transaction ->
            isStill(transaction, claim, "copying", "switching")
                && Moves.seed(transaction, claim.migration()) > 0);
  }

  private static boolean isStill(Handle transaction, Claim claim, String... states) {
    return Migrations.hold(transaction, claim.pilot(), claim.migration().id())
        .filter(now -> Set.of(states).contains(now.word()))
        .isPresent();
  }

  /** Of datasets that were withdrawn, removed, or put elsewhere, the copy is not wanted. */
  private boolean dropStale(Claim claim) {
    return database.inPilot(
            claim.pilot(),
            transaction ->
                transaction
                    .createUpdate(
                        "UPDATE datasets.move m SET state = 'dropping', lease = m.lease + 1,"
                            + " lease_until = NULL, failures = 0, move_after = NULL FROM"
                            + " datasets.dataset d WHERE m.pilot_id = :pilot AND m.migration_id ="
                            + " :id AND m.state IN ('copied', 'failed') AND d.pilot_id ="
                            + " m.pilot_id AND d.dataset_id = m.dataset_id AND NOT ("
                            + Moves.MOVABLE
                            + " AND d.object_key = m.from_key AND d.site_bucket IS NOT DISTINCT FROM"
                            + " m.from_bucket)")
                    .bind("pilot", claim.pilot().value())
                    .bind("id", claim.migration().id())
                    .execute())
        > 0;
  }

  /**
   * Changes the model, if there is a verified copy of all that must be moved. Nobody declares a
   * dataset meanwhile; uploads that go on at the old place follow when they are verified.
   */
  private boolean decide(Claim claim) {
    if (database.inPilot(claim.pilot(), transaction -> isSomethingToMove(transaction, claim))) {
      return false;
    }
    if (!answers(claim)) {
      return false;
    }
    boolean decided = database.inPilot(claim.pilot(), transaction -> decide(transaction, claim));
    if (decided) {
      steps.reached(Step.SWITCH_DECIDED);
    }
    return decided;
  }

  /** Nothing goes to an endpoint that is away. */
  private boolean answers(Claim claim) {
    if (claim.migration().target() == Migrations.Target.CENTRALIZED) {
      return true;
    }
    try {
      stores.of(claim.pilot(), claim.migration().siteBucket()).reach();
      return true;
    } catch (Problem e) {
      LOG.info("no switch now pilot={} code={}", claim.pilot(), e.code().code());
      return false;
    }
  }

  private boolean decide(Handle transaction, Claim claim) {
    PilotId pilot = claim.pilot();
    Pilot.Storage before = storage.hold(transaction, pilot);
    quotas.hold(transaction, pilot);
    if (!isStill(transaction, claim, "copying") || isSomethingToMove(transaction, claim)) {
      return false;
    }
    storage.change(transaction, caller(claim), pilot, after(transaction, claim, before));
    transaction
        .createUpdate(
            "UPDATE datasets.migration SET state = 'switching', switched_at = now() WHERE pilot_id"
                + " = :pilot AND migration_id = :id")
        .bind("pilot", pilot.value())
        .bind("id", claim.migration().id())
        .execute();
    trail.record(
        transaction,
        AuditEvent.allowed(
                caller(claim),
                pilot,
                "storage.switch",
                Migrations.resource(pilot, claim.migration().id()))
            .with(Map.of("target", claim.migration().target().word())));
    return true;
  }

  private static Pilot.Storage after(Handle transaction, Claim claim, Pilot.Storage before) {
    return switch (claim.migration().target()) {
      case CENTRALIZED -> new Pilot.Storage.Centralized();
      case FEDERATED -> {
        Site site = Sites.find(transaction, claim.pilot(), false).orElseThrow(Sites::notFound);
        yield before instanceof Pilot.Storage.Federated there
                && there.endpoint().equals(site.endpoint().toString())
            ? there
            : new Pilot.Storage.Federated(site.endpoint().toString(), Optional.of(site.bucket()));
      }
    };
  }

  /** Who asked for it; of the person only the name is known by now. */
  private static Caller caller(Claim claim) {
    String name = claim.actor().substring(claim.actor().indexOf(':') + 1);
    return new Caller.Person(name, Set.of(), claim.pilot(), "migration", false);
  }

  private static boolean isSomethingToMove(Handle transaction, Claim claim) {
    return transaction
        .createQuery(
            "SELECT EXISTS (SELECT 1 FROM datasets.dataset d WHERE d.pilot_id = :pilot AND "
                + Moves.atOldPlace(claim.migration().target())
                + " AND "
                + Moves.MOVABLE
                + " AND NOT EXISTS (SELECT 1 FROM datasets.move m WHERE m.pilot_id = d.pilot_id AND"
                + " m.migration_id = :id AND m.dataset_id = d.dataset_id AND m.state = 'copied' AND"
                + " m.from_key = d.object_key))")
        .bind("pilot", claim.pilot().value())
        .bind("id", claim.migration().id())
        .mapTo(Boolean.class)
        .one();
  }

  /**
   * Whether some were switched. Hours may have passed since they were copied, and at a pilot's
   * endpoint others may remove things, so each copy is looked at once more.
   */
  private boolean switchSome(Claim claim) {
    List<Moves.Move> copied =
        database.inPilot(claim.pilot(), transaction -> copied(transaction, claim, ""));
    try {
      for (Moves.Move move : copied) {
        if (!isThere(move)) {
          copyAnew(move);
        }
      }
    } catch (Problem e) {
      LOG.info("not switched now pilot={} code={}", claim.pilot(), e.code().code());
      return false;
    }
    return !copied.isEmpty() && switchThem(claim, copied);
  }

  private boolean isThere(Moves.Move move) {
    return stores
        .of(move.pilot(), move.to().bucket())
        .describe(move.to().key(), false)
        .filter(head -> head.size() == move.size() && head.etag().equals(move.etag()))
        .isPresent();
  }

  private void copyAnew(Moves.Move move) {
    database.runInPilot(
        move.pilot(),
        transaction -> {
          Dataset dataset = DatasetRows.lockExisting(transaction, move.pilot(), move.dataset());
          int attempt = move.attempt() + 1;
          String key =
              Moves.key(
                  move.pilot(),
                  move.dataset(),
                  dataset.createdAt(),
                  move.to().bucket(),
                  move.migration(),
                  attempt);
          if (move.adopted()) {
            Moves.disown(transaction, move);
          }
          var unused =
              Moves.change(
                  transaction,
                  move,
                  "copied",
                  "state = 'waiting', to_key = '"
                      + key
                      + "', to_written = true, adopted = false, attempt = "
                      + attempt
                      + ", copied_bytes = 0, verified_bytes = 0, to_etag = NULL");
        });
  }

  /** In one order, as the outbox wants it. */
  private static List<Moves.Move> copied(Handle transaction, Claim claim, String lock) {
    return transaction
        .createQuery(
            "SELECT "
                + Moves.COLUMNS
                + " FROM datasets.move m WHERE m.pilot_id = :pilot AND m.migration_id = :id AND"
                + " m.state = 'copied' ORDER BY m.dataset_id LIMIT :most"
                + lock)
        .bind("pilot", claim.pilot().value())
        .bind("id", claim.migration().id())
        .bind("most", AT_ONCE)
        .map((row, context) -> Moves.read(row))
        .list();
  }

  private boolean switchThem(Claim claim, List<Moves.Move> looked) {
    Set<String> seen = looked.stream().map(move -> move.to().key()).collect(Collectors.toSet());
    int switched =
        database.inPilot(
            claim.pilot(),
            transaction -> {
              if (!isStill(transaction, claim, "switching")) {
                return 0;
              }
              List<Moves.Move> next =
                  copied(transaction, claim, " FOR UPDATE").stream()
                      .filter(move -> seen.contains(move.to().key()))
                      .toList();
              next.forEach(move -> switchOne(transaction, move));
              if (!next.isEmpty()) {
                trail.record(
                    transaction,
                    new AuditEvent(
                        Verification.PLATFORM,
                        claim.pilot(),
                        "storage.switch.datasets",
                        Migrations.resource(claim.pilot(), claim.migration().id()),
                        AuditEvent.Outcome.ALLOWED,
                        Map.of(
                            "datasets", Integer.toString(next.size()),
                            "first", next.getFirst().dataset().value(),
                            "last", next.getLast().dataset().value())));
              }
              return next.size();
            });
    if (switched > 0) {
      steps.reached(Step.BATCH_SWITCHED);
    }
    return true;
  }

  private void switchOne(Handle transaction, Moves.Move move) {
    Dataset before = DatasetRows.lockExisting(transaction, move.pilot(), move.dataset());
    if (!Moves.isMovable(before) || !Moves.Spot.of(before).equals(move.from())) {
      drop(transaction, move);
      return;
    }
    transaction
        .createUpdate(
            "UPDATE datasets.dataset SET site_bucket = :bucket, object_key = :key, site_written ="
                + " :written, object_etag = CASE WHEN CAST(:bucket AS text) IS NULL THEN NULL ELSE"
                + " :etag END, seen_state = CASE WHEN CAST(:bucket AS text) IS NULL THEN NULL ELSE"
                + " 'reachable' END, seen_detail = NULL, seen_at = CASE WHEN CAST(:bucket AS text)"
                + " IS NULL THEN NULL ELSE now() END, revision = revision + 1, updated_at = now()"
                + " WHERE pilot_id = :pilot AND dataset_id = :id")
        .bind("bucket", move.to().bucket())
        .bind("key", move.to().key())
        .bind("written", move.to().bucket() != null && move.to().written())
        .bind("etag", move.etag())
        .bind("pilot", move.pilot().value())
        .bind("id", move.dataset().value())
        .execute();
    Dataset after = DatasetRows.lockExisting(transaction, move.pilot(), move.dataset());
    long counted = before.bytesHeld() + move.reserved() - after.bytesHeld();
    if (counted != 0) {
      quotas.giveBack(transaction, move.pilot(), counted);
    }
    if (after.state() == DatasetState.AVAILABLE) {
      pointers.tell(transaction, EventType.DATASET_AVAILABLE, after, DatasetRows.now(transaction));
    }
    transaction
        .createUpdate(
            "UPDATE datasets.move SET state = 'switched', reserved_bytes = 0, switched_at = now(),"
                + " move_after = now() + make_interval(secs => :grace) WHERE pilot_id = :pilot AND"
                + " migration_id = :migration AND dataset_id = :dataset")
        .bind("grace", grace.toSeconds())
        .bind("pilot", move.pilot().value())
        .bind("migration", move.migration())
        .bind("dataset", move.dataset().value())
        .execute();
  }

  private static void drop(Handle transaction, Moves.Move move) {
    transaction
        .createUpdate(
            "UPDATE datasets.move SET state = 'dropping', lease = lease + 1, lease_until = NULL,"
                + " failures = 0, move_after = NULL WHERE pilot_id = :pilot AND migration_id ="
                + " :migration AND dataset_id = :dataset")
        .bind("pilot", move.pilot().value())
        .bind("migration", move.migration())
        .bind("dataset", move.dataset().value())
        .execute();
  }

  private boolean hasMoves(Claim claim, String states) {
    return database.inPilot(
        claim.pilot(), transaction -> hasMoves(transaction, claim.migration(), states));
  }

  private static boolean hasMoves(Handle transaction, Migrations.Head migration, String states) {
    return transaction
        .createQuery(
            "SELECT EXISTS (SELECT 1 FROM datasets.move WHERE pilot_id = :pilot AND migration_id ="
                + " :id AND state IN ("
                + states
                + "))")
        .bind("pilot", migration.pilot().value())
        .bind("id", migration.id())
        .mapTo(Boolean.class)
        .one();
  }

  /** Whether nothing is at the old place any more that will stay. */
  private boolean isOver(Claim claim) {
    return database.inPilot(
        claim.pilot(),
        transaction ->
            !hasMoves(transaction, claim.migration(), "'waiting', 'copied', 'failed'")
                && !transaction
                    .createQuery(
                        "SELECT EXISTS (SELECT 1 FROM datasets.dataset d WHERE d.pilot_id = :pilot"
                            + " AND "
                            + Moves.atOldPlace(claim.migration().target())
                            + " AND ("
                            + Moves.MOVABLE
                            + " OR d.state IN ('uploading', 'verifying')))")
                    .bind("pilot", claim.pilot().value())
                    .mapTo(Boolean.class)
                    .one());
  }

  private boolean end(Claim claim) {
    return database.inPilot(
        claim.pilot(),
        transaction ->
            transaction
                    .createUpdate(
                        "UPDATE datasets.migration SET state = 'removing' WHERE pilot_id = :pilot"
                            + " AND migration_id = :id AND state = 'switching'")
                    .bind("pilot", claim.pilot().value())
                    .bind("id", claim.migration().id())
                    .execute()
                == 1);
  }

  private boolean finish(Claim claim, String from, String to) {
    return database.inPilot(
        claim.pilot(),
        transaction -> {
          int changed =
              transaction
                  .createUpdate(
                      "UPDATE datasets.migration SET state = :to, ended_at = now() WHERE pilot_id ="
                          + " :pilot AND migration_id = :id AND state = :from")
                  .bind("to", to)
                  .bind("from", from)
                  .bind("pilot", claim.pilot().value())
                  .bind("id", claim.migration().id())
                  .execute();
          if (changed == 1) {
            trail.record(
                transaction,
                new AuditEvent(
                    Verification.PLATFORM,
                    claim.pilot(),
                    "storage.migrate." + to,
                    Migrations.resource(claim.pilot(), claim.migration().id()),
                    AuditEvent.Outcome.ALLOWED,
                    Map.of()));
          }
          return changed == 1;
        });
  }

  /**
   * Removes what is old, or not wanted. Old bytes stay while somebody refers to the dataset who did
   * so before it was switched: it may be them that are read.
   */
  boolean clearNext() {
    Optional<Moves.Move> claimed =
        database.asPlatform(transaction ->
            transaction
                .createQuery(
                    "UPDATE datasets.move m SET state = CASE WHEN m.state <> 'switched' THEN"
                        + " m.state WHEN m.from_written THEN 'removing' ELSE 'left' END, lease ="
                        + " m.lease + 1, lease_until = now() + make_interval(secs => :lease) FROM"
                        + " (SELECT w.pilot_id, w.migration_id, w.dataset_id FROM datasets.move w"
                        + " WHERE w.state IN ('switched', 'removing', 'dropping') AND"
                        + " (w.lease_until IS NULL OR w.lease_until < now()) AND (w.move_after IS"
                        + " NULL OR w.move_after <= now()) AND NOT (w.state = 'switched' AND EXISTS"
                        + " (SELECT 1 FROM datasets.reference r WHERE r.pilot_id = w.pilot_id AND"
                        + " r.dataset_id = w.dataset_id AND r.since <= w.switched_at AND (r.until"
                        + " IS NULL OR r.until > now()))) ORDER BY w.move_after NULLS FIRST LIMIT 1"
                        + " FOR UPDATE OF w SKIP LOCKED) AS next WHERE (m.pilot_id, m.migration_id,"
                        + " m.dataset_id) = (next.pilot_id, next.migration_id, next.dataset_id)"
                        + " RETURNING "
                        + Moves.COLUMNS)
                .bind("lease", CLEARING.toSeconds())
                .map((row, context) -> Moves.read(row))
                .findOne());
    claimed.ifPresent(this::clear);
    return claimed.isPresent();
  }

  private void clear(Moves.Move move) {
    try {
      switch (move.state()) {
        case "removing" -> {
          steps.reached(Step.OLD_REMOVAL_DECIDED);
          if (!isSafeToRemove(move)) {
            keep(move);
            return;
          }
          stores.of(move.pilot(), move.from().bucket()).remove(move.from().key());
          steps.reached(Step.OLD_REMOVED);
          var unused = change(move, "state = 'removed', lease_until = NULL, code = NULL");
        }
        case "dropping" -> {
          if (!move.adopted()) {
            ObjectStore target = stores.of(move.pilot(), move.to().bucket());
            String upload = move.uploadId();
            if (upload != null) {
              target.abort(move.to().key(), upload);
            }
            target.remove(move.to().key());
          }
          steps.reached(Step.COPY_DROPPED);
          dropped(move, "state = 'dropped', lease_until = NULL, code = NULL");
        }
        default -> {}
      }
    } catch (Problem e) {
      later(move, e);
    }
  }

  /** The old bytes may be the last ones. */
  private boolean isSafeToRemove(Moves.Move move) {
    boolean needed =
        database.inPilot(
            move.pilot(),
            transaction ->
                DatasetRows.find(transaction, move.pilot(), move.dataset())
                    .filter(dataset -> dataset.state() != DatasetState.DELETED)
                    .filter(dataset -> Moves.Spot.of(dataset).equals(move.to()))
                    .isPresent());
    try {
      return !needed || isThere(move);
    } catch (Problem e) {
      LOG.info("cannot look pilot={} code={}", move.pilot(), e.code().code());
      return false;
    }
  }

  /** Moving back makes them the dataset's again. */
  private void keep(Moves.Move move) {
    LOG.warn("old bytes stay: the new ones are not seen dataset={}", move.dataset());
    var unused =
        change(
            move,
            "state = 'switched', lease_until = NULL, move_after = now() + make_interval(secs => "
                + LOOK_AGAIN.toSeconds()
                + "), failures = failures + 1, code = '"
                + ProblemCode.OBJECT_MISSING.code()
                + "', detail = 'The object at the new place is gone, is another one, or cannot be"
                + " looked at; the old bytes stay.'");
  }

  private boolean change(Moves.Move move, String change) {
    return database.inPilot(
        move.pilot(), transaction -> Moves.change(transaction, move, move.state(), change));
  }

  private void dropped(Moves.Move move, String change) {
    database.runInPilot(
        move.pilot(),
        transaction -> {
          if (Moves.change(
              transaction, move, move.state(), change + ", reserved_bytes = 0, adopted = false")) {
            if (move.reserved() > 0) {
              quotas.giveBack(transaction, move.pilot(), move.reserved());
            }
            if (move.adopted()) {
              Moves.disown(transaction, move);
            }
          }
        });
  }

  private void later(Moves.Move move, Problem because) {
    boolean inVain = move.failures() >= TRIES;
    LOG.warn(
        "not cleared now dataset={} state={} code={} in_vain={}",
        move.dataset(),
        move.state(),
        because.code().code(),
        inVain);
    String noted = "code = '" + because.code().code() + "', failures = failures + 1";
    if (inVain && move.state().equals("removing")) {
      var unused = change(move, "state = 'left', lease_until = NULL, " + noted);
    } else if (inVain) {
      dropped(move, "state = 'dropped', lease_until = NULL, " + noted);
    } else {
      var unused =
          change(
              move,
              "lease_until = NULL, move_after = now() + make_interval(secs => "
                  + Mover.pauseAfter(move.failures()).toSeconds()
                  + "), "
                  + noted);
    }
  }
}
