package org.pilothouse.local.engine;

import java.util.List;
import org.pilothouse.local.supervise.ProcessPlan;

/** One server of the local stack. */
public interface Engine {

  /** The process' name in {@code status}, {@code logs} and file names. */
  String name();

  /**
   * Installs, initialises and configures what the server needs and says how its processes are run.
   * May be called again for a home in use: it keeps data and passwords.
   */
  List<ProcessPlan> prepare(Site site);
}
