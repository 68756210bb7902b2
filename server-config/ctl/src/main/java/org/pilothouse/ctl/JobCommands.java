package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.progress.Progress;
import org.pilothouse.ctl.progress.Terminal;
import org.pilothouse.ctl.telemetry.Unusable;
import org.pilothouse.ctl.transfer.Download;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl jobs}. */
@Command(
    name = "jobs",
    description = "Work to be done, by one worker each",
    mixinStandardHelpOptions = true,
    subcommands = {
      JobCommands.ListThem.class,
      JobCommands.Show.class,
      JobCommands.Types.class,
      JobCommands.Submit.class,
      JobCommands.Wait.class,
      JobCommands.Cancel.class,
      JobCommands.Retry.class,
      JobCommands.Drop.class,
      JobCommands.Log.class,
      JobCommands.Result.class,
      JobCommands.Limits.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class JobCommands {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long BETWEEN_LOOKS = 500;
  private static final Duration LONGEST = Duration.ofDays(7);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Set<String> OPEN = Set.of("queued", "running");

  private static String path(String pilot) {
    return "/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/jobs";
  }

  private static String path(String pilot, String job) {
    return path(pilot) + "/" + PilothouseApi.encode(job);
  }

  /** A file, or the JSON itself. */
  static JsonNode parameters(String given) {
    try {
      String text = given.stripLeading().startsWith("{") ? given : Files.readString(Path.of(given));
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new Unusable("the parameters '" + given + "' are no JSON, and no file with any");
    }
  }

  private static boolean isOpen(JsonNode job) {
    return OPEN.contains(job.path("state").asText());
  }

  @Command(name = "list", description = "Jobs, the newest first", mixinStandardHelpOptions = true)
  static final class ListThem extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Option(names = "--state", paramLabel = "STATE", description = "one or several, with commas")
    @Nullable String state;

    @Option(names = "--type", paramLabel = "TYPE")
    @Nullable String type;

    @Option(names = "--q", paramLabel = "TEXT", description = "in the name, or how the id begins")
    @Nullable String text;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "50")
    int limit;

    @Override
    int answer(PilothouseApi api) {
      List<JsonNode> items = new ArrayList<>();
      if (limit > 0) {
        api.each(
            path(pilot) + new Query().with("state", state).with("type", type).with("q", text),
            item -> {
              items.add(item);
              return items.size() < limit;
            });
      }
      return show(
          items,
          "job_id",
          "type",
          "name",
          "state",
          "priority",
          "attempts",
          "created_at",
          "finished_at");
    }
  }

  @Command(name = "show", description = "A job and its attempts", mixinStandardHelpOptions = true)
  static final class Show extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "JOB")
    String job = "";

    @Override
    int answer(PilothouseApi api) {
      JsonNode found = api.get(path(pilot, job));
      List<JsonNode> attempts = new ArrayList<>();
      api.get(path(pilot, job) + "/attempts").path("items").forEach(attempts::add);
      if (connection.json) {
        ((ObjectNode) found).set("attempts_made", JSON.valueToTree(attempts));
        return show(found);
      }
      int shown = show(found);
      return attempts.isEmpty()
          ? shown
          : show(
              attempts,
              "attempt",
              "node",
              "started_at",
              "ended_at",
              "outcome",
              "log_lines",
              "error");
    }
  }

  @Command(
      name = "types",
      description = "The types of job there are; with --json, what each takes",
      mixinStandardHelpOptions = true)
  static final class Types extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Override
    int answer(PilothouseApi api) {
      List<JsonNode> items = new ArrayList<>();
      api.get("/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/job-types")
          .path("items")
          .forEach(items::add);
      return show(items, "name", "limits");
    }
  }

  /** Asks again and again how a job is, until it has ended. */
  abstract static class Waiting extends Answering {
    @Option(names = "--quiet", description = "no progress")
    boolean quiet;

    final JsonNode await(PilothouseApi api, String pilot, JsonNode first)
        throws InterruptedException {
      String one = path(pilot, first.path("job_id").asText());
      Progress progress =
          new Progress(
              err(),
              Terminal.style(quiet || connection.json),
              Progress.Counted.STEPS,
              System::nanoTime);
      JsonNode job = first;
      long total = -1;
      String said = "";
      long end = System.nanoTime() + LONGEST.toNanos();
      while (isOpen(job) && System.nanoTime() - end < 0) {
        JsonNode at = job.path("progress");
        if (total != at.path("total").asLong()) {
          total = at.path("total").asLong();
          progress.begin(job.path("type").asText(), total);
        }
        if (total > 0) {
          progress.at(at.path("done").asLong(), at.path("done").asLong());
        } else if (!said.equals(saying(job))) {
          said = saying(job);
          progress.hint(said);
        }
        Thread.sleep(BETWEEN_LOOKS);
        job =
            PilothouseApi.patiently(
                () -> api.get(one),
                PATIENCE,
                problem -> progress.note("ctl: " + problem.getMessage() + "; trying again"));
      }
      if (total > 0) {
        long done = job.path("progress").path("done").asLong();
        progress.finish(done, done);
      }
      return job;
    }

    private static String saying(JsonNode job) {
      String message = Printed.text(job.path("progress").path("message"));
      String state = job.path("state").asText();
      return message.isEmpty() ? state : state + ": " + message;
    }

    final int ended(JsonNode job) {
      int ignored = show(job);
      return job.path("state").asText().equals("succeeded") ? 0 : Ctl.REFUSED;
    }
  }

  @Command(
      name = "submit",
      description = {
        "Ask for a job",
        "PARAMETERS is a file with JSON, or the JSON itself. With --wait: exit code 0 when it has"
            + " succeeded, 1 otherwise; it goes on by itself when this command is stopped."
      },
      mixinStandardHelpOptions = true)
  static final class Submit extends Waiting {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "TYPE")
    String type = "";

    @Parameters(index = "2", paramLabel = "PARAMETERS")
    String given = "";

    @Option(names = "--name", paramLabel = "TEXT")
    @Nullable String name;

    @Option(names = "--urgent", description = "before the normal ones")
    boolean urgent;

    @Option(names = "--deadline", paramLabel = "TIME")
    @Nullable String deadline;

    @Option(names = "--key", paramLabel = "KEY", description = "the same key makes one job only")
    @Nullable String key;

    @Option(names = "--wait", description = "until it has ended, with progress")
    boolean wait;

    @Override
    int answer(PilothouseApi api) throws InterruptedException {
      ObjectNode wanted = object().put("type", type);
      wanted.set("parameters", parameters(given));
      if (name != null) {
        wanted.put("name", name);
      }
      if (urgent) {
        wanted.put("priority", "urgent");
      }
      if (deadline != null) {
        wanted.put("deadline", deadline);
      }
      Map<String, String> headers = new HashMap<>();
      if (key != null) {
        headers.put("Idempotency-Key", key);
      }
      JsonNode job = api.post(path(pilot), wanted, headers);
      return wait ? ended(await(api, pilot, job)) : show(job);
    }
  }

  @Command(
      name = "wait",
      description = {
        "Wait for a job, with progress",
        "Exit code 0 when it has succeeded, 1 otherwise."
      },
      mixinStandardHelpOptions = true)
  static final class Wait extends Waiting {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "JOB")
    String job = "";

    @Override
    int answer(PilothouseApi api) throws InterruptedException {
      return ended(await(api, pilot, api.get(path(pilot, job))));
    }
  }

  @Command(
      name = "cancel",
      description = "Cancel a job that waits or runs",
      mixinStandardHelpOptions = true)
  static final class Cancel extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "JOB")
    String job = "";

    @Override
    int answer(PilothouseApi api) {
      return show(api.post(path(pilot, job) + "/cancel", object()));
    }
  }

  @Command(
      name = "retry",
      description = "Have a job done again that failed, is dead or was cancelled",
      mixinStandardHelpOptions = true)
  static final class Retry extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "JOB")
    String job = "";

    @Option(
        names = "--parameters",
        paramLabel = "PARAMETERS",
        description = "instead of those it had: a file with JSON, or the JSON itself")
    @Nullable String given;

    @Override
    int answer(PilothouseApi api) {
      if (given == null) {
        return show(api.post(path(pilot, job) + "/retry", object()));
      }
      return show(
          api.post(path(pilot, job) + "/revise", object().set("parameters", parameters(given))));
    }
  }

  @Command(name = "drop", description = "Give up a dead job", mixinStandardHelpOptions = true)
  static final class Drop extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "JOB")
    String job = "";

    @Option(names = "--reason", paramLabel = "TEXT", required = true)
    String reason = "";

    @Override
    int answer(PilothouseApi api) {
      return show(api.post(path(pilot, job) + "/drop", object().put("reason", reason)));
    }
  }

  @Command(
      name = "log",
      description = "What an attempt at a job told of itself",
      mixinStandardHelpOptions = true)
  static final class Log extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "JOB")
    String job = "";

    @Option(names = "--attempt", paramLabel = "N", description = "without it, the newest")
    @Nullable Integer attempt;

    @Option(names = "--follow", description = "until the attempt has ended")
    boolean follow;

    @Override
    int answer(PilothouseApi api) throws InterruptedException {
      Integer number = attempt;
      if (number == null) {
        JsonNode newest = api.get(path(pilot, job) + "/attempts").path("items").path(0);
        if (newest.isMissingNode()) {
          err().println("ctl: nobody has begun it yet");
          err().flush();
          return Ctl.REFUSED;
        }
        number = newest.path("attempt").asInt();
      }
      String log = path(pilot, job) + "/attempts/" + number + "/log?limit=500";
      String cursor = null;
      while (true) {
        JsonNode page =
            api.get(cursor == null ? log : log + "&cursor=" + PilothouseApi.encode(cursor));
        for (JsonNode line : page.path("items")) {
          tell(line);
        }
        JsonNode next = page.path("next_cursor");
        if (!next.isTextual() || (page.path("items").isEmpty() && !follow)) {
          return 0;
        }
        cursor = next.asText();
        if (page.path("items").isEmpty()) {
          Thread.sleep(BETWEEN_LOOKS);
        }
      }
    }

    private void tell(JsonNode line) {
      if (connection.json) {
        out().println(line);
      } else {
        out()
            .printf(
                "%s %-4s %s%n",
                Printed.text(line.path("at")),
                Printed.text(line.path("level")),
                Printed.text(line.path("text")));
      }
      out().flush();
    }
  }

  @Command(
      name = "download",
      description = {
        "Fetch what a job has made into a file",
        "A download that broke off goes on where it was when it is called again."
      },
      mixinStandardHelpOptions = true)
  static final class Result extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "JOB")
    String job = "";

    @Option(
        names = {"-o", "--output"},
        paramLabel = "FILE",
        defaultValue = ".",
        description = "a file, or a directory in which it gets the dataset's name; default: here")
    Path output = Path.of(".");

    @Option(names = "--force", description = "write over a file that is there")
    boolean force;

    @Option(names = "--quiet", description = "no progress")
    boolean quiet;

    @Override
    int answer(PilothouseApi api) throws Exception {
      JsonNode found = api.get(path(pilot, job));
      JsonNode dataset = found.path("result").path("dataset_id");
      if (!dataset.isTextual()) {
        err().println("ctl: it has made no dataset; it is " + found.path("state").asText());
        err().flush();
        return Ctl.REFUSED;
      }
      Progress progress =
          new Progress(
              err(),
              Terminal.style(quiet || connection.json),
              Progress.Counted.BYTES,
              System::nanoTime);
      Path file = new Download(api, pilot, dataset.asText(), progress).run(output, force);
      return show(object().put("dataset_id", dataset.asText()).put("file", file.toString()));
    }
  }

  @Command(
      name = "limits",
      description = "How many jobs may wait and run; with both numbers, sets them",
      mixinStandardHelpOptions = true)
  static final class Limits extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Option(names = "--queued", paramLabel = "N")
    @Nullable Integer queued;

    @Option(names = "--running", paramLabel = "N")
    @Nullable Integer running;

    @Override
    int answer(PilothouseApi api) {
      String limits = path(pilot) + "/limits";
      JsonNode now = api.get(limits);
      if (queued == null && running == null) {
        return show(now);
      }
      ObjectNode wanted =
          object()
              .put("queued_most", queued == null ? now.path("queued_most").asInt() : queued)
              .put("running_most", running == null ? now.path("running_most").asInt() : running);
      return show(api.put(limits, wanted.toString(), "application/json", Map.of()));
    }
  }
}
