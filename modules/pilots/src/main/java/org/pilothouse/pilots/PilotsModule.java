package org.pilothouse.pilots;

import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.pilots.internal.Wiring;
import org.pilothouse.pilots.rest.AuditResource;
import org.pilothouse.pilots.rest.AuthResource;
import org.pilothouse.pilots.rest.DevicesResource;
import org.pilothouse.pilots.rest.OidcResource;
import org.pilothouse.pilots.rest.PeopleResource;
import org.pilothouse.pilots.rest.PilotsResource;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.web.Authentication;
import org.pilothouse.platform.web.WebConfig;

/** The room, put together; composition makes one and hands out its services. */
public final class PilotsModule implements AutoCloseable {
  /** The schemas to migrate before {@link #start}. */
  public static final List<String> SCHEMAS = List.of("pilots");

  /** The resources that stand under {@code /api/v1}. */
  public static final Set<Class<?>> RESOURCES =
      Set.of(
          AuthResource.class,
          OidcResource.class,
          PilotsResource.class,
          DevicesResource.class,
          PeopleResource.class,
          AuditResource.class);

  private final Wiring wiring;

  private PilotsModule(Wiring wiring) {
    this.wiring = wiring;
  }

  /**
   * Lets the first people in if there are none, and begins to bring pilots to the engines.
   *
   * @throws org.pilothouse.kernel.Problem {@code unavailable} when the store does not answer
   */
  public static PilotsModule start(
      PilotsConfig config,
      WebConfig web,
      Database database,
      Outbox outbox,
      PilotProvisioning provisioning,
      Clock clock,
      MeterRegistry registry) {
    SecureRandom random = new SecureRandom();
    return new PilotsModule(
        Wiring.start(
            config,
            web,
            database,
            outbox,
            provisioning,
            new EventIds(clock, random),
            random,
            clock,
            registry));
  }

  public PilotDirectory directory() {
    return wiring.directory();
  }

  public PilotStorage storage() {
    return wiring.pilots();
  }

  public DeviceDirectory deviceDirectory() {
    return wiring.devices();
  }

  public DeviceCredentials deviceCredentials() {
    return wiring.devices();
  }

  public AuditTrail auditTrail() {
    return wiring.trail();
  }

  public AuditReader auditReader() {
    return wiring.trail();
  }

  public Authentication authentication() {
    return wiring.authentication();
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
