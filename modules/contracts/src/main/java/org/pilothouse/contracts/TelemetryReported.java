package org.pilothouse.contracts;

import java.time.Instant;
import java.util.Map;
import org.pilothouse.kernel.TwinId;

/**
 * The data of {@link EventType#TELEMETRY_REPORTED}.
 *
 * @param time event time
 * @param values one value a property: a number, a text or a truth value
 */
public record TelemetryReported(TwinId twin, Instant time, Map<String, Object> values) {
  public TelemetryReported {
    values = Map.copyOf(values);
  }
}
