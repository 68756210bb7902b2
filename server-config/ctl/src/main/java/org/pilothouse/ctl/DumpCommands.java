package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl dumps}. */
@Command(
    name = "dumps",
    description = "Closed days",
    mixinStandardHelpOptions = true,
    subcommands = {
      DumpCommands.ListThem.class,
      DumpCommands.Show.class,
      DumpCommands.Manifest.class,
      DumpCommands.Run.class,
      DumpCommands.Restart.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class DumpCommands {
  private static String path(String pilot) {
    return "/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/dumps";
  }

  private static String path(String pilot, String date) {
    return path(pilot) + "/" + PilothouseApi.encode(date);
  }

  @Command(
      name = "list",
      description = "Days and where each stands; the last 31 without --from and --to",
      mixinStandardHelpOptions = true)
  static final class ListThem extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Option(names = "--from", paramLabel = "DATE")
    @Nullable String from;

    @Option(names = "--to", paramLabel = "DATE")
    @Nullable String to;

    @Override
    int answer(PilothouseApi api) {
      List<JsonNode> items = new ArrayList<>();
      api.get(path(pilot) + new Query().with("from", from).with("to", to))
          .path("items")
          .forEach(items::add);
      return show(
          items, "date", "revision", "state", "events", "rows", "late", "rejected", "parts");
    }
  }

  @Command(
      name = "show",
      description = "A day, its revisions and its partitions",
      mixinStandardHelpOptions = true)
  static final class Show extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "DATE")
    String date = "";

    @Override
    int answer(PilothouseApi api) {
      return show(api.get(path(pilot, date)));
    }
  }

  @Command(
      name = "manifest",
      description = "What a closed day says of itself, as JSON",
      mixinStandardHelpOptions = true)
  static final class Manifest extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "DATE")
    String date = "";

    @Override
    int answer(PilothouseApi api) {
      Printed.json(out(), api.get(path(pilot, date) + "/manifest"));
      return 0;
    }
  }

  @Command(
      name = "run",
      description = {
        "Close a day now, and wait for it",
        "Exit code 0 when it is complete, 1 when it is incomplete or failed. It goes on by itself"
            + " when this command is stopped."
      },
      mixinStandardHelpOptions = true)
  static final class Run extends Closing {
    @Override
    JsonNode begin(PilothouseApi api) {
      return api.post(path(pilot), object().put("date", date));
    }
  }

  @Command(
      name = "restart",
      description = {
        "Have a failed run go on with the partitions that are left, and wait for it",
        "Exit code 0 when it is complete, 1 when it is incomplete or failed."
      },
      mixinStandardHelpOptions = true)
  static final class Restart extends Closing {
    @Override
    JsonNode begin(PilothouseApi api) {
      return api.post(path(pilot, date) + "/restart", object());
    }
  }

  /** Begins something and tells how far it is. */
  abstract static class Closing extends Answering {
    private static final long BETWEEN_LOOKS = 500;
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "DATE", description = "by the pilot's clock")
    String date = "";

    @Option(names = "--no-wait", description = "return when it has begun")
    boolean noWait;

    abstract JsonNode begin(PilothouseApi api);

    @Override
    final int answer(PilothouseApi api) throws InterruptedException {
      JsonNode dump = begin(api);
      if (noWait) {
        return show(dump);
      }
      long end = System.nanoTime() + LONGEST.toNanos();
      long nextLine = System.nanoTime();
      while (dump.path("state").asText().equals("running") && System.nanoTime() - end < 0) {
        Thread.sleep(BETWEEN_LOOKS);
        JsonNode day =
            PilothouseApi.patiently(
                () -> api.get(path(pilot, date)),
                PATIENCE,
                problem -> err().println("ctl: " + problem.getMessage() + "; trying again"));
        dump = day.path("revisions").path(0);
        if (System.nanoTime() - nextLine >= 0) {
          nextLine = System.nanoTime() + BETWEEN_LINES.toNanos();
          say(day, dump);
        }
      }
      int ignored = show(dump);
      return dump.path("state").asText().equals("complete") ? 0 : Ctl.REFUSED;
    }

    private void say(JsonNode day, JsonNode dump) {
      if (connection.json) {
        return;
      }
      long total = 0;
      long read = 0;
      for (JsonNode partition : day.path("partitions")) {
        long from = partition.path("from_offset").asLong();
        total += partition.path("to_offset").asLong() - from;
        read += partition.path("read_to").asLong() - from;
      }
      err()
          .println(
              String.format(
                  Locale.ROOT,
                  "%3d %%  %s  %,d of %,d records",
                  total == 0 ? 0 : Math.min(100, read * 100 / total),
                  Printed.text(dump.path("step")),
                  read,
                  total));
      err().flush();
    }
  }
}
