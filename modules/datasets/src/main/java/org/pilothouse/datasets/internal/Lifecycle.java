package org.pilothouse.datasets.internal;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.EventType;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Revision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a dataset after its bytes are there: changed in what is said of it, withdrawn,
 * expired, brought back, removed. A pointer is withdrawn before its bytes go, by the grace time:
 * whoever still reads the pointer finds the bytes.
 */
public final class Lifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);
  private static final int PARTS_AT_ONCE = 1_000;
  private static final int AT_ONCE = 100;

  /** In one round; then object storage is away rather than an object odd. */
  private static final int MOST_FAILURES = 3;

  private static final Duration AWAY = Duration.ofMinutes(1);

  private final Database database;
  private final Stores stores;
  private final Pointers pointers;
  private final Quotas quotas;
  private final AuditTrail trail;
  private final Steps steps;
  private final Duration grace;
  private final Map<PilotId, Long> awayUntil = new ConcurrentHashMap<>();

  Lifecycle(
      Database database,
      Stores stores,
      Pointers pointers,
      Quotas quotas,
      AuditTrail trail,
      Steps steps,
      Duration grace) {
    this.database = database;
    this.stores = stores;
    this.pointers = pointers;
    this.quotas = quotas;
    this.trail = trail;
    this.steps = steps;
    this.grace = grace;
  }

  /** How long withdrawn and expired bytes stay. */
  public Duration grace() {
    return grace;
  }

  /**
   * What is to be said of a dataset from now on.
   *
   * @param tags all of them
   */
  public record Said(
      Map<String, Object> tags, @Nullable String schemaRef, @Nullable Integer retentionDays) {}

  /** Makes out of what was said what is to be said. */
  @FunctionalInterface
  public interface Change {
    Said of(Dataset before);
  }

  /**
   * @param ifMatch the header
   * @throws Problem {@code not_found}, {@code precondition_failed}, {@code precondition_required},
   *     {@code conflict} where its bytes are going or gone
   */
  public Dataset change(
      Caller caller, PilotId pilot, DatasetId id, @Nullable String ifMatch, Change change) {
    return database.inPilot(
        pilot,
        transaction -> {
          Dataset before = DatasetRows.lockExisting(transaction, pilot, id);
          new Revision(before.revision()).check(ifMatch);
          if (before.state() == DatasetState.DELETING || before.state() == DatasetState.DELETED) {
            throw Problem.of(ProblemCode.CONFLICT, "It is " + before.state().word() + ".");
          }
          write(transaction, before, change.of(before));
          Dataset after = DatasetRows.lockExisting(transaction, pilot, id);
          TagRows.write(transaction, pilot, id, after.createdAt(), after.tags());
          if (after.state() == DatasetState.AVAILABLE) {
            pointers.tell(
                transaction, EventType.DATASET_AVAILABLE, after, DatasetRows.now(transaction));
          }
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "dataset.update", Uploads.resource(after))
                  .with(Map.of("revision", Long.toString(after.revision()))));
          return after;
        });
  }

  private static void write(Handle transaction, Dataset before, Said said) {
    transaction
        .createUpdate(
            "UPDATE datasets.dataset SET tags = CAST(:tags AS jsonb), schema_ref = :schema,"
                + " retention_days = :retention, expires_at = CASE WHEN state = 'available' THEN"
                + " available_at + make_interval(days => :retention) ELSE expires_at END, revision"
                + " = revision + 1, updated_at = now() WHERE pilot_id = :pilot AND dataset_id ="
                + " :id")
        .bind("tags", DatasetRows.json(said.tags()))
        .bind("schema", said.schemaRef())
        .bind("retention", said.retentionDays())
        .bind("pilot", before.pilot().value())
        .bind("id", before.id().value())
        .execute();
  }

  /**
   * Withdraws a dataset, or gives an upload up; nothing where that was done before.
   *
   * @param ownUploadsOnly what was never available, and of the caller
   * @throws Problem {@code not_found}, {@code referenced}, {@code forbidden}, {@code conflict}
   *     while it is verified
   */
  public void withdraw(Caller caller, PilotId pilot, DatasetId id, boolean ownUploadsOnly) {
    database.runInPilot(
        pilot,
        transaction -> {
          Dataset dataset = DatasetRows.lockExisting(transaction, pilot, id);
          if (ownUploadsOnly
              && (dataset.availableAt() != null || !dataset.createdBy().equals(caller.actor()))) {
            throw Problem.of(
                ProblemCode.FORBIDDEN,
                "An operator may only give up uploads of their own; ask a pilot admin.");
          }
          References.requireNone(transaction, dataset);
          switch (dataset.state()) {
            case DELETING, DELETED -> {
              return;
            }
            case VERIFYING ->
                throw Problem.of(
                    ProblemCode.CONFLICT,
                    "Its bytes are being verified; delete it when that has ended.");
            case UPLOADING -> {
              quotas.uploadEnded(transaction, pilot);
              go(transaction, dataset, Duration.ZERO);
            }
            // It never had a pointer, so nobody can be reading it.
            case QUARANTINED -> go(transaction, dataset, Duration.ZERO);
            case AVAILABLE, EXPIRED -> {
              go(transaction, dataset, grace);
              pointers.tell(
                  transaction, EventType.DATASET_DELETED, dataset, DatasetRows.now(transaction));
            }
          }
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "dataset.delete", Uploads.resource(dataset)));
        });
  }

  private static void go(Handle transaction, Dataset dataset, Duration after) {
    transaction
        .createUpdate(
            "UPDATE datasets.dataset SET state = 'deleting', removed_after = now() +"
                + " make_interval(secs => :after), revision = revision + 1, updated_at = now()"
                + " WHERE pilot_id = :pilot AND dataset_id = :id")
        .bind("after", after.toSeconds())
        .bind("pilot", dataset.pilot().value())
        .bind("id", dataset.id().value())
        .execute();
  }

  /**
   * Brings an expired or withdrawn dataset back while its bytes are there.
   *
   * @throws Problem {@code not_found}, {@code conflict} where there is nothing to bring back
   */
  public Dataset restore(Caller caller, PilotId pilot, DatasetId id) {
    return database.inPilot(
        pilot,
        transaction -> {
          Dataset before = DatasetRows.lockExisting(transaction, pilot, id);
          // Removal begins when the grace time has passed, and by the same clock.
          int changed =
              transaction
                  .createUpdate(
                      "UPDATE datasets.dataset SET expires_at = CASE WHEN state = 'expired' OR"
                          + " expires_at <= now() THEN now() + make_interval(days =>"
                          + " retention_days) ELSE expires_at END, state = 'available',"
                          + " removed_after = NULL, revision = revision + 1, updated_at = now()"
                          + " WHERE pilot_id = :pilot AND dataset_id = :id AND available_at IS NOT"
                          + " NULL AND state IN ('expired', 'deleting') AND removed_after > now()")
                  .bind("pilot", pilot.value())
                  .bind("id", id.value())
                  .execute();
          if (changed == 0) {
            throw Problem.of(
                ProblemCode.CONFLICT,
                "It is " + before.state().word() + ", and there is nothing to bring back.");
          }
          Dataset after = DatasetRows.lockExisting(transaction, pilot, id);
          pointers.tell(
              transaction, EventType.DATASET_AVAILABLE, after, DatasetRows.now(transaction));
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "dataset.restore", Uploads.resource(after)));
          return after;
        });
  }

  /** Takes those out of offer whose retention is over. Whether there may be more. */
  boolean expireDue() {
    List<Dataset> due =
        due(
            "d.state = 'available' AND d.expires_at <= now() AND NOT d.tags @>"
                + " '{\"legal_hold\": true}' AND NOT EXISTS (SELECT 1 FROM datasets.reference r"
                + " WHERE r.pilot_id = d.pilot_id AND r.dataset_id = d.dataset_id AND (r.until IS"
                + " NULL OR r.until > now())) ORDER BY d.expires_at");
    due.forEach(this::expire);
    return due.size() == AT_ONCE;
  }

  private void expire(Dataset due) {
    database.runInPilot(
        due.pilot(),
        transaction -> {
          Dataset dataset = DatasetRows.lockExisting(transaction, due.pilot(), due.id());
          if (!References.blocking(transaction, dataset).isEmpty()) {
            return;
          }
          int changed =
              transaction
                  .createUpdate(
                      "UPDATE datasets.dataset SET state = 'expired', removed_after = now() +"
                          + " make_interval(secs => :grace), revision = revision + 1, updated_at ="
                          + " now() WHERE pilot_id = :pilot AND dataset_id = :id AND state ="
                          + " 'available' AND expires_at <= now()")
                  .bind("grace", grace.toSeconds())
                  .bind("pilot", dataset.pilot().value())
                  .bind("id", dataset.id().value())
                  .execute();
          if (changed == 1) {
            pointers.tell(
                transaction, EventType.DATASET_EXPIRED, dataset, DatasetRows.now(transaction));
            trail.record(
                transaction,
                Verification.event(dataset, "dataset.expire", AuditEvent.Outcome.ALLOWED));
          }
        });
  }

  /**
   * Removes the bytes whose grace time has passed. One that cannot be removed holds up no other: it
   * comes last next time; and a pilot's endpoint that is away is left alone for a while.
   *
   * @return whether there may be more that can be removed
   * @throws Problem {@code unavailable} when too many failed
   */
  boolean removeDue() {
    List<Dataset> due =
        due(
            "(d.state = 'deleting' AND (d.removed_after IS NULL OR d.removed_after <= now())) OR"
                + " (d.state = 'expired' AND d.removed_after <= now() AND NOT d.tags @>"
                + " '{\"legal_hold\": true}') ORDER BY d.updated_at");
    int failures = 0;
    boolean away = false;
    for (Dataset dataset : due) {
      if (dataset.atSite() && isAway(dataset.pilot())) {
        away = true;
        comeLast(dataset);
        continue;
      }
      try {
        decide(dataset).ifPresent(this::remove);
      } catch (Problem e) {
        if (dataset.atSite()) {
          away = true;
          awayUntil.put(dataset.pilot(), System.nanoTime() + AWAY.toNanos());
        } else if (++failures == MOST_FAILURES) {
          throw e;
        }
        LOG.warn("not removed yet dataset={} reason={}", dataset.id(), e.detail());
        comeLast(dataset);
      }
    }
    return due.size() == AT_ONCE && failures == 0 && !away;
  }

  private boolean isAway(PilotId pilot) {
    Long until = awayUntil.get(pilot);
    if (until == null) {
      return false;
    }
    boolean still = until - System.nanoTime() > 0;
    if (!still) {
      awayUntil.remove(pilot, until);
    }
    return still;
  }

  private void comeLast(Dataset dataset) {
    database.runInPilot(
        dataset.pilot(),
        transaction ->
            transaction
                .createUpdate(
                    "UPDATE datasets.dataset SET updated_at = now() WHERE pilot_id = :pilot AND"
                        + " dataset_id = :id")
                .bind("pilot", dataset.pilot().value())
                .bind("id", dataset.id().value())
                .execute());
  }

  private List<Dataset> due(String condition) {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "SELECT "
                    + DatasetRows.COLUMNS
                    + " FROM datasets.dataset d WHERE "
                    + condition
                    + " LIMIT :most")
            .bind("most", AT_ONCE)
            .map((row, context) -> DatasetRows.read(row))
            .list());
  }

  private void remove(Dataset due) {
    steps.reached(Step.REMOVAL_DECIDED);
    boolean written =
        switch (due.place()) {
          case Dataset.Place.Centre centre -> true;
          // Any other object is its pilot's, and stays.
          case Dataset.Place.AtSite site -> site.written();
        };
    if (written) {
      ObjectStore store = stores.of(due);
      uploadOf(due).ifPresent(upload -> store.abort(due.key(), upload));
      if (Bundles.isManifest(due.key())) {
        removeParts(store, Bundles.prefix(due.key()));
      }
      store.remove(due.key());
    }
    steps.reached(Step.OBJECT_REMOVED);
    database.runInPilot(
        due.pilot(),
        transaction -> {
          int changed =
              transaction
                  .createUpdate(
                      "UPDATE datasets.dataset SET state = 'deleted', upload_id = NULL, revision ="
                          + " revision + 1, updated_at = now() WHERE pilot_id = :pilot AND"
                          + " dataset_id = :id AND state = 'deleting'")
                  .bind("pilot", due.pilot().value())
                  .bind("id", due.id().value())
                  .execute();
          if (changed == 1) {
            TagRows.remove(transaction, due.pilot(), due.id());
            quotas.remove(transaction, due.pilot(), due.bytesHeld());
            trail.record(
                transaction, Verification.event(due, "dataset.remove", AuditEvent.Outcome.ALLOWED));
          }
        });
  }

  /** All but the manifest, so that it can be begun again where it broke off. */
  private static void removeParts(ObjectStore store, String prefix) {
    String after = "";
    boolean more = true;
    while (more) {
      ObjectStore.Listing<ObjectStore.Stored> page = store.list(prefix, after, PARTS_AT_ONCE);
      for (ObjectStore.Stored part : page.items()) {
        if (!Bundles.isManifest(part.key())) {
          store.remove(part.key());
        }
        after = part.key();
      }
      more = page.more() && !page.items().isEmpty();
    }
  }

  /**
   * From here on there is no way back: without a time, nothing is restored any more. A restoration
   * that began before has the row first, and then there is nothing to decide.
   *
   * @return the dataset as it is then: it may have been moved since it was found
   */
  private Optional<Dataset> decide(Dataset due) {
    return database.inPilot(
        due.pilot(),
        transaction -> {
          Dataset dataset = DatasetRows.lockExisting(transaction, due.pilot(), due.id());
          if (dataset.state() == DatasetState.EXPIRED
              && !References.blocking(transaction, dataset).isEmpty()) {
            return Optional.<Dataset>empty();
          }
          int changed =
              transaction
                  .createUpdate(
                      "UPDATE datasets.dataset SET state = 'deleting', removed_after = NULL,"
                          + " revision = revision + 1 WHERE pilot_id = :pilot AND dataset_id = :id"
                          + " AND state IN ('expired', 'deleting') AND (removed_after <= now() OR"
                          + " (removed_after IS NULL AND state = 'deleting'))")
                  .bind("pilot", due.pilot().value())
                  .bind("id", due.id().value())
                  .execute();
          if (changed == 1 && dataset.state() == DatasetState.EXPIRED) {
            pointers.tell(
                transaction, EventType.DATASET_DELETED, dataset, DatasetRows.now(transaction));
          }
          return changed == 1 ? Optional.of(dataset) : Optional.<Dataset>empty();
        });
  }

  private Optional<String> uploadOf(Dataset dataset) {
    return database.inPilot(
        dataset.pilot(),
        transaction ->
            transaction
                .createQuery(
                    "SELECT upload_id FROM datasets.dataset WHERE pilot_id = :pilot AND dataset_id"
                        + " = :id AND upload_id IS NOT NULL")
                .bind("pilot", dataset.pilot().value())
                .bind("id", dataset.id().value())
                .mapTo(String.class)
                .findOne());
  }

  /** Gives up uploads that nobody went on with. Whether there may be more. */
  boolean giveUpRested(Duration patience) {
    List<Dataset> rested =
        due(
            "d.state = 'uploading' AND d.updated_at < now() - make_interval(secs => "
                + patience.toSeconds()
                + ") ORDER BY d.updated_at");
    rested.forEach(this::giveUp);
    return rested.size() == AT_ONCE;
  }

  /** Ends an upload; nothing where it has ended otherwise. */
  public void giveUp(Dataset upload) {
    database.runInPilot(
        upload.pilot(),
        transaction -> {
          var unused = giveUp(transaction, upload.pilot(), upload.id());
        });
  }

  /** The same in a transaction of the caller's; the dataset as it is then, and its row locked. */
  Dataset giveUp(Handle transaction, PilotId pilot, DatasetId id) {
    Dataset now = DatasetRows.lockExisting(transaction, pilot, id);
    if (now.state() != DatasetState.UPLOADING) {
      return now;
    }
    quotas.uploadEnded(transaction, pilot);
    go(transaction, now, Duration.ZERO);
    trail.record(
        transaction, Verification.event(now, "dataset.give-up", AuditEvent.Outcome.ALLOWED));
    return DatasetRows.lockExisting(transaction, pilot, id);
  }
}
