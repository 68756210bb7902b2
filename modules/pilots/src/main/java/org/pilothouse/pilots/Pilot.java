package org.pilothouse.pilots;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import org.pilothouse.kernel.PilotId;

/**
 * A partner of the consortium.
 *
 * @param timeZone decides when the pilot's days begin and end
 * @param revision grows with every change; the entity tag
 */
public record Pilot(
    PilotId id,
    String name,
    ZoneId timeZone,
    Storage storage,
    Retention retention,
    long revision,
    Instant createdAt,
    Instant updatedAt) {

  /** Where the pilot's bulk data rests. */
  public sealed interface Storage {
    /** In the consortium's bucket. */
    record Centralized() implements Storage {}

    /**
     * At the pilot's own endpoint. It is only written down here: whoever connects to it must check
     * it against the allow-list first.
     */
    record Federated(String endpoint, Optional<String> bucket) implements Storage {}
  }

  /**
   * @param telemetryDays how long the backbone keeps telemetry, 1 to 3650
   */
  public record Retention(int telemetryDays) {
    public static final Retention DEFAULT = new Retention(7);

    public Retention {
      if (telemetryDays < 1 || telemetryDays > 3650) {
        throw new IllegalArgumentException("telemetryDays " + telemetryDays);
      }
    }
  }
}
