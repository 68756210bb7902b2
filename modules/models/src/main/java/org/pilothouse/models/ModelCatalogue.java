package org.pilothouse.models;

import java.util.Optional;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;

/**
 * The models that there are. It may be asked for every batch of readings: answers are at hand, five
 * seconds old at most while the store answers, and live on while it does not.
 */
public interface ModelCatalogue {
  /**
   * The current revision; empty when the pilot has no such model, whatever the text is.
   *
   * @throws Problem {@code unavailable} when the store does not answer and nothing is known
   */
  Optional<ThingModel> find(PilotId pilot, String modelId);
}
