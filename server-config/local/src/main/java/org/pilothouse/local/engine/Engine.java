package org.pilothouse.local.engine;

import java.util.List;
import org.pilothouse.local.supervise.ProcessPlan;

/** One server of the local stack. */
public interface Engine {

  /** The process' name in {@code status}, {@code logs} and file names. */
  String name();

  /** The names of all its processes. */
  default List<String> processes() {
    return List.of(name());
  }

  /**
   * Installs, initialises and configures what the server needs and says how its processes are run.
   * Called again for a home with data, it keeps data and passwords; it is never called while the
   * server runs.
   */
  List<ProcessPlan> prepare(Site site);
}
