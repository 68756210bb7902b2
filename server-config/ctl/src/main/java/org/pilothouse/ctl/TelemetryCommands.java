package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.telemetry.Mapping;
import org.pilothouse.ctl.telemetry.Mappings;
import org.pilothouse.ctl.telemetry.TelemetryImport;
import org.pilothouse.ctl.telemetry.Unusable;
import picocli.CommandLine.ArgGroup;
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
        "Report the events of files",
        "",
        "NDJSON (.ndjson, .jsonl): a line is {\"id\"?, \"twin\", \"time\", \"values\": {...}}.",
        "Columns (.csv, .tsv, or anything with a mapping): the first row names them: time, twin,",
        "id (optional); every other column is a property. With the columns property and value,",
        "a row is one reading. A mapping says it for files that are built otherwise.",
        "Either may be compressed with gzip (.gz).",
        "",
        "An import that broke off goes on where it was when it is called again; one that is",
        "complete is not done twice.",
        ""
      },
      mixinStandardHelpOptions = true,
      sortOptions = false)
  static final class Import extends Answering {
    @Parameters(paramLabel = "FILE", arity = "1..*", description = "also with .gz")
    List<Path> files = List.of();

    @Option(names = "--pilot", required = true, description = "whose events they are")
    String pilot = "";

    @ArgGroup(validate = false, heading = "%nWhat the columns mean:%n")
    Columns columns = new Columns();

    @ArgGroup(validate = false, heading = "%nWho reports, and of what:%n")
    Reporter reporter = new Reporter();

    @ArgGroup(validate = false, heading = "%nHow it goes on:%n")
    Course course = new Course();

    /** Options that change the mapping. */
    static final class Columns {
      @Option(
          names = "--mapping",
          paramLabel = "NAME|FILE",
          description = "a JSON or YAML file, or one that is known: cmapss, nab")
      @Nullable String mapping;

      @Option(
          names = "--twin",
          paramLabel = "TEXT",
          description =
              "the twin of a row, with columns in braces: 'engine-{unit:03}', '{site:slug}-{unit}',"
                  + " '{file}'")
      @Nullable String twin;

      @Option(
          names = "--delimiter",
          paramLabel = "CHAR",
          description = "' ' for any number of blanks; default: a comma (.tsv: a tab)")
      @Nullable String delimiter;

      @Option(
          names = "--columns",
          paramLabel = "NAME",
          split = ",",
          description = "the names, when the first row does not hold them")
      @Nullable List<String> names;

      @Option(
          names = "--rename",
          paramLabel = "COLUMN=NAME",
          description = "the property that a column is; several times")
      Map<String, String> renames = new LinkedHashMap<>();

      @Option(
          names = "--type",
          paramLabel = "COLUMN=TYPE",
          description = "number, integer, boolean, string or auto (default); several times")
      Map<String, String> types = new LinkedHashMap<>();

      @Option(
          names = "--skip",
          paramLabel = "COLUMN",
          split = ",",
          description = "columns that are not reported")
      @Nullable List<String> skip;

      @Option(
          names = "--time-column",
          paramLabel = "COLUMN",
          description = "the column with the time; default: time")
      @Nullable String timeColumn;

      @Option(
          names = "--time-format",
          paramLabel = "FORMAT",
          description = "rfc3339 (default), epoch_s, epoch_ms, or local (no offset)")
      @Nullable String timeFormat;

      @Option(
          names = "--time-zone",
          paramLabel = "ZONE",
          description = "of local times, such as Europe/Rome; default: UTC")
      @Nullable String timeZone;

      @Option(
          names = "--time-count",
          paramLabel = "COLUMN",
          description = "a column that counts steps, where there is no time")
      @Nullable String timeCount;

      @Option(
          names = "--time-step",
          paramLabel = "LENGTH",
          description = "of a count: 1h, 10m, 500ms")
      @Nullable String timeStep;

      @Option(names = "--time-start", paramLabel = "TIME", description = "of the count 1; RFC 3339")
      @Nullable String timeStart;

      @Option(
          names = "--time-end",
          paramLabel = "TIME",
          description = "move all times so that the newest is then; RFC 3339, or now")
      @Nullable String timeEnd;

      @Option(
          names = "--time-align",
          paramLabel = "WHAT",
          description = "what is moved as one: the file (default), or each twin")
      @Nullable String timeAlign;

      /** Null where the file holds telemetry lines and nothing was said of columns. */
      Mappings.@Nullable Source source(List<Path> files) {
        boolean said =
            mapping != null
                || delimiter != null
                || names != null
                || !renames.isEmpty()
                || !types.isEmpty()
                || skip != null
                || saysTime();
        if (!said && areLines(files)) {
          if (twin != null) {
            throw new Unusable("--twin is for files with columns; telemetry lines name theirs");
          }
          return null;
        }
        if (!said && !files.stream().allMatch(file -> ends(file, ".csv", ".tsv"))) {
          throw new Unusable(
              "what is in a file is known from .csv, .tsv, .ndjson or .jsonl (or these with .gz);"
                  + " for others say it with --mapping, or --delimiter and --columns");
        }
        Mappings.Source source = mapping == null ? Mappings.none() : Mappings.of(mapping);
        change(source.document());
        return source;
      }

      private boolean saysTime() {
        return timeColumn != null
            || timeFormat != null
            || timeZone != null
            || timeCount != null
            || timeStep != null
            || timeStart != null
            || timeEnd != null
            || timeAlign != null;
      }

      private static boolean areLines(List<Path> files) {
        return files.stream().allMatch(file -> ends(file, ".ndjson", ".jsonl"));
      }

      private static boolean ends(Path file, String... endings) {
        String name =
            String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        return List.of(endings).stream().anyMatch(name::endsWith);
      }

      private void change(ObjectNode document) {
        set(document, "twin", twin);
        set(document, "delimiter", delimiter);
        set(document, "columns", names);
        set(document, "skip", skip);
        renames.forEach((column, name) -> property(document, column).put("name", name));
        types.forEach((column, type) -> property(document, column).put("type", type));
        if (!saysTime()) {
          return;
        }
        ObjectNode time = inside(document, "time");
        if (timeColumn != null) {
          time.remove(List.of("count", "first", "step", "start"));
        }
        if (timeCount != null) {
          time.remove(List.of("column", "format", "zone"));
        }
        if (timeStart != null) {
          time.remove(List.of("end", "align"));
        }
        if (timeEnd != null) {
          time.remove("start");
        }
        set(time, "column", timeColumn);
        set(time, "format", timeFormat);
        set(time, "zone", timeZone);
        set(time, "count", timeCount);
        set(time, "step", timeStep);
        set(time, "start", timeStart);
        set(time, "end", timeEnd);
        set(time, "align", timeAlign);
      }

      private static ObjectNode property(ObjectNode document, String column) {
        return inside(inside(document, "properties"), column);
      }

      private static ObjectNode inside(ObjectNode document, String name) {
        return document.get(name) instanceof ObjectNode there ? there : document.putObject(name);
      }

      private static void set(ObjectNode document, String name, @Nullable String value) {
        if (value != null) {
          document.put(name, value);
        }
      }

      private static void set(ObjectNode document, String name, @Nullable List<String> values) {
        if (values != null) {
          ArrayNode list = document.putArray(name);
          values.forEach(list::add);
        }
      }
    }

    /** Options of who reports. */
    static final class Reporter {
      @Option(
          names = "--device",
          paramLabel = "DEVICE",
          description = {
            "report as this device, so that commands reach it; it is registered if it is not",
            "there, and its token is kept; without it, you report yourself"
          })
      @Nullable String device;

      @Option(
          names = "--rotate-device",
          description = "give the device a new token; the old one is refused from then on")
      boolean rotate;

      @Option(
          names = "--with-model",
          description = "put the mapping's model first, and make each twin one of it")
      boolean withModel;
    }

    /** Options of the course of things. */
    static final class Course {
      @Option(
          names = "--batch",
          paramLabel = "LINES",
          defaultValue = "5000",
          description = "lines a request; default: ${DEFAULT-VALUE} (with --rejects at most 1000)")
      int batch = 5000;

      @Option(
          names = "--from-line",
          paramLabel = "LINE",
          defaultValue = "0",
          description = "begin with this line of the file")
      long fromLine;

      @Option(
          names = "--restart",
          description = {
            "report it again from the first line, whatever was reported before: the same",
            "events, which the platform passes over for half an hour; refused after 20 minutes"
          })
      boolean restart;

      @Option(
          names = "--count-again",
          description = {
            "report it again although the platform no longer knows it: it counts a second time",
            "in history"
          })
      boolean countAgain;

      @Option(
          names = "--rejects",
          paramLabel = "FILE",
          description = "write all refused lines there, a JSON object a line")
      @Nullable Path rejects;

      @Option(
          names = "--patience",
          paramLabel = "LENGTH",
          defaultValue = "PT10M",
          description = "how long to try again while the platform is away; default: ten minutes")
      Duration patience = Duration.ofMinutes(10);

      @Option(
          names = {"-q", "--quiet"},
          description = "no progress, no hints")
      boolean quiet;
    }

    @Override
    int answer(PilothouseApi api) throws Exception {
      Mappings.Source source = columns.source(files);
      Mapping mapping = source == null ? null : source.mapping();
      PilothouseApi reporting =
          reporter.device == null
              ? api
              : api.withToken(
                  connection.tokens(api, pilot, reporter.device).obtain(reporter.rotate));
      TelemetryImport.Order order =
          new TelemetryImport.Order(
              pilot,
              mapping,
              source == null ? Mappings.none() : source,
              course.batch,
              course.patience,
              course.restart,
              course.countAgain,
              course.fromLine,
              course.rejects,
              reporter.withModel,
              reporter.device == null ? "a person" : reporter.device);
      TelemetryImport.Outcome outcome =
          TelemetryImport.run(
              api,
              reporting,
              order,
              files,
              connection.stateDirectory(),
              Clock.systemUTC(),
              err(),
              course.quiet);
      if (connection.json) {
        Printed.json(out(), outcome);
      } else {
        say(outcome);
        if (!course.quiet && outcome.accepted() > 0) {
          new NextSteps(api, connection.baseUrl(), pilot, reporter.device)
              .say(out(), outcome, mapping);
        }
      }
      return outcome.rejected() == 0 ? 0 : Ctl.PARTLY;
    }

    private void say(TelemetryImport.Outcome outcome) {
      out()
          .printf(
              Locale.ROOT,
              "%,d lines: %,d accepted, %,d rejected%s%s%n",
              outcome.lines(),
              outcome.accepted(),
              outcome.rejected(),
              outcome.made() == 0 ? "" : ", twins made: %,d".formatted(outcome.made()),
              outcome.skipped() == 0
                  ? ""
                  : ", %,d had been reported before (--restart reports them again)"
                      .formatted(outcome.skipped()));
    }
  }
}
