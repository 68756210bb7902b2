package org.pilothouse.datasets.internal;

import java.net.URI;
import java.util.Map;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.datasets.DatasetReading;
import org.pilothouse.datasets.DatasetReferences;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.kernel.Problem;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Caller;

/** The parts of the room and how they hang together. */
public final class Wiring implements AutoCloseable {
  private final PilotDirectory pilots;
  private final Stores stores;
  private final Sites sites;
  private final Registrations registrations;
  private final SiteProbes probes;
  private final Curations curations;
  private final Copier copier;
  private final Migrations migrations;
  private final Switchover switchover;
  private final Mover mover;
  private final Catalogue catalogue;
  private final Offers offers;
  private final LineageEvents lineageEvents;
  private final LineageSender lineageSender;
  private final Products products;
  private final Uploads uploads;
  private final Bundles bundles;
  private final DatasetBytes bytes;
  private final Completions completions;
  private final Lifecycle lifecycle;
  private final References references;
  private final Quotas quotas;
  private final Sweeper sweeper;
  private final Verification verification;
  private final Rounds rounds;
  private final Previews previews;
  private final AuditTrail trail;

  private Wiring(DatasetsModule.Needs needs, Steps steps) {
    this.pilots = needs.pilots();
    this.trail = needs.trail();
    this.sites = new Sites(needs.database(), needs.endpoints(), needs.secrets(), needs.trail());
    this.stores =
        new Stores(needs.store(), sites, needs.endpoints(), needs.clock(), needs.metrics());
    this.catalogue = new Catalogue(needs.database());
    this.bytes = new DatasetBytes(needs.database(), catalogue, stores);
    this.offers = new Offers(needs.database(), catalogue);
    this.previews = new Previews(stores, needs.trail(), needs.metrics());
    this.lineageEvents = new LineageEvents(needs.database(), catalogue, stores, previews);
    this.lineageSender =
        new LineageSender(
            needs.database(),
            lineageEvents,
            needs.baseUrl(),
            needs.lineage(),
            steps,
            needs.metrics());
    this.products = new Products(needs.database(), needs.trail(), stores, previews);
    this.references = new References(needs.database());
    this.quotas = new Quotas(needs.database(), needs.trail(), needs.config().quota());
    Pointers pointers = new Pointers(needs.outbox(), stores, needs.ids());
    this.uploads =
        new Uploads(
            needs.database(), stores, needs.storage(), quotas, needs.trail(), needs.ids(), steps);
    this.verification =
        new Verification(needs.database(), stores, pointers, needs.trail(), steps, needs.metrics());
    this.registrations =
        new Registrations(
            needs.database(),
            sites,
            stores,
            needs.pilots(),
            needs.storage(),
            quotas,
            needs.trail(),
            needs.ids(),
            steps);
    this.migrations =
        new Migrations(
            needs.database(), sites, stores, quotas, needs.storage(), needs.trail(), needs.ids());
    needs.storage().guardedBy(migrations::guard);
    this.switchover =
        new Switchover(
            needs.database(),
            stores,
            quotas,
            needs.storage(),
            pointers,
            needs.trail(),
            steps,
            needs.config().grace());
    this.mover = new Mover(needs.database(), stores, quotas, switchover, steps);
    this.probes =
        new SiteProbes(needs.database(), sites, stores, needs.trail(), needs.ids(), steps);
    this.completions = new Completions(catalogue, verification, needs.config().answerWithin());
    this.lifecycle =
        new Lifecycle(
            needs.database(),
            stores,
            pointers,
            quotas,
            needs.trail(),
            steps,
            needs.config().grace());
    this.bundles =
        new Bundles(
            needs.database(),
            needs.store(),
            pointers,
            quotas,
            lifecycle,
            needs.trail(),
            needs.ids());
    CopyEnds ends = new CopyEnds(needs.database(), lifecycle);
    this.curations =
        new Curations(
            needs.database(), catalogue, sites, quotas, needs.trail(), ends, needs.ids(), steps);
    this.copier =
        new Copier(
            needs.database(), stores, uploads, quotas, verification, ends, needs.ids(), steps);
    this.sweeper =
        new Sweeper(
            needs.database(),
            stores,
            sites,
            needs.trail(),
            needs.config().grace(),
            needs.config().uploadPatience(),
            needs.metrics());
    this.rounds = new Rounds(lifecycle, sweeper, needs.pilots(), needs.config());
  }

  public static Wiring start(DatasetsModule.Needs needs, Steps steps) {
    Wiring wiring = new Wiring(needs, steps);
    if (needs.worker()) {
      wiring.verification.start(needs.config().verifiers());
      wiring.rounds.start();
      wiring.probes.start();
      wiring.copier.start();
      wiring.mover.start(needs.config().verifiers());
      wiring.lineageSender.start();
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

  public LineageSender lineageSender() {
    return lineageSender;
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

  public DatasetBundles bundles() {
    return bundles;
  }

  public DatasetReading reading() {
    return bytes;
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

  public Sites sites() {
    return sites;
  }

  public SiteProbes probes() {
    return probes;
  }

  public Curations curations() {
    return curations;
  }

  Copier copier() {
    return copier;
  }

  /** There is something to copy; returns at once. */
  public void beginCopying() {
    copier.wake();
  }

  public Migrations migrations() {
    return migrations;
  }

  Mover mover() {
    return mover;
  }

  Switchover switchover() {
    return switchover;
  }

  /** There is something to move; returns at once. */
  public void beginMoving() {
    mover.wake();
  }

  public Registrations registrations() {
    return registrations;
  }

  public Stores stores() {
    return stores;
  }

  /** Where the bytes of a dataset are, for those who have the store's own credentials. */
  public String place(Dataset dataset) {
    return stores.uriOf(dataset).toString();
  }

  /**
   * Where the bytes can be got for a while. That somebody was told so is in the audit trail before
   * they are: what they fetch there nobody sees.
   *
   * @throws Problem what keeps the pilot's endpoint from being used
   */
  public URI content(Caller caller, Dataset dataset) {
    URI url = stores.of(dataset).contentUrl(dataset.key(), dataset.name(), dataset.mediaType());
    trail.record(
        AuditEvent.allowed(caller, dataset.pilot(), "dataset.content", Uploads.resource(dataset))
            .with(Map.of("checksum", dataset.checksum().map(Checksum::toString).orElse(""))));
    return url;
  }

  @Override
  public void close() {
    verification.close();
    rounds.close();
    probes.close();
    copier.close();
    mover.close();
    lineageSender.close();
    stores.close();
  }
}
