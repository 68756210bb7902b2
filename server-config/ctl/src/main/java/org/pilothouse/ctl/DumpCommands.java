package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.progress.Progress;
import org.pilothouse.ctl.progress.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
      DumpCommands.Restart.class,
      DumpCommands.Cancel.class,
      DumpCommands.Correct.class,
      DumpCommands.BackfillDays.class,
      DumpCommands.Policy.class,
      DumpCommands.Log.class,
      DumpCommands.Rejects.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class DumpCommands {
  private static String path(String pilot) {
    return "/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/dumps";
  }

  private static String path(String pilot, String date) {
    return path(pilot) + "/" + PilothouseApi.encode(date);
  }

  /** The one that was named, or the newest. */
  private static String revision(
      PilothouseApi api, String pilot, String date, @Nullable Integer named) {
    int number =
        named != null
            ? named
            : api.get(path(pilot, date)).path("revisions").path(0).path("revision").asInt(1);
    return path(pilot, date) + "/revisions/" + number;
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
          items,
          "date",
          "revision",
          "state",
          "events",
          "rows",
          "late",
          "rejected",
          "parts",
          "late_waiting",
          "rejects_waiting",
          "missed");
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

    @Option(
        names = "--revision",
        paramLabel = "N",
        description = "1 is the day itself; without it, the newest that has a manifest")
    @Nullable Integer revision;

    @Override
    int answer(PilothouseApi api) {
      String of =
          revision == null ? path(pilot, date) : path(pilot, date) + "/revisions/" + revision;
      Printed.json(out(), api.get(of + "/manifest"));
      return 0;
    }
  }

  @Command(
      name = "cancel",
      description = "Cancel the run of a day; `restart` has it go on",
      mixinStandardHelpOptions = true)
  static final class Cancel extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "DATE")
    String date = "";

    @Override
    int answer(PilothouseApi api) {
      return show(api.post(path(pilot, date) + "/cancel", object()));
    }
  }

  @Command(
      name = "correct",
      description = {
        "Bring in what came after a day was closed, and wait for it",
        "Exit code 0 when it is complete, 1 when it is incomplete or failed, or when nothing waits."
      },
      mixinStandardHelpOptions = true)
  static final class Correct extends Closing {
    @Option(
        names = "--redrive-rejects",
        description = "look again at what was rejected, under the models of now")
    boolean redriveRejects;

    @Override
    JsonNode begin(PilothouseApi api) {
      return api.post(
          path(pilot, date) + "/corrections", object().put("redrive_rejects", redriveRejects));
    }
  }

  @Command(
      name = "backfill",
      description = {
        "Close a range of past days, one after the other, and wait for it",
        "Exit code 0 when all are closed, 1 otherwise. It goes on by itself when this command is"
            + " stopped; --cancel ends the one that is under way."
      },
      mixinStandardHelpOptions = true)
  static final class BackfillDays extends Answering {
    private static final long BETWEEN_LOOKS = 500;
    private static final Duration LONGEST = Duration.ofDays(30);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "FROM")
    @Nullable String from;

    @Parameters(index = "2", arity = "0..1", paramLabel = "TO", description = "itself included")
    @Nullable String to;

    @Option(names = "--cancel", description = "end the one that is under way")
    boolean cancel;

    @Option(names = "--no-wait", description = "return when it has begun")
    boolean noWait;

    @Option(names = "--quiet", description = "no progress")
    boolean quiet;

    @Override
    int answer(PilothouseApi api) throws InterruptedException {
      String backfills = path(pilot) + "/backfills";
      if (cancel) {
        return end(api, backfills);
      }
      if (from == null || to == null) {
        throw new ParameterException(spec.commandLine(), "FROM and TO are needed");
      }
      JsonNode backfill = api.post(backfills, object().put("from", from).put("to", to));
      if (noWait) {
        return show(backfill);
      }
      Progress progress =
          new Progress(
              err(),
              Terminal.style(quiet || connection.json),
              Progress.Counted.DAYS,
              System::nanoTime);
      progress.begin(from + " to " + to, backfill.path("days").path("total").asLong());
      String one = backfills + "/" + PilothouseApi.encode(backfill.path("id").asText());
      long end = System.nanoTime() + LONGEST.toNanos();
      while (backfill.path("state").asText().equals("running") && System.nanoTime() - end < 0) {
        Thread.sleep(BETWEEN_LOOKS);
        backfill =
            PilothouseApi.patiently(
                () -> api.get(one),
                PATIENCE,
                problem -> progress.note("ctl: " + problem.getMessage() + "; trying again"));
        progress.at(done(backfill), done(backfill));
      }
      progress.finish(done(backfill), done(backfill));
      int ignored = show(backfill);
      boolean whole =
          backfill.path("state").asText().equals("complete")
              && backfill.path("days").path("incomplete").asInt() == 0;
      return whole ? 0 : Ctl.REFUSED;
    }

    private int end(PilothouseApi api, String backfills) {
      JsonNode newest = api.get(backfills + "?limit=1").path("items").path(0);
      if (!newest.path("state").asText().equals("running")) {
        err().println("ctl: no backfill is under way");
        err().flush();
        return Ctl.REFUSED;
      }
      return show(
          api.post(
              backfills + "/" + PilothouseApi.encode(newest.path("id").asText()) + "/cancel",
              object()));
    }

    private static long done(JsonNode backfill) {
      JsonNode days = backfill.path("days");
      return days.path("total").asLong()
          - days.path("waiting").asLong()
          - days.path("running").asLong();
    }
  }

  @Command(
      name = "policy",
      description = {
        "When late events become a correction; without a policy, what is set",
        "hourly, nightly, manual, or threshold with --threshold"
      },
      mixinStandardHelpOptions = true)
  static final class Policy extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "POLICY")
    @Nullable String corrections;

    @Option(
        names = "--threshold",
        paramLabel = "N",
        description = "records of a day that have to wait")
    @Nullable Long threshold;

    @Override
    int answer(PilothouseApi api) {
      String policy = path(pilot) + "/policy";
      if (corrections == null) {
        return show(api.get(policy));
      }
      ObjectNode wanted = object().put("corrections", corrections);
      if (threshold != null) {
        wanted.put("threshold", threshold);
      }
      return show(api.replace(policy, wanted));
    }
  }

  @Command(
      name = "log",
      description = "What the run of a day told of itself",
      mixinStandardHelpOptions = true)
  static final class Log extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "DATE")
    String date = "";

    @Option(
        names = "--revision",
        paramLabel = "N",
        description = "1 is the day itself; without it, the newest")
    @Nullable Integer revision;

    @Override
    int answer(PilothouseApi api) {
      return show(
          api.list(revision(api, pilot, date, revision) + "/log"),
          "at",
          "level",
          "step",
          "partition",
          "text");
    }
  }

  @Command(
      name = "rejects",
      description = "The records of a day that no row could be made of; with --json, their data",
      mixinStandardHelpOptions = true)
  static final class Rejects extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "DATE")
    String date = "";

    @Option(
        names = "--revision",
        paramLabel = "N",
        description = "1 is the day itself; without it, the newest")
    @Nullable Integer revision;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "100")
    int limit;

    @Override
    int answer(PilothouseApi api) {
      List<JsonNode> items = new ArrayList<>();
      if (limit > 0) {
        api.each(
            revision(api, pilot, date, revision) + "/rejects",
            item -> {
              items.add(item);
              return items.size() < limit;
            });
      }
      return show(
          items, "partition", "offset", "reason", "detail", "twin", "source", "event_id", "time");
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
