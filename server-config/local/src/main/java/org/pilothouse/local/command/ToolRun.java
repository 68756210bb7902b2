package org.pilothouse.local.command;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pilothouse.local.Command;
import org.pilothouse.local.provision.ModuleProgram;
import org.pilothouse.local.provision.Shell;

/**
 * Runs a program that another module brings, in the caller's directory. It finds the stack by
 * {@code PILOTHOUSE_HOME} and the checkout by the system property {@code pilothouse.repository}.
 */
public record ToolRun(Setting setting) {

  private static final Duration BOUND = Duration.ofDays(1);

  public int run(Command.Tool tool, List<String> arguments) {
    ModuleProgram program =
        new ModuleProgram(
            setting.repository(), tool.module(), setting.maven(), setting.errorProgress());
    setting.home().create();
    program.buildIfStale();
    List<String> command = new ArrayList<>();
    command.add(setting.javaHome().resolve("bin/java").toString());
    command.addAll(virtualMachine(tool));
    command.add("-Dpilothouse.repository=" + setting.repository());
    command.add("-cp");
    command.add(program.classPath());
    command.add(tool.mainClass());
    command.addAll(arguments);
    return Shell.attached(
        command,
        Map.of(
            "PILOTHOUSE_HOME",
            setting.home().root().toString(),
            "JAVA_HOME",
            setting.javaHome().toString()),
        Path.of("").toAbsolutePath(),
        BOUND);
  }

  private static List<String> virtualMachine(Command.Tool tool) {
    return switch (tool) {
      case BENCH, CHAOS -> List.of("-Xmx1g");
      case DEMO -> List.of("-Xmx512m");
      case CTL ->
          List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");
    };
  }
}
