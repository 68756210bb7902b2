package org.pilothouse.local;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pilothouse.local.command.Down;
import org.pilothouse.local.command.Logs;
import org.pilothouse.local.command.Reset;
import org.pilothouse.local.command.Setting;
import org.pilothouse.local.command.Status;
import org.pilothouse.local.command.Tests;
import org.pilothouse.local.command.ToolRun;
import org.pilothouse.local.command.Up;
import org.pilothouse.local.home.Home;

/** The entry point of {@code ./pilothouse}. */
public final class Launcher {

  private Launcher() {}

  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments), System.getenv()));
  }

  /** What nobody foresaw is still told in two lines; the trace goes where a maintainer finds it. */
  private static String unforeseen(RuntimeException failure, Optional<Home> home) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    String where = "";
    if (home.isPresent()) {
      Path log = home.get().log("launcher");
      try {
        Files.createDirectories(home.get().logs());
        Files.writeString(
            log, trace.toString(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        where = "; log: " + log;
      } catch (IOException e) {
        where = "; its log could not be written: " + e;
      }
    }
    return "pilothouse: the launcher failed unexpectedly: "
        + failure
        + "\n  try again; if it stays, report it with the trace"
        + where;
  }

  private static int run(List<String> words, Map<String, String> environment) {
    Optional<Home> home = Optional.empty();
    try {
      Command command = CommandLine.parse(words);
      Setting setting =
          Setting.of(
              Path.of(System.getProperty("pilothouse.repository", "")).toAbsolutePath(),
              environment,
              System.out);
      home = Optional.of(setting.home());
      return switch (command) {
        case Command.Help help -> {
          System.out.print(CommandLine.HELP);
          yield 0;
        }
        case Command.Up up -> new Up(setting).run(up);
        case Command.Down down -> new Down(setting).run();
        case Command.Status status -> new Status(setting).run(status.json());
        case Command.Logs logs -> new Logs(setting).run(logs);
        case Command.Reset reset -> new Reset(setting).run(reset.confirmed());
        case Command.Test test -> new Tests(setting).run(test);
        case Command.Run tool -> new ToolRun(setting).run(tool.tool(), tool.arguments());
      };
    } catch (Complaint e) {
      System.err.println(e.render());
      return e.exitCode();
    } catch (UncheckedIOException e) {
      IOException cause = e.getCause();
      System.err.println(
          "pilothouse: "
              + e.getMessage()
              + (cause == null ? "" : " (" + cause + ")")
              + "\n  check free space and the permissions of PILOTHOUSE_HOME");
      return 1;
    } catch (RuntimeException e) {
      System.err.println(unforeseen(e, home));
      return 1;
    }
  }
}
