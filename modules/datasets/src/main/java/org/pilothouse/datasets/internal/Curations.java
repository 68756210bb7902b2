package org.pilothouse.datasets.internal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.Replayability;
import org.pilothouse.datasets.Site;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;

/** Which datasets of a federated pilot are to be copied to the centre, and how far that is. */
public final class Curations {
  /** In one curation. */
  public static final int MOST = 500;

  /** A part is copied through memory. */
  static final long LARGEST_PART = 64L << 20;

  private final Database database;
  private final Catalogue catalogue;
  private final Sites sites;
  private final Quotas quotas;
  private final AuditTrail trail;
  private final EventIds ids;

  Curations(
      Database database,
      Catalogue catalogue,
      Sites sites,
      Quotas quotas,
      AuditTrail trail,
      EventIds ids) {
    this.database = database;
    this.catalogue = catalogue;
    this.sites = sites;
    this.quotas = quotas;
    this.trail = trail;
    this.ids = ids;
  }

  /** Which datasets. */
  public sealed interface Choice {
    /** These. */
    record Named(List<DatasetId> datasets) implements Choice {
      public Named {
        datasets = List.copyOf(new LinkedHashSet<>(datasets));
      }
    }

    /** All available ones at the pilot's endpoint that fit. */
    record Fitting(Catalogue.Filter filter) implements Choice {}
  }

  /** One that cannot be copied as things stand. */
  public record Unreachable(DatasetId dataset, Replayability seen) {}

  /**
   * What a curation would do.
   *
   * @param bytesLeft of the quota
   */
  public record Plan(
      List<Dataset> datasets, long bytes, long bytesLeft, List<Unreachable> unreachable) {
    public boolean fits() {
      return bytes <= bytesLeft;
    }
  }

  /**
   * One dataset and its copy.
   *
   * @param state waiting, copying, failed, or the state of the copy
   */
  public record Copy(
      DatasetId source,
      @Nullable DatasetId target,
      String state,
      long size,
      long copied,
      Dataset.@Nullable Failure failure) {}

  /** A curation as it stands. */
  public record Curation(String id, Instant createdAt, String createdBy, List<Copy> copies) {
    public long bytes() {
      return copies.stream().mapToLong(Copy::size).sum();
    }

    public long copied() {
      return copies.stream().mapToLong(Copy::copied).sum();
    }

    /** Whether nothing more will happen. */
    public boolean done() {
      return copies.stream()
          .noneMatch(copy ->
              List.of("waiting", "copying", "uploading", "verifying").contains(copy.state()));
    }
  }

  /**
   * @throws Problem {@code invalid_value} for what cannot be copied, and for too many
   */
  public Plan plan(PilotId pilot, Choice choice) {
    List<Dataset> chosen =
        switch (choice) {
          case Choice.Named named -> named(pilot, named.datasets());
          case Choice.Fitting fitting -> fitting(pilot, fitting.filter());
        };
    long bytes = chosen.stream().mapToLong(Dataset::size).sum();
    Quotas.Usage usage = quotas.of(pilot);
    Optional<Site> site = sites.find(pilot);
    List<Unreachable> unreachable =
        chosen.stream()
            .map(dataset ->
                new Unreachable(
                    dataset.id(),
                    site.map(there -> there.of(dataset))
                        .orElseGet(
                            () -> new Replayability(Replayability.State.UNREACHABLE, null, null))))
            .filter(each ->
                each.seen().state() != Replayability.State.REACHABLE
                    && each.seen().state() != Replayability.State.UNKNOWN)
            .toList();
    return new Plan(
        chosen, bytes, Math.max(0, usage.quota().bytes() - usage.used().bytes()), unreachable);
  }

