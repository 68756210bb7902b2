package org.pilothouse.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.telemetry.Unusable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl twins}. */
@Command(
    name = "twins",
    description = "What is true of the assets now, what was, and what they are told",
    mixinStandardHelpOptions = true,
    subcommands = {
      TwinCommands.ListThem.class,
      TwinCommands.Show.class,
      TwinCommands.Put.class,
      TwinCommands.Patch.class,
      TwinCommands.Retire.class,
      TwinCommands.History.class,
      TwinCommands.Thread.class,
      TwinCommands.Tell.class,
      TwinRebuildCommand.class,
      TwinDigestCommand.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class TwinCommands {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static String path(String pilot) {
    return "/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/twins";
  }

  private static String path(String pilot, String twin) {
    return path(pilot) + "/" + PilothouseApi.encode(twin);
  }

  private static JsonNode json(String option, String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new Unusable(option + " is not JSON: " + e.getOriginalMessage());
    }
  }

  @Command(name = "list", description = "A pilot's twins, by id", mixinStandardHelpOptions = true)
  static final class ListThem extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Option(names = "--model", paramLabel = "MODEL", description = "only twins of this model")
    @Nullable String model;

    @Option(
        names = "--q",
        paramLabel = "TEXT",
        description = "only twins whose id, name or place holds it")
    @Nullable String text;

    @Option(
        names = "--silent-for",
        paramLabel = "LENGTH",
        description = "only twins that have not reported for 90s, 15m, 2h, 7d …")
    @Nullable Duration silentFor;

    @Option(
        names = {"-n", "--most"},
        defaultValue = "1000",
        description = "how many at most; default: ${DEFAULT-VALUE}")
    int most = 1000;

    @Override
    int answer(PilothouseApi api) {
      Query query = new Query().with("model", model).with("q", text);
      query.with("silent_for", silentFor == null ? null : silentFor.toSeconds());
      List<JsonNode> twins = new ArrayList<>();
      boolean[] more = {false};
      api.each(
          path(pilot) + query,
          twin -> {
            more[0] = twins.size() >= most;
            if (!more[0]) {
              twins.add(connection.json ? twin : row(twin));
            }
            return !more[0];
          });
      int code = show(twins, "twin_id", "model", "name", "place", "properties", "reported_at");
      if (more[0] && !connection.json) {
        err().println("there are more; --most shows them");
      }
      return code;
    }

    private static ObjectNode row(JsonNode twin) {
      ObjectNode row = object();
      for (String name : List.of("twin_id", "model", "reported_at")) {
        row.set(name, twin.path(name));
      }
      row.set("name", twin.path("attributes").path("name"));
      row.set("place", twin.path("attributes").path("place"));
      row.put("properties", twin.path("properties").size());
      return row;
    }
  }

  /** Of one twin. */
  abstract static class OfOne extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "TWIN")
    String twin = "";

    final String path() {
      return TwinCommands.path(pilot, twin);
    }

    /** What a person reads: what was said of it, then what it reported. */
    final int showTwin(JsonNode answer) {
      if (connection.json) {
        return show(answer);
      }
      ObjectNode head = answer.deepCopy();
      head.remove("properties");
      Printed.fields(out(), head);
      List<JsonNode> rows = new ArrayList<>();
      answer
          .path("properties")
          .properties()
          .forEach(each -> {
            ObjectNode row = object().put("property", each.getKey());
            row.set("value", each.getValue().path("value"));
            row.set("time", each.getValue().path("time"));
            rows.add(row);
          });
      if (!rows.isEmpty()) {
        out().println();
        Printed.table(out(), rows, List.of("property", "value", "time"));
      }
      return 0;
    }
  }

  @Command(
      name = "show",
      description = "A twin as it is, or as it was",
      mixinStandardHelpOptions = true)
  static final class Show extends OfOne {
    @Option(names = "--at", paramLabel = "TIME", description = "as it was then; RFC 3339")
    @Nullable String at;

    @Override
    int answer(PilothouseApi api) {
      return showTwin(api.get(path() + new Query().with("at", at)));
    }
  }

  /** What people say of a twin. */
  abstract static class Saying extends OfOne {
    @Option(names = "--model", paramLabel = "MODEL", description = "'' for none")
    @Nullable String model;

    @Option(
        names = "--attributes",
        paramLabel = "JSON",
        description = "such as '{\"name\": \"Press 1\", \"place\": \"works/hall-2\"}'")
    @Nullable String attributes;

    @Option(names = "--desired", paramLabel = "JSON", description = "what its properties should be")
    @Nullable String desired;

    final ObjectNode definition() {
      ObjectNode definition = object();
      if (model != null) {
        if (model.isEmpty()) {
          definition.set("model", NullNode.instance);
        } else {
          definition.put("model", model);
        }
      }
      if (attributes != null) {
        definition.set("attributes", json("--attributes", attributes));
      }
      if (desired != null) {
        definition.set("desired", json("--desired", desired));
      }
      return definition;
    }
  }

  @Command(
      name = "put",
      description = "Create a twin, or say anew what it is: what is not given is empty then",
      mixinStandardHelpOptions = true)
  static final class Put extends Saying {
    @Option(names = "--new", description = "only if there is no such twin yet")
    boolean onlyNew;

    @Override
    int answer(PilothouseApi api) {
      return showTwin(
          api.put(
              path(),
              definition().toString(),
              "application/json",
              onlyNew ? Map.of("If-None-Match", "*") : Map.of()));
    }
  }

  @Command(
      name = "patch",
      description = "Change what is said of a twin (JSON merge patch: null takes a member away)",
      mixinStandardHelpOptions = true)
  static final class Patch extends Saying {
    @Override
    int answer(PilothouseApi api) {
      ObjectNode change = definition();
      if (change.isEmpty()) {
        throw new Unusable("nothing to change: give --model, --attributes or --desired");
      }
      return showTwin(api.patch(path(), change));
    }
  }

  @Command(
      name = "retire",
      description = "Retire a twin: its state goes, its readings and its thread stay",
      mixinStandardHelpOptions = true)
  static final class Retire extends OfOne {
    @Override
    int answer(PilothouseApi api) {
      api.delete(path());
      return 0;
    }
  }

  @Command(
      name = "history",
      description = "What a twin reported over time",
      mixinStandardHelpOptions = true)
  static final class History extends OfOne {
    @Option(
        names = "--property",
        paramLabel = "NAME",
        split = ",",
        description = "one or more; default: up to 16 numeric ones")
    List<String> properties = new ArrayList<>();

    @Option(names = "--from", paramLabel = "TIME", description = "RFC 3339")
    @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "RFC 3339; default: now")
    @Nullable String to;

    @Option(
        names = "--last",
        paramLabel = "LENGTH",
        description = "instead of --from: the last 15m, 24h, 7d … before --to; default: 1h")
    @Nullable Duration last;

    @Option(
        names = "--step",
        paramLabel = "LENGTH",
        description = "sums up steps of 1m, 1h, 1d …, or auto; default: the readings themselves")
    @Nullable String step;

    @Override
    int answer(PilothouseApi api) {
      String start = from;
      if (last != null) {
        if (from != null) {
          throw new Unusable("either --from or --last, not both");
        }
        start = end().minus(last).toString();
      }
      Query query = new Query().with("from", start).with("to", to).with("step", step());
      query.with("property", properties.isEmpty() ? null : String.join(",", properties));
      JsonNode history = api.get(path() + "/history" + query);
      if (connection.json) {
        return show(history);
      }
      List<JsonNode> rows = new ArrayList<>();
      for (JsonNode series : history.path("series")) {
        for (JsonNode point : series.path("points")) {
          rows.add(row(series, point));
        }
        if (series.path("truncated").asBoolean()) {
          err()
              .println(
                  Printed.text(series.path("property"))
                      + " has more points than one answer holds; give --step");
        }
      }
      return step == null
          ? show(rows, "property", "time", "value", "unit")
          : show(rows, "property", "time", "min", "avg", "max", "count", "unit");
    }

    private static ObjectNode row(JsonNode series, JsonNode point) {
      ObjectNode row = object();
      row.set("property", series.path("property"));
      row.set("unit", series.path("unit"));
      row.set("time", point.path(0));
      row.set("value", point.path(1));
      row.set("min", point.path(1));
      row.set("avg", point.path(2));
      row.set("max", point.path(3));
      row.set("count", point.path(4));
      return row;
    }

    private Instant end() {
      try {
        return to == null ? Instant.now() : Instant.parse(to);
      } catch (java.time.DateTimeException e) {
        throw new Unusable("--to must be an RFC 3339 time in UTC, not '" + to + "'");
      }
    }

    private @Nullable String step() {
      return step == null || step.equals("auto")
          ? step
          : Long.toString(Math.max(1, org.pilothouse.ctl.telemetry.Length.of(step).toSeconds()));
    }
  }

  @Command(
      name = "thread",
      description = "Every fact of a twin's life, newest first",
      mixinStandardHelpOptions = true)
  static final class Thread extends OfOne {
    @Option(
        names = {"-n", "--most"},
        defaultValue = "50",
        description = "how many at most; default: ${DEFAULT-VALUE}")
    int most = 50;

    @Override
    int answer(PilothouseApi api) {
      List<JsonNode> facts = new ArrayList<>();
      api.each(
          path() + "/thread",
          fact -> {
            facts.add(fact);
            return facts.size() < most;
          });
      return show(facts, "time", "type", "actor", "data");
    }
  }

  @Command(
      name = "command",
      description = {
        "Tell a twin's device to do something, and wait for what comes of it",
        "Exit code 0 when it succeeded, 1 when it failed or nobody answered in time."
      },
      mixinStandardHelpOptions = true)
  static final class Tell extends OfOne {
    private static final long BETWEEN_LOOKS = 500;

    /** The platform ends a command at its time; this is for its clock and its own rounds. */
    private static final Duration GRACE = Duration.ofSeconds(15);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Parameters(index = "2", paramLabel = "NAME", description = "an action of the twin's model")
    String name = "";

    @Option(names = "--input", paramLabel = "JSON", description = "what the action takes")
    @Nullable String input;

    @Option(
        names = "--timeout",
        paramLabel = "LENGTH",
        defaultValue = "60s",
        description = "how long the device has; 1s to 1d; default: ${DEFAULT-VALUE}")
    Duration timeout = Duration.ofSeconds(60);

    @Option(names = "--no-wait", description = "return when the platform has taken the command")
    boolean noWait;

    @Override
    int answer(PilothouseApi api) throws InterruptedException {
      ObjectNode body = object();
      body.put("name", name);
      if (input != null) {
        body.set("input", json("--input", input));
      }
      body.put("timeout_s", Math.max(1, timeout.toSeconds()));
      JsonNode command = api.post(path() + "/commands", body);
      if (noWait) {
        return show(command);
      }
      String one = path() + "/commands/" + command.path("command_id").asText();
      long end = System.nanoTime() + timeout.plus(GRACE).toNanos();
      String state = command.path("state").asText();
      say(state);
      while (isOpen(state) && System.nanoTime() < end) {
        java.lang.Thread.sleep(BETWEEN_LOOKS);
        command =
            PilothouseApi.patiently(
                () -> api.get(one),
                PATIENCE,
                problem -> err().println("ctl: " + problem.getMessage() + "; trying again"));
        String next = command.path("state").asText();
        if (!next.equals(state) && isOpen(next)) {
          say(next);
        }
        state = next;
      }
      int ignored = show(command);
      return state.equals("succeeded") ? 0 : Ctl.REFUSED;
    }

    private void say(String state) {
      if (!connection.json && isOpen(state)) {
        err()
            .println(
                state.equals("pending")
                    ? "pending: the device has not got it yet"
                    : "delivered: waiting for the answer");
      }
    }

    private static boolean isOpen(String state) {
      return state.equals("pending") || state.equals("delivered");
    }
  }
}
