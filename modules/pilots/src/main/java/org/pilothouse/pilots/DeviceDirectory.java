package org.pilothouse.pilots;

import java.util.Optional;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;

/**
 * The devices there are, for doors that have authenticated them elsewhere; a few seconds old at
 * most.
 */
public interface DeviceDirectory {
  /**
   * @throws Problem {@code unavailable} when the store does not answer and nothing fresh is kept
   */
  Optional<Device> find(PilotId pilot, DeviceId device);

  /**
   * The device that was registered for this twin by name, the one of the smallest id where there
   * are several.
   *
   * @throws Problem {@code unavailable} when the store does not answer
   */
  Optional<Device> boundTo(PilotId pilot, TwinId twin);
}
