package org.pilothouse.exports;

import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.datasets.DatasetReading;
import org.pilothouse.datasets.DatasetReferences;
import org.pilothouse.exports.internal.Wiring;
import org.pilothouse.exports.rest.ExportsResource;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.warehouse.DayFiles;

/** The room, put together; composition makes one. Its jobs are found by what they implement. */
public final class ExportsModule {
  /** The resources that stand under {@code /api/v1}. */
  public static final Set<Class<?>> RESOURCES = Set.of(ExportsResource.class);

  private final Wiring wiring;

  /**
   * What the room needs of others.
   *
   * @param live what is known of twins lately; empty where nobody tells
   */
  public record Needs(
      ExportsConfig config,
      Database database,
      ObjectStore store,
      DatasetReading datasets,
      DatasetBundles bundles,
      DatasetReferences references,
      DayFiles days,
      Optional<LiveHistory> live,
      PilotDirectory pilots,
      AuditTrail trail,
      Clock clock) {}

  public ExportsModule(Needs needs) {
    this.wiring = new Wiring(needs);
  }

  /** For the room's own resources and jobs. */
  public Wiring inside() {
    return wiring;
  }
}
