package org.pilothouse.pilots;

import java.util.Optional;
import org.pilothouse.kernel.Problem;
import org.pilothouse.platform.web.Caller;

/**
 * The devices' tokens. Every telemetry request passes here: answers are kept for at most five
 * seconds, in a bounded cache; what this node revokes is refused at once.
 */
public interface DeviceCredentials {
  /**
   * @throws Problem {@code unavailable} when the store does not answer and nothing fresh is kept
   */
  Optional<Caller.Device> authenticate(String token);
}
