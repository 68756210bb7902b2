package org.pilothouse.local.supervise;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * All that the supervisor must know to start, probe and stop one process.
 *
 * @param needs names of processes that must be up before this one starts
 * @param readiness answered once the process can be used
 * @param liveness answered as long as the process is not hung; readiness may come and go meanwhile
 * @param startSeconds the longest a start may take before it counts as failed
 * @param stopSignal a signal name without SIG, the gentlest that makes it end
 * @param stopSeconds the longest a graceful stop may take before the process is killed
 */
public record ProcessPlan(
    String name,
    String version,
    int port,
    List<String> command,
    Map<String, String> environment,
    Path directory,
    Path log,
    List<String> needs,
    Probe readiness,
    Probe liveness,
    int startSeconds,
    String stopSignal,
    int stopSeconds) {

  public ProcessPlan {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    needs = List.copyOf(needs);
  }
}
