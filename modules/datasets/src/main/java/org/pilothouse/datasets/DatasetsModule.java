package org.pilothouse.datasets;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pilothouse.datasets.internal.Step;
import org.pilothouse.datasets.internal.Steps;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.datasets.rest.CatalogueResource;
import org.pilothouse.datasets.rest.CurationsResource;
import org.pilothouse.datasets.rest.DatasetEventsResource;
import org.pilothouse.datasets.rest.DatasetsResource;
import org.pilothouse.datasets.rest.DcatResource;
import org.pilothouse.datasets.rest.LineageSenderResource;
import org.pilothouse.datasets.rest.MigrationsResource;
import org.pilothouse.datasets.rest.OpenLineageResource;
import org.pilothouse.datasets.rest.PreviewResource;
import org.pilothouse.datasets.rest.ProductsResource;
import org.pilothouse.datasets.rest.SiteResource;
import org.pilothouse.datasets.rest.StorageResource;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.HeldSteps;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.pilots.PilotStorage;
import org.pilothouse.platform.objectstore.EndpointRules;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.Outbox;

/** The room, put together; composition makes one and hands out its services. */
public final class DatasetsModule implements AutoCloseable {
  /** The schemas to migrate before this is made. */
  public static final List<String> SCHEMAS = List.of("datasets");

  /** The resources that stand under {@code /api/v1}. */
  public static final Set<Class<?>> RESOURCES =
      Set.of(
          DatasetsResource.class,
          CurationsResource.class,
          PreviewResource.class,
          StorageResource.class,
          SiteResource.class,
          MigrationsResource.class,
          CatalogueResource.class,
          DcatResource.class,
          ProductsResource.class,
          OpenLineageResource.class,
          LineageSenderResource.class,
          DatasetEventsResource.class);

  private final Wiring wiring;

  /**
   * What the room needs of others.
   *
   * @param baseUrl how browsers reach the platform
   * @param lineage where run events are sent; empty: nowhere
   * @param endpoints which endpoints of pilots may be connected to
   * @param worker whether this node verifies, expires, removes and sweeps
   */
  public record Needs(
      DatasetsConfig config,
      URI baseUrl,
      Optional<LineageConfig> lineage,
      Database database,
      Outbox outbox,
      ObjectStore store,
      EndpointRules endpoints,
      Secrets secrets,
      PilotDirectory pilots,
      PilotStorage storage,
      AuditTrail trail,
      EventIds ids,
      Clock clock,
      MeterRegistry metrics,
      boolean worker) {}

  public DatasetsModule(Needs needs) {
    this.wiring =
        Wiring.start(
            needs,
            needs
                .config()
                .holdAt()
                .<Steps>map(directory -> HeldSteps.in(directory, Step.class)::reached)
                .orElse(Steps.UNHEARD));
  }

  /** For rooms that need the bytes of a dataset for a while. */
  public DatasetReferences references() {
    return wiring.holds();
  }

  /** For rooms that read what datasets hold. */
  public DatasetReading reading() {
    return wiring.reading();
  }

  /** For rooms that write datasets. */
  public DatasetBundles bundles() {
    return wiring.bundles();
  }

  /** For the room's own resources. */
  public Wiring inside() {
    return wiring;
  }

  @Override
  public void close() {
    wiring.close();
  }
}
