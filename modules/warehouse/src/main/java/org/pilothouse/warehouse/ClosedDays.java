package org.pilothouse.warehouse;

import java.time.Instant;
import java.util.Set;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;

/** What closed days hold of a twin, read from their files in the hold. */
public interface ClosedDays {
  /** Days of one question at most. */
  int MOST_DAYS = 31;

  /** Takes values, in no order. */
  interface Taker {
    /**
     * @param micros since 1970
     */
    void number(String property, long micros, double value);

    /**
     * What is no number.
     *
     * @param literal JSON
     */
    void literal(String property, long micros, String literal);
  }

  /**
   * Reads what all closed revisions hold of some properties. Days that are not closed, or that were
   * removed from the hold, have nothing.
   *
   * @param to is excluded; at most {@link #MOST_DAYS} days behind {@code from}
   * @throws Problem {@code unavailable} when the files cannot be read now, or not in time
   */
  void read(
      PilotId pilot, TwinId twin, Set<String> properties, Instant from, Instant to, Taker taker);
}
