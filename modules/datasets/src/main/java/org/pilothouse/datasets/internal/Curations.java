package org.pilothouse.datasets.internal;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
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

  /** States of copies that something will become of. */
  private static final Set<String> MOVING = Set.of("waiting", "copying", "uploading", "verifying");

  /** A part is copied through memory. */
  static final long LARGEST_PART = 64L << 20;

  private static final String SELECTED =
      "SELECT curation_id, created_at, created_by, cancelled_at, cancelled_by FROM"
          + " datasets.curation WHERE pilot_id = :pilot";
  private static final String STATE_NOW =
      "CASE WHEN c.state = 'waiting' AND c.lease_until > now() THEN 'copying' WHEN c.state ="
          + " 'copied' THEN t.state ELSE c.state END";
  private static final String COPIES =
      " FROM datasets.copy c JOIN datasets.dataset s ON s.pilot_id = c.pilot_id AND s.dataset_id ="
          + " c.source_id LEFT JOIN datasets.dataset t ON t.pilot_id = c.pilot_id AND t.dataset_id"
          + " = c.target_id WHERE c.pilot_id = :pilot";

  private final Database database;
  private final Catalogue catalogue;
  private final Sites sites;
  private final Quotas quotas;
  private final AuditTrail trail;
  private final CopyEnds ends;
  private final EventIds ids;
  private final Steps steps;

  Curations(
      Database database,
      Catalogue catalogue,
      Sites sites,
      Quotas quotas,
      AuditTrail trail,
      CopyEnds ends,
      EventIds ids,
      Steps steps) {
    this.database = database;
    this.catalogue = catalogue;
    this.sites = sites;
    this.quotas = quotas;
    this.trail = trail;
    this.ends = ends;
    this.ids = ids;
    this.steps = steps;
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
  public record Unreachable(Dataset dataset, Replayability seen) {}

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
   * @param name of both
   * @param state waiting, copying, failed, cancelled, or the state of the copy
   */
  public record Copy(
      DatasetId source,
      String name,
      @Nullable DatasetId target,
      String state,
      long size,
      long copied,
      Dataset.@Nullable Failure failure) {}

  /** That somebody wants no more of it. */
  public record Cancelled(Instant at, String by) {}

  /**
   * A curation without its copies.
   *
   * @param copies how many there are of each state of {@link Copy}
   * @param endedAt when the last copy was made, failed or was given up; null before that
   */
  public record Summary(
      String id,
      Instant createdAt,
      String createdBy,
      @Nullable Cancelled cancelled,
      Map<String, Integer> copies,
      long bytes,
      long copied,
      @Nullable Instant endedAt) {
    /** Whether nothing more will happen. */
    public boolean done() {
      return copies.keySet().stream().noneMatch(MOVING::contains);
    }
  }

  /** A curation as it stands. */
  public record Curation(Summary summary, List<Copy> copies) {
    public String id() {
      return summary.id();
    }

    public boolean done() {
      return summary.done();
    }
  }

  /** Where a list goes on. */
  public record Before(Instant created, String id) {}

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
                    dataset,
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
   * Wants no more of a curation: copies that are whole stay, one under way is given up with what is
   * stored of it, those that wait never begin. The same again changes nothing, nor does it where
   * all has ended.
   *
   * @throws Problem {@code not_found}
   */
  public Curation cancel(Caller caller, PilotId pilot, String id) {
    database.runInPilot(pilot, transaction -> decide(transaction, caller, pilot, id));
    steps.reached(Step.CURATION_CANCELLED);
    // Were this node to end here, the next one that comes to such a copy would do it.
    waiting(pilot, id).forEach(source -> ends.end(pilot, id, source));
    return require(pilot, id);
  }

  /** From here on nobody holds a copy of it, and nobody begins one. */
  private void decide(Handle transaction, Caller caller, PilotId pilot, String id) {
    int there =
        transaction
            .createQuery(
                "SELECT count(*) FROM (SELECT 1 FROM datasets.curation WHERE pilot_id = :pilot AND"
                    + " curation_id = :id FOR UPDATE) AS locked")
            .bind("pilot", pilot.value())
            .bind("id", id)
            .mapTo(Integer.class)
            .one();
    if (there == 0) {
      throw notFound();
    }
    int left =
        transaction
            .createUpdate(
                "UPDATE datasets.copy SET lease = lease + 1, lease_until = NULL, copy_after = NULL,"
                    + " state = CASE WHEN target_id IS NULL THEN 'cancelled' ELSE state END,"
                    + " ended_at = CASE WHEN target_id IS NULL THEN now() END WHERE pilot_id ="
                    + " :pilot AND curation_id = :id AND state = 'waiting'")
            .bind("pilot", pilot.value())
            .bind("id", id)
            .execute();
    if (left == 0) {
      return;
    }
    int first =
        transaction
            .createUpdate(
                "UPDATE datasets.curation SET cancelled_at = now(), cancelled_by = :actor WHERE"
                    + " pilot_id = :pilot AND curation_id = :id AND cancelled_at IS NULL")
            .bind("actor", caller.actor())
            .bind("pilot", pilot.value())
            .bind("id", id)
            .execute();
    if (first == 1) {
      trail.record(
          transaction,
          AuditEvent.allowed(caller, pilot, "dataset.curate-cancel", "curation:" + pilot + "/" + id)
              .with(Map.of("copies", Integer.toString(left))));
    }
  }

  private List<DatasetId> waiting(PilotId pilot, String id) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT source_id FROM datasets.copy WHERE pilot_id = :pilot AND curation_id ="
                        + " :id AND state = 'waiting' ORDER BY source_id")
                .bind("pilot", pilot.value())
                .bind("id", id)
                .mapTo(String.class)
                .map(DatasetId::new)
                .list());
  }

  /** Newest first. */
  public List<Summary> page(PilotId pilot, Optional<Before> before, int limit) {
    return database.inPilot(
        pilot,
        transaction ->
            summaries(
                transaction,
                pilot,
                transaction
                    .createQuery(
                        SELECTED
                            + before
                                .map(b -> " AND (created_at, curation_id) < (:created, :before)")
                                .orElse("")
                            + " ORDER BY created_at DESC, curation_id DESC LIMIT :limit")
                    .bind("pilot", pilot.value())
                    .bind("limit", limit)
                    .bindMap(
                        before
                            .map(b ->
                                Map.<String, Object>of(
                                    "created",
                                    b.created().atOffset(ZoneOffset.UTC),
                                    "before",
                                    b.id()))
                            .orElse(Map.of()))));
  }

  /**
   * @throws Problem {@code not_found}
   */
  public Curation require(PilotId pilot, String id) {
    return database.inPilot(
        pilot,
        transaction -> {
          Query one =
              transaction
                  .createQuery(SELECTED + " AND curation_id = :id")
                  .bind("pilot", pilot.value())
                  .bind("id", id);
          Summary summary =
              summaries(transaction, pilot, one).stream()
                  .findFirst()
                  .orElseThrow(Curations::notFound);
          return new Curation(summary, copies(transaction, pilot, id));
        });
  }

  private static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such curation.");
  }

  /** Copies of one curation in one state. */
  private record Share(
      String curation,
      String state,
      int copies,
      long bytes,
      long copied,
      @Nullable Instant ended) {}

  private static List<Summary> summaries(Handle transaction, PilotId pilot, Query selected) {
    List<Summary> bare =
        selected
            .map((row, context) -> {
              Instant cancelled = DatasetRows.optionalInstant(row, "cancelled_at");
              return new Summary(
                  row.getString("curation_id"),
                  DatasetRows.instant(row, "created_at"),
                  row.getString("created_by"),
                  cancelled == null
                      ? null
                      : new Cancelled(cancelled, row.getString("cancelled_by")),
                  Map.of(),
                  0,
                  0,
                  null);
            })
            .list();
    Map<String, List<Share>> shares =
        shares(transaction, pilot, bare.stream().map(Summary::id).toList());
    return bare.stream()
        .map(each -> filled(each, shares.getOrDefault(each.id(), List.of())))
        .toList();
  }

  private static Summary filled(Summary bare, List<Share> shares) {
    Map<String, Integer> copies = new TreeMap<>();
    shares.forEach(share -> copies.put(share.state(), share.copies()));
    boolean moving = copies.keySet().stream().anyMatch(MOVING::contains);
    return new Summary(
        bare.id(),
        bare.createdAt(),
        bare.createdBy(),
        bare.cancelled(),
        copies,
        shares.stream().mapToLong(Share::bytes).sum(),
        shares.stream().mapToLong(Share::copied).sum(),
        moving
            ? null
            : shares.stream()
                .map(Share::ended)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(null));
  }

  private static Map<String, List<Share>> shares(
      Handle transaction, PilotId pilot, List<String> curations) {
    return transaction
        .createQuery(
            "SELECT c.curation_id, "
                + STATE_NOW
                + " AS now, count(*) AS copies, sum(s.size_bytes) AS bytes, sum(c.copied_bytes) AS"
                + " copied, max(c.ended_at) AS ended"
                + COPIES
                + " AND c.curation_id = ANY(:curations) GROUP BY 1, 2")
        .bind("pilot", pilot.value())
        .bindArray("curations", String.class, curations)
        .map((row, context) ->
            new Share(
                row.getString("curation_id"),
                row.getString("now"),
                row.getInt("copies"),
                row.getLong("bytes"),
                row.getLong("copied"),
                DatasetRows.optionalInstant(row, "ended")))
        .collect(Collectors.groupingBy(Share::curation));
  }

  private static List<Copy> copies(Handle transaction, PilotId pilot, String id) {
    return transaction
        .createQuery(
            "SELECT c.source_id, s.name, c.target_id, s.size_bytes, c.copied_bytes, "
                + STATE_NOW
                + " AS now, coalesce(c.code, t.failure_code) AS code, coalesce(c.detail,"
                + " t.failure_detail) AS detail"
                + COPIES
                + " AND c.curation_id = :id ORDER BY c.source_id")
        .bind("pilot", pilot.value())
        .bind("id", id)
        .map((row, context) -> {
          String target = row.getString("target_id");
          String code = row.getString("code");
          return new Copy(
              new DatasetId(row.getString("source_id")),
              row.getString("name"),
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
