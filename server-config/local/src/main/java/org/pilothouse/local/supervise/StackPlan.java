package org.pilothouse.local.supervise;

import java.util.List;
import java.util.Optional;

/**
 * The processes of one stack in the order in which they are listed, and where the supervisor
 * listens.
 */
public record StackPlan(int basePort, int httpPort, int controlPort, List<ProcessPlan> processes) {

  public StackPlan {
    processes = List.copyOf(processes);
  }

  public Optional<ProcessPlan> process(String name) {
    return processes.stream().filter(process -> process.name().equals(name)).findFirst();
  }
}
