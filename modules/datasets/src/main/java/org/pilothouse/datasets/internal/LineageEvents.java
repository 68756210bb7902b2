package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.postgres.Database;

/** The events of datasets for programs that gather lineage. */
public final class LineageEvents {
  private final Database database;
  private final Catalogue catalogue;
  private final Stores stores;
  private final ContentFacts facts;

  LineageEvents(Database database, Catalogue catalogue, Stores stores, ContentFacts facts) {
    this.database = database;
    this.catalogue = catalogue;
    this.stores = stores;
    this.facts = facts;
  }

  /**
   * @param next where the list goes on; empty at its end
   */
  public record Page(List<ObjectNode> events, Optional<Catalogue.Before> next) {}

  public List<ObjectNode> of(URI base, Dataset dataset) {
    return events(base, dataset.pilot(), List.of(dataset));
  }

  /** Of datasets in a state, newest first; the events of each in the order of their times. */
  public Page page(
      URI base, PilotId pilot, DatasetState state, Optional<Catalogue.Before> before, int limit) {
    Catalogue.Filter filter =
        new Catalogue.Filter(
            Optional.of(state),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    List<Dataset> found = catalogue.page(pilot, filter, before, limit + 1);
    boolean more = found.size() > limit;
    List<Dataset> kept = more ? found.subList(0, limit) : found;
    return new Page(
        events(base, pilot, kept),
        more
            ? Optional.of(new Catalogue.Before(kept.getLast().createdAt(), kept.getLast().id()))
            : Optional.empty());
  }

  private List<ObjectNode> events(URI base, PilotId pilot, List<Dataset> datasets) {
    OpenLineage lineage = new OpenLineage(base, new Iris(base, pilot), facts, stores::uriOf);
    Set<String> inputs = new TreeSet<>();
    datasets.forEach(dataset -> dataset.lineage().inputs().forEach(id -> inputs.add(id.value())));
    Set<String> own = new TreeSet<>();
    datasets.forEach(dataset -> own.add(dataset.id().value()));
    return database.inPilot(
        pilot,
        transaction -> {
          Map<DatasetId, OpenLineage.Input> known = inputs(transaction, pilot, inputs);
          Map<DatasetId, Instant> changed = changed(transaction, pilot, own);
          return datasets.stream()
              .flatMap(dataset ->
                  lineage
                      .events(
                          new OpenLineage.Made(
                              dataset,
                              changed.getOrDefault(dataset.id(), dataset.createdAt()),
                              known))
                      .stream())
              .toList();
        });
  }

  private static Map<DatasetId, OpenLineage.Input> inputs(
      Handle transaction, PilotId pilot, Set<String> ids) {
    Map<DatasetId, OpenLineage.Input> inputs = new HashMap<>();
    transaction
        .createQuery(
            "SELECT dataset_id, name, version FROM datasets.dataset WHERE pilot_id = :pilot AND"
                + " dataset_id = ANY(:ids)")
        .bind("pilot", pilot.value())
        .bindArray("ids", String.class, ids)
        .map((row, context) ->
            Map.entry(
                new DatasetId(row.getString(1)),
                new OpenLineage.Input(row.getString(2), row.getInt(3))))
        .forEach(each -> inputs.put(each.getKey(), each.getValue()));
    return inputs;
  }

  private static Map<DatasetId, Instant> changed(
      Handle transaction, PilotId pilot, Set<String> ids) {
    Map<DatasetId, Instant> changed = new HashMap<>();
    transaction
        .createQuery(
            "SELECT dataset_id, updated_at FROM datasets.dataset WHERE pilot_id = :pilot AND"
                + " dataset_id = ANY(:ids)")
        .bind("pilot", pilot.value())
        .bindArray("ids", String.class, ids)
        .map((row, context) ->
            Map.entry(new DatasetId(row.getString(1)), DatasetRows.instant(row, "updated_at")))
        .forEach(each -> changed.put(each.getKey(), each.getValue()));
    return changed;
  }
}
