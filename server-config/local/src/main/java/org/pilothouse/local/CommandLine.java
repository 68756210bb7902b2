package org.pilothouse.local;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads what was typed after {@code ./pilothouse}; anything not understood is a usage error. */
public final class CommandLine {

  static final String HELP =
      """
      ./pilothouse COMMAND

        up [--detach] [--no-build] [--fresh] [--engines]
                          build if needed, start everything, wait until it is ready
                          (--detach returns then, --fresh starts with empty data,
                          --engines leaves the deployable out)
        down              stop all that `up` started; the data stays
        status [--json]   every process: state, pid, port, version, memory (exit 3: not all up)
        logs [NAME] [-f] [-n LINES]
                          the log of one process; without a name, which logs there are
        reset [--yes]     down, then remove the local data
        demo [...]        a simulated consortium: past days, then live traffic
        test [unit|it|e2e|all]
                          the tests, on servers of their own
        bench [NAME]      each hot path beside its limit, in one run
        chaos [NAME]      the fault scenarios and their ledger
        ctl ...           the platform's client (`ctl --help`)

      PILOTHOUSE_HOME (.pilothouse), PILOTHOUSE_PORT_BASE (17000) and PILOTHOUSE_HTTP_PORT (9080)
      let several stacks live side by side.
      """;

  private static final int DEFAULT_LINES = 200;

  private CommandLine() {}

  public static Command parse(List<String> words) {
    if (words.isEmpty()) {
      return new Command.Help();
    }
    String name = words.getFirst();
    List<String> rest = words.subList(1, words.size());
    return switch (name) {
      case "help", "--help", "-h" -> new Command.Help();
      case "up" -> {
        Set<String> flags = flags(name, rest, "--detach", "--no-build", "--fresh", "--engines");
        yield new Command.Up(
            flags.contains("--detach"),
            !flags.contains("--no-build"),
            flags.contains("--fresh"),
            flags.contains("--engines"));
      }
      case "down" -> {
        flags(name, rest);
        yield new Command.Down();
      }
      case "status" -> new Command.Status(flags(name, rest, "--json").contains("--json"));
      case "logs" -> logs(rest);
      case "reset" -> new Command.Reset(flags(name, rest, "--yes").contains("--yes"));
      case "test" -> test(rest);
      case "bench" -> new Command.Run(Command.Tool.BENCH, List.copyOf(rest));
      case "chaos" -> new Command.Run(Command.Tool.CHAOS, List.copyOf(rest));
      case "demo" -> new Command.Run(Command.Tool.DEMO, List.copyOf(rest));
      case "ctl" -> new Command.Run(Command.Tool.CTL, List.copyOf(rest));
      default -> throw Complaint.usage("there is no command `" + name + "`");
    };
  }

  private static Set<String> flags(String command, List<String> words, String... known) {
    Set<String> flags = new HashSet<>();
    for (String word : words) {
      if (!List.of(known).contains(word)) {
        throw Complaint.usage("`" + command + "` does not take `" + word + "`");
      }
      flags.add(word);
    }
    return flags;
  }

  private static Command logs(List<String> words) {
    Optional<String> name = Optional.empty();
    boolean follow = false;
    int lines = DEFAULT_LINES;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals("-f") || word.equals("--follow")) {
        follow = true;
      } else if (word.equals("-n")
          && i + 1 < words.size()
          && words.get(i + 1).matches("\\d{1,7}")) {
        lines = Integer.parseInt(words.get(++i));
      } else if (!word.startsWith("-") && name.isEmpty()) {
        name = Optional.of(word);
      } else {
        throw Complaint.usage("`logs` does not take `" + word + "`");
      }
    }
    return new Command.Logs(name, follow, lines);
  }

  private static Command test(List<String> words) {
    if (words.isEmpty()) {
      return new Command.Test(Command.Suite.ALL, List.of());
    }
    String suite = words.getFirst();
    for (Command.Suite each : Command.Suite.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(suite)) {
        List<String> rest = new ArrayList<>(words.subList(1, words.size()));
        rest.remove("--");
        return new Command.Test(each, List.copyOf(rest));
      }
    }
    throw Complaint.usage("`test` knows unit, it, e2e and all, not `" + suite + "`");
  }
}
