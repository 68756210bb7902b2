package org.pilothouse.ctl;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.telemetry.Length;
import org.pilothouse.ctl.telemetry.Unusable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line's root. */
@Command(
    name = "ctl",
    description = "The platform's own client: everything it does goes through the REST API.",
    mixinStandardHelpOptions = true,
    version = "Pilothouse ctl 0.1",
    subcommands = {
      Ctl.Login.class,
      Ctl.Logout.class,
      PilotCommands.class,
      DeviceCommands.class,
      PeopleCommands.class,
      ModelCommands.class,
      TwinCommands.class,
      TelemetryCommands.class,
      DatasetCommands.class,
      DumpCommands.class,
      JobCommands.class,
      ScheduleCommands.class,
      TailCommand.class,
      AuditCommands.class,
      PlatformCommands.Engines.class,
      PlatformCommands.Readers.class,
      PlatformCommands.Overview.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "Without --user, the sign-in of the last 'ctl login' is used, or the user",
      "'platform' of the local stack ($$PILOTHOUSE_HOME/credentials.json).",
      "",
      "Exit codes:",
      "  0  done (audit verify: the chain holds)",
      "  1  the platform refused (audit verify: the chain is broken; twins command: it failed or",
      "     nobody answered)",
      "  2  the command line, a file or a mapping is wrong",
      "  3  telemetry import: some lines were refused",
      "  4  the platform cannot be reached, or nobody is signed in"
    })
public final class Ctl implements Runnable {
  static final int REFUSED = 1;
  static final int UNUSABLE = 2;
  static final int PARTLY = 3;
  static final int AWAY = 4;

  @Spec
  @SuppressWarnings("NullAway.Init")
  CommandSpec spec;

  public static void main(String[] args) {
    System.exit(run(args, new PrintWriter(System.out, true), new PrintWriter(System.err, true)));
  }

  static int run(String[] args, PrintWriter out, PrintWriter err) {
    CommandLine line =
        new CommandLine(new Ctl())
            .setOut(out)
            .setErr(err)
            .registerConverter(Duration.class, Length::of);
    line.setExecutionExceptionHandler((failure, command, parsed) -> {
      if (failure instanceof ApiProblem problem) {
        String status = problem.status() == 0 ? "" : " (" + problem.status() + ")";
        err.println("ctl: " + problem.code() + status + ": " + problem.getMessage());
        return problem.status() == 0 ? AWAY : REFUSED;
      }
      if (failure instanceof Unusable unusable) {
        err.println("ctl: " + unusable.getMessage());
        return UNUSABLE;
      }
      err.println("ctl: " + failure);
      return REFUSED;
    });
    return line.execute(args);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** Signs in and remembers it. */
  @Command(
      name = "login",
      description = "Sign in and remember it until the token expires",
      mixinStandardHelpOptions = true)
  static final class Login implements Callable<Integer> {
    @Mixin Connection connection = new Connection();

    @Option(names = "--totp", paramLabel = "CODE", description = "the current one-time code")
    @Nullable String totp;

    @Spec
    @SuppressWarnings("NullAway.Init")
    CommandSpec spec;

    @Override
    public Integer call() {
      var token = connection.login(totp);
      PrintWriter out = spec.commandLine().getOut();
      if (connection.json) {
        ((com.fasterxml.jackson.databind.node.ObjectNode) token).remove("token");
        Printed.json(out, token);
      } else {
        out.printf(
            "signed in at %s as %s until %s%n",
            connection.baseUrl(),
            Printed.text(token.path("roles")),
            Printed.text(token.path("expires_at")));
      }
      return 0;
    }
  }

  /** Forgets the sign-in and revokes its token. */
  @Command(
      name = "logout",
      description = "Revoke the remembered token and forget it",
      mixinStandardHelpOptions = true)
  static final class Logout implements Callable<Integer> {
    @Mixin Connection connection = new Connection();

    @Override
    public Integer call() {
      connection.logout();
      return 0;
    }
  }
}
