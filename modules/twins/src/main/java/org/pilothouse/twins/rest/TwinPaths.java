package org.pilothouse.twins.rest;

import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.twins.internal.Twins;

/** The ids in a path; a malformed one is one that nobody has. */
final class TwinPaths {
  private TwinPaths() {}

  /**
   * @throws Problem {@code not_found}, also towards those who may see every pilot
   */
  static PilotId pilot(PilotDirectory pilots, String path) {
    return pilots.require(CurrentCaller.pilotOf(path)).id();
  }

  static TwinId twin(String path) {
    try {
      return new TwinId(path);
    } catch (Problem e) {
      throw Twins.notFound();
    }
  }
}
