package org.pilothouse.local;

import java.util.List;
import java.util.Optional;

/** One understood command line. */
public sealed interface Command {

  record Help() implements Command {}

  /**
   * @param enginesOnly starts the servers without the deployable
   */
  record Up(boolean detach, boolean build, boolean fresh, boolean enginesOnly) implements Command {}

  record Down() implements Command {}

  record Status(boolean json) implements Command {}

  record Logs(Optional<String> name, boolean follow, int lines) implements Command {}

  record Reset(boolean confirmed) implements Command {}

  record Test(Suite suite, List<String> mavenArguments) implements Command {}

  /** A program of another module, run with the rest of the line as its own arguments. */
  record Run(Tool tool, List<String> arguments) implements Command {}

  enum Suite {
    UNIT,
    IT,
    E2E,
    ALL
  }

  /** The programs that other modules bring. */
  enum Tool {
    BENCH("modules/benchmarks", "org.pilothouse.benchmarks.Bench"),
    CHAOS("modules/benchmarks", "org.pilothouse.benchmarks.Chaos"),
    DEMO("server-config/demo", "org.pilothouse.demo.Demo"),
    CTL("server-config/ctl", "org.pilothouse.ctl.Ctl");

    private final String module;
    private final String mainClass;

    Tool(String module, String mainClass) {
      this.module = module;
      this.mainClass = mainClass;
    }

    public String module() {
      return module;
    }

    public String mainClass() {
      return mainClass;
    }
  }
}
