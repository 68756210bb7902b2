package org.pilothouse.contracts;

import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;

/**
 * The data of {@link EventType#DEVICE_REGISTERED}, {@link EventType#DEVICE_ROTATED} and {@link
 * EventType#DEVICE_REMOVED}.
 *
 * @param twins the twins that a registered device may report for, none meaning any; absent
 *     otherwise
 */
public record DeviceFact(PilotId pilotId, DeviceId deviceId, @Nullable SortedSet<String> twins) {}
