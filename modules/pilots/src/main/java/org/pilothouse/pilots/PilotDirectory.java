package org.pilothouse.pilots;

import java.util.List;
import java.util.Optional;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;

/** The pilots there are; a few seconds old at most, and still answering when the store is away. */
public interface PilotDirectory {
  Optional<Pilot> find(PilotId pilot);

  /** All of them, by id. */
  List<Pilot> list();

  /** How many devices the pilot has registered. */
  long countDevices(PilotId pilot);

  /**
   * @throws Problem {@code not_found}
   */
  Pilot require(PilotId pilot);
}
