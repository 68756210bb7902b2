package org.pilothouse.exports;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;

/** What is known of twins lately, wherever it is kept. Composition brings one. */
public interface LiveHistory {
  /** Takes values, those of one twin one after the other, in no other order. */
  interface Taker {
    /**
     * @param model that the twin follows; null where it follows none
     * @param micros since 1970
     */
    void number(TwinId twin, @Nullable String model, String property, long micros, double value);

    /**
     * What is no number.
     *
     * @param literal JSON
     */
    void literal(TwinId twin, @Nullable String model, String property, long micros, String literal);
  }

  /**
   * Reads what is kept of a window.
   *
   * @param twins none: all
   * @param to is excluded
   * @param between called between pieces of work
   * @throws Problem {@code unavailable} when it cannot be read now
   */
  void read(
      PilotId pilot, Set<TwinId> twins, Instant from, Instant to, Taker taker, Runnable between);
}
