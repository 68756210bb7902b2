package org.pilothouse.datasets.rest;

import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** What paths name. */
final class Paths {
  private Paths() {}

  /**
   * A malformed id in a path is one that nobody has.
   *
   * @throws Problem {@code not_found}
   */
  static Dataset dataset(Wiring room, PilotId pilot, String id) {
    if (!Names.isId(id)) {
      throw missing();
    }
    return room.catalogue().find(pilot, new DatasetId(id)).orElseThrow(Paths::missing);
  }

  private static Problem missing() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such dataset.");
  }
}
