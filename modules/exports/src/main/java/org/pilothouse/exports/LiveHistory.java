package org.pilothouse.exports;

import java.io.IOException;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;

/** What is known of twins lately, wherever it is kept. Composition brings one. */
public interface LiveHistory {
  /** Takes readings, in no order. */
  interface Taker {
    /**
     * @param model that the twin follows; null where it follows none
     * @param values JSON, an object of the properties that were reported together
     */
    void reading(TwinId twin, @Nullable String model, Instant time, String values)
        throws IOException;
  }

  /**
   * Reads what is kept of a window.
   *
   * @param twins none: all
   * @param to is excluded
   * @throws Problem {@code unavailable} when it cannot be read now
   */
  void read(PilotId pilot, Set<TwinId> twins, Instant from, Instant to, Taker taker)
      throws IOException;
}
