package org.pilothouse.datasets.internal;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetReferences;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.postgres.Database;

/** Who needs which bytes. */
public final class References implements DatasetReferences {
  private static final int MOST_TOLD = 500;
  private static final int NAMED = 5;

  private final Database database;

  References(Database database) {
    this.database = database;
  }

  /**
   * One that refers to a dataset.
   *
   * @param kind legal_hold, replay, job, dump, dataset or pointer
   * @param blocks whether the bytes stay because of it
   */
  public record Reference(
      String kind,
      String holder,
      @Nullable String reason,
      Instant since,
      @Nullable Instant until,
      boolean blocks) {}

  @Override
  public Optional<Dataset> hold(
      PilotId pilot,
      DatasetId dataset,
      Kind kind,
      String holder,
      @Nullable String reason,
      @Nullable Instant until) {
    return database.inPilot(
        pilot,
        transaction -> {
          Optional<Dataset> found =
              DatasetRows.lock(transaction, pilot, dataset)
                  .filter(there -> there.state() == DatasetState.AVAILABLE);
          found.ifPresent(there ->
              transaction
                  .createUpdate(
                      "INSERT INTO datasets.reference (pilot_id, dataset_id, kind, holder, reason,"
                          + " since, until) VALUES (:pilot, :id, :kind, :holder, :reason, now(),"
                          + " :until) ON CONFLICT (pilot_id, dataset_id, kind, holder) DO UPDATE"
                          + " SET reason = excluded.reason, until = excluded.until")
                  .bind("pilot", pilot.value())
                  .bind("id", dataset.value())
                  .bind("kind", word(kind))
                  .bind("holder", holder)
                  .bind("reason", reason)
                  .bind("until", until == null ? null : until.atOffset(ZoneOffset.UTC))
                  .execute());
          return found;
        });
  }

  @Override
  public void release(PilotId pilot, DatasetId dataset, Kind kind, String holder) {
    database.runInPilot(
        pilot,
        transaction ->
            transaction
                .createUpdate(
                    "DELETE FROM datasets.reference WHERE pilot_id = :pilot AND dataset_id = :id"
                        + " AND kind = :kind AND holder = :holder")
                .bind("pilot", pilot.value())
                .bind("id", dataset.value())
                .bind("kind", word(kind))
                .bind("holder", holder)
                .execute());
  }

  private static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** All that refer to it, those that keep its bytes first. */
  public List<Reference> of(PilotId pilot, DatasetId id) {
    return database.inPilot(
        pilot,
        transaction -> {
          Dataset dataset =
              DatasetRows.find(transaction, pilot, id).orElseThrow(DatasetRows::notFound);
          List<Reference> references = new ArrayList<>(blocking(transaction, dataset));
          Instant available = dataset.availableAt();
          if (available != null && dataset.state() != DatasetState.DELETED) {
            references.add(
                new Reference(
                    "pointer",
                    dataset.id().value(),
                    "readers of the backbone may have its pointer; withdrawn bytes stay for a"
                        + " grace time",
                    available,
                    dataset.removedAfter(),
                    false));
          }
          references.addAll(derived(transaction, dataset, MOST_TOLD - references.size()));
          return references;
        });
  }

  /** Those that keep its bytes. */
  static List<Reference> blocking(Handle transaction, Dataset dataset) {
    List<Reference> references = new ArrayList<>();
    if (dataset.underLegalHold()) {
      references.add(
          new Reference(
              "legal_hold",
              dataset.id().value(),
              "the tag " + Dataset.LEGAL_HOLD + " is set",
              dataset.createdAt(),
              null,
              true));
    }
    references.addAll(
        transaction
            .createQuery(
                "SELECT kind, holder, reason, since, until FROM datasets.reference WHERE pilot_id"
                    + " = :pilot AND dataset_id = :id AND (until IS NULL OR until > now()) ORDER BY"
                    + " since, kind, holder LIMIT :most")
            .bind("pilot", dataset.pilot().value())
            .bind("id", dataset.id().value())
            .bind("most", MOST_TOLD - 2)
            .map((row, context) ->
                new Reference(
                    row.getString("kind"),
                    row.getString("holder"),
                    row.getString("reason"),
                    DatasetRows.instant(row, "since"),
                    DatasetRows.optionalInstant(row, "until"),
                    true))
            .list());
    return references;
  }

  private static List<Reference> derived(Handle transaction, Dataset dataset, int most) {
    return transaction
        .createQuery(
            "SELECT d.dataset_id, d.name, d.created_at FROM datasets.derivation e JOIN"
                + " datasets.dataset d ON d.pilot_id = e.pilot_id AND d.dataset_id = e.output_id"
                + " WHERE e.pilot_id = :pilot AND e.input_id = :id AND d.state <> 'deleted' ORDER"
                + " BY d.dataset_id LIMIT :most")
        .bind("pilot", dataset.pilot().value())
        .bind("id", dataset.id().value())
        .bind("most", Math.max(0, most))
        .map((row, context) ->
            new Reference(
                "dataset",
                row.getString("dataset_id"),
                "made from it: " + row.getString("name"),
                DatasetRows.instant(row, "created_at"),
                null,
                false))
        .list();
  }

  /**
   * @throws Problem {@code referenced}, naming who refers
   */
  static void requireNone(Handle transaction, Dataset dataset) {
    List<Reference> blocking = blocking(transaction, dataset);
    if (!blocking.isEmpty()) {
      String named =
          blocking.stream()
              .limit(NAMED)
              .map(reference -> reference.kind() + " " + reference.holder())
              .collect(Collectors.joining(", "));
      int more = blocking.size() - NAMED;
      throw Problem.of(
          ProblemCode.REFERENCED,
          "It is referred to by " + named + (more > 0 ? " and " + more + " more." : "."));
    }
  }
}
