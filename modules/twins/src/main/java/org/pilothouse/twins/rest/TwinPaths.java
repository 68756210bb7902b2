package org.pilothouse.twins.rest;

import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Parameters;
import org.pilothouse.twins.internal.Span;
import org.pilothouse.twins.internal.Twins;

/** What stands in an address. A malformed id is one that nobody has. */
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

  /**
   * @throws Problem {@code invalid_time}
   */
  static Span span(@Nullable String from, @Nullable String to) {
    return new Span(Parameters.time("from", from), Parameters.time("to", to));
  }
}
