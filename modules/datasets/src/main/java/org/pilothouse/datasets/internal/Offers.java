package org.pilothouse.datasets.internal;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.postgres.Database;

/** Datasets that are available, with their place among the versions of their name. */
public final class Offers {
  private final Database database;
  private final Catalogue catalogue;

  Offers(Database database, Catalogue catalogue) {
    this.database = database;
    this.catalogue = catalogue;
  }

  /**
   * A dataset that is available. What is told of other versions is told of available ones.
   *
   * @param modified when something about it was last changed
   * @param previous the version before
   */
  public record Offer(
      Dataset dataset,
      Instant modified,
      Optional<DatasetId> previous,
      DatasetId first,
      DatasetId last) {}

  /**
   * @param next where the list goes on; empty at its end
   */
  public record Page(List<Offer> offers, Optional<Catalogue.Before> next) {}

  /** Newest first. */
  public Page page(PilotId pilot, Optional<Catalogue.Before> before, int limit) {
    Catalogue.Filter available =
        new Catalogue.Filter(
            Optional.of(DatasetState.AVAILABLE),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    List<Dataset> found = catalogue.page(pilot, available, before, limit + 1);
    boolean more = found.size() > limit;
    List<Dataset> kept = more ? found.subList(0, limit) : found;
    return new Page(
        placed(pilot, kept),
        more
            ? Optional.of(new Catalogue.Before(kept.getLast().createdAt(), kept.getLast().id()))
            : Optional.empty());
  }

  public Optional<Offer> find(PilotId pilot, DatasetId id) {
    return catalogue
        .find(pilot, id)
        .filter(dataset -> dataset.state() == DatasetState.AVAILABLE)
        .flatMap(dataset -> placed(pilot, List.of(dataset)).stream().findFirst());
  }

  private record Place(
      Instant modified, @Nullable String previous, @Nullable String first, @Nullable String last) {}

  private List<Offer> placed(PilotId pilot, List<Dataset> datasets) {
    Map<String, Place> places =
        database.inPilot(pilot, transaction -> places(transaction, pilot, datasets));
    return datasets.stream()
        .flatMap(dataset -> offer(dataset, places.get(dataset.id().value())).stream())
        .toList();
  }

  /** None where it was withdrawn since it was read. */
  private static Optional<Offer> offer(Dataset dataset, @Nullable Place place) {
    if (place == null || place.first() == null || place.last() == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Offer(
            dataset,
            place.modified(),
            Optional.ofNullable(place.previous()).map(DatasetId::new),
            new DatasetId(place.first()),
            new DatasetId(place.last())));
  }

  private static Map<String, Place> places(
      Handle transaction, PilotId pilot, List<Dataset> datasets) {
    String sibling =
        "(SELECT v.dataset_id FROM datasets.dataset v WHERE v.pilot_id = d.pilot_id AND v.name ="
            + " d.name AND v.state = 'available'";
    Map<String, Place> places = new HashMap<>();
    transaction
        .createQuery(
            "SELECT d.dataset_id, d.updated_at, "
                + sibling
                + " AND v.version < d.version ORDER BY v.version DESC LIMIT 1) AS previous, "
                + sibling
                + " ORDER BY v.version LIMIT 1) AS first, "
                + sibling
                + " ORDER BY v.version DESC LIMIT 1) AS last FROM datasets.dataset d WHERE"
                + " d.pilot_id = :pilot AND d.dataset_id = ANY(:ids)")
        .bind("pilot", pilot.value())
        .bindArray(
            "ids", String.class, datasets.stream().map(dataset -> dataset.id().value()).toList())
        .map((row, context) ->
            Map.entry(
                row.getString("dataset_id"),
                new Place(
                    DatasetRows.instant(row, "updated_at"),
                    row.getString("previous"),
                    row.getString("first"),
                    row.getString("last"))))
        .forEach(place -> places.put(place.getKey(), place.getValue()));
    return places;
  }
}
