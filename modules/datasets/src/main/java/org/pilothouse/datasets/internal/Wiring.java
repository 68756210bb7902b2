package org.pilothouse.datasets.internal;

import java.net.URI;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetReferences;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.objectstore.ObjectStore;

/** The parts of the room and how they hang together. */
public final class Wiring implements AutoCloseable {
  private final PilotDirectory pilots;
  private final ObjectStore store;
  private final Catalogue catalogue;
  private final Offers offers;
  private final LineageEvents lineageEvents;
  private final Products products;
  private final Uploads uploads;
  private final Completions completions;
  private final Lifecycle lifecycle;
  private final References references;
  private final Quotas quotas;
  private final Sweeper sweeper;
  private final Verification verification;
  private final Rounds rounds;
  private final Previews previews;

  private Wiring(DatasetsModule.Needs needs, Steps steps) {
    this.pilots = needs.pilots();
    this.store = needs.store();
    this.catalogue = new Catalogue(needs.database());
    this.offers = new Offers(needs.database(), catalogue);
    this.lineageEvents =
        new LineageEvents(needs.database(), catalogue, needs.store(), ContentFacts.NONE);
    this.products = new Products(needs.database(), needs.trail(), needs.store(), ContentFacts.NONE);
    this.references = new References(needs.database());
    this.quotas = new Quotas(needs.database(), needs.trail(), needs.config().quota());
    Pointers pointers = new Pointers(needs.outbox(), needs.store(), needs.ids());
    this.uploads =
        new Uploads(needs.database(), needs.store(), quotas, needs.trail(), needs.ids(), steps);
    this.verification =
        new Verification(
            needs.database(), needs.store(), pointers, needs.trail(), steps, needs.metrics());
    this.completions = new Completions(catalogue, verification, needs.config().answerWithin());
    this.lifecycle =
        new Lifecycle(
            needs.database(),
            needs.store(),
            pointers,
            quotas,
            needs.trail(),
            steps,
            needs.config().grace());
    this.sweeper =
        new Sweeper(
            needs.database(),
            needs.store(),
            needs.trail(),
            needs.config().grace(),
            needs.config().uploadPatience(),
            needs.metrics());
    this.previews = new Previews(needs.store(), needs.trail(), needs.metrics());
    this.rounds = new Rounds(lifecycle, sweeper, needs.pilots(), needs.config());
  }

  public static Wiring start(DatasetsModule.Needs needs, Steps steps) {
    Wiring wiring = new Wiring(needs, steps);
    if (needs.worker()) {
      wiring.verification.start(needs.config().verifiers());
      wiring.rounds.start();
    }
    return wiring;
  }

  public PilotDirectory pilots() {
    return pilots;
  }

  public Catalogue catalogue() {
    return catalogue;
  }

  public Offers offers() {
    return offers;
  }

  public LineageEvents lineageEvents() {
    return lineageEvents;
  }

  public Products products() {
    return products;
  }

  public Uploads uploads() {
    return uploads;
  }

  public Completions completions() {
    return completions;
  }

  public Lifecycle lifecycle() {
    return lifecycle;
  }

  public References references() {
    return references;
  }

  public DatasetReferences holds() {
    return references;
  }

  public Previews previews() {
    return previews;
  }

  Verification verification() {
    return verification;
  }

  public Quotas quotas() {
    return quotas;
  }

  public Sweeper sweeper() {
    return sweeper;
  }

  /** Where the bytes of a key are, for those who have the store's own credentials. */
  public String place(String key) {
    return store.uriOf(key).toString();
  }

  /** Where the bytes can be got for a while. */
  public URI content(Dataset dataset) {
    return store.contentUrl(dataset.key(), dataset.name(), dataset.mediaType());
  }

  @Override
  public void close() {
    verification.close();
    rounds.close();
  }
}
