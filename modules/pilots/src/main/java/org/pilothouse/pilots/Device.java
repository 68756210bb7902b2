package org.pilothouse.pilots;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;

/**
 * Something that sends telemetry.
 *
 * @param twins the twins it may report for; empty means any of its pilot
 * @param lastSeenAt when its token was last used, to about a minute
 */
public record Device(
    DeviceId id,
    PilotId pilot,
    Set<TwinId> twins,
    Instant createdAt,
    Optional<Instant> rotatedAt,
    Optional<Instant> lastSeenAt) {
  public Device {
    twins = Set.copyOf(twins);
  }
}
