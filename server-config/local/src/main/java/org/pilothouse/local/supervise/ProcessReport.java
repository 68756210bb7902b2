package org.pilothouse.local.supervise;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one process at one moment.
 *
 * @param lastExit why it last ended, where it ever did
 * @param detail what it waits for, or why it is not ready
 */
public record ProcessReport(
    String name,
    ProcessState state,
    int port,
    String version,
    @Nullable ProcessIdentity process,
    int restarts,
    @Nullable String lastExit,
    @Nullable String lastExitAt,
    String since,
    @Nullable String detail) {

  static ProcessReport planned(ProcessPlan plan, Instant now) {
    return new ProcessReport(
        plan.name(),
        ProcessState.STARTING,
        plan.port(),
        plan.version(),
        null,
        0,
        null,
        null,
        now.toString(),
        null);
  }

  public Optional<ProcessIdentity> livingProcess() {
    return Optional.ofNullable(process).filter(ProcessIdentity::isAlive);
  }

  ProcessReport in(ProcessState next, @Nullable String because, Instant now) {
    return new ProcessReport(
        name,
        next,
        port,
        version,
        process,
        restarts,
        lastExit,
        lastExitAt,
        now.toString(),
        because);
  }

  ProcessReport running(ProcessIdentity identity, ProcessState next, Instant now) {
    return new ProcessReport(
        name, next, port, version, identity, restarts, lastExit, lastExitAt, now.toString(), null);
  }

  ProcessReport ended(ProcessState next, String exit, Instant now) {
    return new ProcessReport(
        name, next, port, version, null, restarts, exit, now.toString(), now.toString(), null);
  }

  ProcessReport restarted() {
    return new ProcessReport(
        name, state, port, version, process, restarts + 1, lastExit, lastExitAt, since, detail);
  }
}
