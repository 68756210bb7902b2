package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl schedules}. */
@Command(
    name = "schedules",
    description = "Jobs that are asked for again and again",
    mixinStandardHelpOptions = true,
    subcommands = {
      ScheduleCommands.ListThem.class,
      ScheduleCommands.Show.class,
      ScheduleCommands.Create.class,
      ScheduleCommands.Change.class,
      ScheduleCommands.Delete.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class ScheduleCommands {
  private static final String EVERY_DAY = "mon,tue,wed,thu,fri,sat,sun";

  private static String path(String pilot) {
    return "/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/job-schedules";
  }

  private static String path(String pilot, String schedule) {
    return path(pilot) + "/" + PilothouseApi.encode(schedule);
  }

  private static ArrayNode days(ObjectNode of, String words) {
    ArrayNode days = of.putArray("days");
    for (String word : words.split(",", -1)) {
      days.add(word.strip());
    }
    return days;
  }

  @Command(name = "list", description = "All of them", mixinStandardHelpOptions = true)
  static final class ListThem extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Override
    int answer(PilothouseApi api) {
      List<JsonNode> items = new ArrayList<>();
      api.get(path(pilot)).path("items").forEach(items::add);
      return show(
          items,
          "schedule_id",
          "name",
          "type",
          "days",
          "time",
          "time_zone",
          "enabled",
          "next_at",
          "last_job_id");
    }
  }

  @Command(name = "show", description = "A schedule", mixinStandardHelpOptions = true)
  static final class Show extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "SCHEDULE")
    String schedule = "";

    @Override
    int answer(PilothouseApi api) {
      return show(api.get(path(pilot, schedule)));
    }
  }

  @Command(
      name = "create",
      description = {
        "Have a job asked for on days of the week, by the pilot's clock",
        "PARAMETERS is a file with JSON, or the JSON itself."
      },
      mixinStandardHelpOptions = true)
  static final class Create extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "TYPE")
    String type = "";

    @Parameters(index = "2", paramLabel = "PARAMETERS")
    String given = "";

    @Option(names = "--name", paramLabel = "TEXT", required = true)
    String name = "";

    @Option(names = "--days", paramLabel = "DAYS", defaultValue = EVERY_DAY)
    String days = EVERY_DAY;

    @Option(names = "--time", paramLabel = "HH:MM", required = true)
    String time = "";

    @Option(names = "--urgent", description = "before the normal ones")
    boolean urgent;

    @Override
    int answer(PilothouseApi api) {
      ObjectNode wanted = object().put("name", name).put("type", type).put("time", time);
      wanted.set("parameters", JobCommands.parameters(given));
      ArrayNode unused = days(wanted, days);
      wanted.put("priority", urgent ? "urgent" : "normal");
      return show(api.post(path(pilot), wanted));
    }
  }

  @Command(
      name = "change",
      description = "Change what is given, and leave the rest",
      mixinStandardHelpOptions = true)
  static final class Change extends Answering {
    private static final List<String> KEPT =
        List.of("name", "type", "parameters", "days", "time", "priority", "enabled");

    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "SCHEDULE")
    String schedule = "";

    @Option(names = "--name", paramLabel = "TEXT")
    @Nullable String name;

    @Option(names = "--days", paramLabel = "DAYS", description = "such as mon,fri")
    @Nullable String days;

    @Option(names = "--time", paramLabel = "HH:MM")
    @Nullable String time;

    @Option(names = "--parameters", paramLabel = "PARAMETERS")
    @Nullable String given;

    @Option(names = "--enabled", arity = "1", paramLabel = "true|false")
    @Nullable Boolean enabled;

    @Override
    int answer(PilothouseApi api) {
      JsonNode now = api.get(path(pilot, schedule));
      ObjectNode wanted = object();
      KEPT.forEach(field -> wanted.set(field, now.path(field)));
      if (name != null) {
        wanted.put("name", name);
      }
      if (days != null) {
        ArrayNode unused = days(wanted, days);
      }
      if (time != null) {
        wanted.put("time", time);
      }
      if (given != null) {
        wanted.set("parameters", JobCommands.parameters(given));
      }
      if (enabled != null) {
        wanted.put("enabled", enabled.booleanValue());
      }
      return show(api.replace(path(pilot, schedule), wanted));
    }
  }

  @Command(name = "delete", description = "Remove a schedule", mixinStandardHelpOptions = true)
  static final class Delete extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "SCHEDULE")
    String schedule = "";

    @Override
    int answer(PilothouseApi api) {
      JsonNode unused = api.delete(path(pilot, schedule));
      return 0;
    }
  }
}
