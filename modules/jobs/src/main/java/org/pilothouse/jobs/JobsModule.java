package org.pilothouse.jobs;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pilothouse.jobs.internal.Wiring;
import org.pilothouse.jobs.rest.JobLogsResource;
import org.pilothouse.jobs.rest.JobSchedulesResource;
import org.pilothouse.jobs.rest.JobStraysResource;
import org.pilothouse.jobs.rest.JobTypesResource;
import org.pilothouse.jobs.rest.JobsResource;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.rabbit.RabbitConnection;
import org.pilothouse.platform.rabbit.Topology;

/** The room, put together; composition makes one and hands out its services. */
public final class JobsModule implements AutoCloseable {
  /** The schemas to migrate before this is made. */
  public static final List<String> SCHEMAS = List.of("jobs");

  /** The resources that stand under {@code /api/v1}. */
  public static final Set<Class<?>> RESOURCES =
      Set.of(
          JobsResource.class,
          JobLogsResource.class,
          JobTypesResource.class,
          JobSchedulesResource.class,
          JobStraysResource.class);

  private final Wiring wiring;

  /**
   * What the room needs of others.
   *
   * @param store where long logs rest
   * @param rabbit of its own, for consuming; empty where there is no broker: then jobs wait
   * @param node the node's name, for the log and the rows
   * @param worker whether this node does jobs
   */
  public record Needs(
      JobsConfig config,
      Database database,
      Outbox outbox,
      ObjectStore store,
      Optional<RabbitConnection> rabbit,
      PilotDirectory pilots,
      AuditTrail trail,
      EventIds ids,
      Clock clock,
      MeterRegistry metrics,
      String node,
      boolean worker) {}

  public JobsModule(Needs needs) {
    this.wiring = new Wiring(needs);
  }

  /**
   * Says which types there are; from here on jobs are taken, and done where this node does any.
   *
   * @throws IllegalArgumentException when two have one name, or one has a name or a schema that
   *     cannot be used
   */
  public void start(Iterable<? extends JobType> types) {
    wiring.start(types);
  }

  /** The exchange and the queues of the types. */
  public Topology topology() {
    return wiring.topology();
  }

  /** For the room's own resources. */
  public Wiring inside() {
    return wiring;
  }

  /** Takes no more jobs, lets those that run go on for a while, and gives back the rest. */
  @Override
  public void close() {
    wiring.close();
  }
}
