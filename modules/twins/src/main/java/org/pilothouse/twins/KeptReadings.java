package org.pilothouse.twins;

import java.io.IOException;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;

/** What twins have reported, as far back as reports are kept one by one. */
public interface KeptReadings {
  /** Takes reports, those of a twin in the order of their times. */
  interface Taker {
    /**
     * @param model that the twin follows; null where it follows none
     * @param properties JSON, an object of what was reported together
     */
    void reading(TwinId twin, @Nullable String model, Instant time, String properties)
        throws IOException;
  }

  /**
   * Reads a window, a page after the other; what comes meanwhile may be among it or not.
   *
   * @param twins none: all
   * @param to is excluded
   */
  void read(PilotId pilot, Set<TwinId> twins, Instant from, Instant to, Taker taker)
      throws IOException;
}
