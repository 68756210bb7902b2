package org.pilothouse.warehouse;

import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.HeldSteps;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.models.ModelCatalogue;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.warehouse.internal.Step;
import org.pilothouse.warehouse.internal.Steps;
import org.pilothouse.warehouse.internal.Wiring;
import org.pilothouse.warehouse.rest.BackfillsResource;
import org.pilothouse.warehouse.rest.DumpPolicyResource;
import org.pilothouse.warehouse.rest.DumpRevisionsResource;
import org.pilothouse.warehouse.rest.DumpsResource;

/** The room, put together; composition makes one and hands out its services. */
public final class WarehouseModule implements AutoCloseable {
  /** The schemas to migrate before this is made. */
  public static final List<String> SCHEMAS = List.of("warehouse");

  /** The resources that stand under {@code /api/v1}. */
  public static final Set<Class<?>> RESOURCES =
      Set.of(
          DumpsResource.class,
          DumpRevisionsResource.class,
          DumpPolicyResource.class,
          BackfillsResource.class);

  private final Wiring wiring;

  /**
   * What the room needs of others.
   *
   * @param reads of its own: a run holds one client a partition that it reads
   * @param engines makes what carries runs out; asked on nodes that do so
   * @param node the node's name, for the log and the rows
   * @param batch whether this node closes days
   */
  public record Needs(
      WarehouseConfig config,
      Database database,
      ObjectStore store,
      LogReads reads,
      PilotDirectory pilots,
      ModelCatalogue models,
      DatasetBundles bundles,
      AuditTrail trail,
      EventIds ids,
      Function<ClosingSteps, RunEngine> engines,
      String node,
      boolean batch) {}

  public WarehouseModule(Needs needs) {
    this.wiring =
        new Wiring(
            needs,
            needs
                .config()
                .holdAt()
                .<Steps>map(directory -> HeldSteps.in(directory, Step.class)::reached)
                .orElse(Steps.UNHEARD));
  }

  /** For those who need what is older than others keep. */
  public ClosedDays closedDays() {
    return wiring.closedDays();
  }

  /** For rooms that read whole files of closed days. */
  public DayFiles dayFiles() {
    return wiring.dayFiles();
  }

  /** For the room's own resources. */
  public Wiring inside() {
    return wiring;
  }

  /**
   * Closes a day from a process that does nothing else, under the same lease as the nodes; returns
   * when it has ended, here or there. One that has failed goes on.
   *
   * @throws Problem {@code not_found}, {@code invalid_value}, {@code conflict}
   */
  public Dump closeDay(PilotId pilot, LocalDate date) {
    return wiring.close(pilot, date);
  }

  @Override
  public void close() {
    wiring.close();
  }
}
