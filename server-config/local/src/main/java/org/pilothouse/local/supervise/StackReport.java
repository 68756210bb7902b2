package org.pilothouse.local.supervise;

import java.util.List;
import java.util.Optional;

/** The state file: the supervisor and all its processes at one moment. */
public record StackReport(
    ProcessIdentity supervisor,
    int basePort,
    int httpPort,
    int controlPort,
    List<ProcessReport> processes) {

  public StackReport {
    processes = List.copyOf(processes);
  }

  public Optional<ProcessReport> process(String name) {
    return processes.stream().filter(process -> process.name().equals(name)).findFirst();
  }
}
