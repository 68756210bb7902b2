package org.pilothouse.contracts;

import org.pilothouse.kernel.PilotId;

/**
 * The data of {@link EventType#PILOT_CREATED} and {@link EventType#PILOT_CHANGED}: the pilot as it
 * is from then on.
 *
 * @param timeZone IANA name
 * @param storageModel {@code centralized} or {@code federated}
 * @param telemetryDays how long the backbone keeps telemetry, 1 to 3650 days
 */
public record PilotFact(
    PilotId pilotId, String name, String timeZone, String storageModel, int telemetryDays) {}