  private List<Dataset> named(PilotId pilot, List<DatasetId> wanted) {
    List<Dataset> chosen = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      DatasetId id = wanted.get(i);
      String path = "/datasets/" + i;
      Dataset dataset =
          catalogue
              .find(pilot, id)
              .orElseThrow(() ->
                  Problem.at(ProblemCode.INVALID_VALUE, path, "There is no dataset " + id + "."));
      if (dataset.state() != DatasetState.AVAILABLE || !dataset.atSite()) {
        throw Problem.at(
            ProblemCode.INVALID_VALUE,
            path,
            "Dataset " + id + " is not available at the pilot's own endpoint.");
      }
      if (isTooLarge(dataset)) {
        throw Problem.at(
            ProblemCode.INVALID_VALUE, path, "Dataset " + id + " is too large to be copied.");
      }
      chosen.add(dataset);
    }
    return chosen;
  }

  private List<Dataset> fitting(PilotId pilot, Catalogue.Filter filter) {
    List<Dataset> page = catalogue.page(pilot, filter, Optional.empty(), MOST + 1);
    if (page.size() > MOST) {
      throw Problem.of(
          ProblemCode.INVALID_VALUE,
          "More than " + MOST + " datasets fit; narrow the choice, for example by time.");
    }
    return page.stream().filter(dataset -> dataset.atSite() && !isTooLarge(dataset)).toList();
  }

  private static boolean isTooLarge(Dataset dataset) {
    return PartPlan.of(dataset.size()).partSize() > LARGEST_PART;
  }

  /**
   * Has the chosen datasets copied.
   *
   * @throws Problem as {@link #plan}, {@code limit_reached} where the quota has no room for all
   */
  public Curation begin(Caller caller, PilotId pilot, Choice choice) {
    Plan plan = plan(pilot, choice);
    if (plan.datasets().isEmpty()) {
      throw Problem.of(ProblemCode.INVALID_VALUE, "No dataset at the pilot's endpoint fits.");
    }
    if (!plan.fits()) {
      throw Problem.of(
          ProblemCode.LIMIT_REACHED,
          "The copies have "
              + plan.bytes()
              + " bytes, the quota has room for "
              + plan.bytesLeft()
              + ".");
    }
    String id = ids.next().toString();
    database.runInPilot(
        pilot,
        transaction -> {
          transaction
              .createUpdate(
                  "INSERT INTO datasets.curation (pilot_id, curation_id, created_by, created_at)"
                      + " VALUES (:pilot, :id, :actor, now())")
              .bind("pilot", pilot.value())
              .bind("id", id)
              .bind("actor", caller.actor())
              .execute();
          var batch =
              transaction.prepareBatch(
                  "INSERT INTO datasets.copy (pilot_id, curation_id, source_id) VALUES (:pilot,"
                      + " :id, :source)");
          plan.datasets()
              .forEach(dataset ->
                  batch
                      .bind("pilot", pilot.value())
                      .bind("id", id)
                      .bind("source", dataset.id().value())
                      .add());
          batch.execute();
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "dataset.curate", "curation:" + pilot + "/" + id)
                  .with(
                      Map.of(
                          "datasets", Integer.toString(plan.datasets().size()),
                          "bytes", Long.toString(plan.bytes()))));
        });
    return require(pilot, id);
  }

  /**
   * @throws Problem {@code not_found}
   */
  public Curation require(PilotId pilot, String id) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT created_at, created_by FROM datasets.curation WHERE pilot_id = :pilot"
                        + " AND curation_id = :id")
                .bind("pilot", pilot.value())
                .bind("id", id)
                .map((row, context) ->
                    new Curation(
                        id,
                        DatasetRows.instant(row, "created_at"),
                        row.getString("created_by"),
                        copies(transaction, pilot, id)))
                .findOne()
                .orElseThrow(
                    () -> Problem.of(ProblemCode.NOT_FOUND, "There is no such curation.")));
  }

  private static List<Copy> copies(Handle transaction, PilotId pilot, String id) {
    return transaction
        .createQuery(
            "SELECT c.source_id, c.target_id, s.size_bytes, c.copied_bytes, CASE WHEN c.state ="
                + " 'waiting' AND c.lease_until > now() THEN 'copying' WHEN c.state = 'copied' THEN"
                + " t.state ELSE c.state END AS now, coalesce(c.code, t.failure_code) AS code,"
                + " coalesce(c.detail, t.failure_detail) AS detail FROM datasets.copy c JOIN"
                + " datasets.dataset s ON s.pilot_id = c.pilot_id AND s.dataset_id = c.source_id"
                + " LEFT JOIN datasets.dataset t ON t.pilot_id = c.pilot_id AND t.dataset_id ="
                + " c.target_id WHERE c.pilot_id = :pilot AND c.curation_id = :id ORDER BY"
                + " c.source_id")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .map((row, context) -> {
          String target = row.getString("target_id");
          String code = row.getString("code");
          return new Copy(
              new DatasetId(row.getString("source_id")),
              target == null ? null : new DatasetId(target),
              row.getString("now"),
              row.getLong("size_bytes"),
              row.getLong("copied_bytes"),
              code == null
                  ? null
                  : new Dataset.Failure(code, String.valueOf(row.getString("detail"))));
        })
        .list();
  }
}
