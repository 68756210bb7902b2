package org.pilothouse.ctl;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl telemetry}. */
@Command(
    name = "telemetry",
    description = "Telemetry from files",
    mixinStandardHelpOptions = true,
    subcommands = TelemetryCommands.Import.class,
    synopsisSubcommandLabel = "COMMAND")
final class TelemetryCommands {
  @Command(
      name = "import",
      description = {
        "Report the events of a file",
        "",
        "NDJSON: a line is {\"id\"?, \"twin\", \"time\", \"values\": {...}}.",
        "CSV: the first row names the columns: time, twin (unless --twin), id (optional);",
        "every other column is a property. With the columns property and value, a row is one reading.",
        "Either may be compressed with gzip (.gz).",
        "",
        "An import that broke off goes on where it was when it is called again."
      },
      mixinStandardHelpOptions = true)
  static final class Import extends Answering {
    @Parameters(paramLabel = "FILE", description = ".ndjson, .jsonl or .csv, also with .gz")
    Path file = Path.of("");

    @Option(names = "--pilot", required = true, description = "whose events they are")
    String pilot = "";

    @Option(names = "--twin", description = "the twin of CSV rows that name none")
    @Nullable String twin;

    @Option(
        names = "--batch",
        defaultValue = "5000",
        description = "lines a request; default: ${DEFAULT-VALUE}")
    int batch = 5000;

    @Option(names = "--restart", description = "from the first line, whatever was reported before")
    boolean restart;

    @Option(
        names = "--patience",
        defaultValue = "PT10M",
        description = "how long to try again while the platform is away; default: ${DEFAULT-VALUE}")
    Duration patience = Duration.ofMinutes(10);

    @Override
    int answer(PilothouseApi api) throws Exception {
      TelemetryImport work =
          new TelemetryImport(
              api, pilot, file, twin, batch, patience, connection.stateDirectory(), err());
      TelemetryImport.Outcome outcome = work.run(restart);
      if (connection.json) {
        Printed.json(out(), outcome);
      } else {
        out()
            .printf(
                "%,d lines: %,d accepted, %,d rejected%s%n",
                outcome.lines(),
                outcome.accepted(),
                outcome.rejected(),
                outcome.skipped() == 0
                    ? ""
                    : ", %,d had been reported before".formatted(outcome.skipped()));
      }
      return outcome.rejected() == 0 ? 0 : Ctl.PARTLY;
    }
  }
}
