package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl pilots}. */
@Command(
    name = "pilots",
    description = "The partners of the consortium",
    mixinStandardHelpOptions = true,
    subcommands = {
      PilotCommands.ListThem.class,
      PilotCommands.Get.class,
      PilotCommands.Create.class,
      PilotCommands.Set.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class PilotCommands {
  @Command(name = "list", description = "The pilots you may see", mixinStandardHelpOptions = true)
  static final class ListThem extends Answering {
    @Override
    int answer(PilothouseApi api) {
      return show(api.list("/api/v1/pilots"), "pilot_id", "name", "time_zone", "created_at");
    }
  }

  @Command(name = "get", description = "One pilot", mixinStandardHelpOptions = true)
  static final class Get extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Override
    int answer(PilothouseApi api) {
      return show(api.get("/api/v1/pilots/" + PilothouseApi.encode(pilot)));
    }
  }

  @Command(
      name = "create",
      description = "Add a pilot; its topics are made with it",
      mixinStandardHelpOptions = true)
  static final class Create extends Answering {
    @Parameters(paramLabel = "PILOT", description = "its id, [a-z0-9][a-z0-9-]{0,62}")
    String pilot = "";

    @Option(names = "--name", description = "default: the id")
    @Nullable String name;

    @Option(
        names = "--time-zone",
        paramLabel = "ZONE",
        defaultValue = "UTC",
        description = "IANA name, such as Europe/Rome; default: ${DEFAULT-VALUE}")
    String timeZone = "UTC";

    @Option(
        names = "--telemetry-days",
        paramLabel = "DAYS",
        description = "how long events are kept")
    @Nullable Integer telemetryDays;

    @Override
    int answer(PilothouseApi api) {
      ObjectNode body = object();
      body.put("pilot_id", pilot);
      body.put("name", name == null ? pilot : name);
      body.put("time_zone", timeZone);
      if (telemetryDays != null) {
        body.putObject("retention").put("telemetry_days", telemetryDays);
      }
      return show(api.post("/api/v1/pilots", body));
    }
  }

  @Command(name = "set", description = "Change a pilot", mixinStandardHelpOptions = true)
  static final class Set extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Option(names = "--name")
    @Nullable String name;

    @Option(names = "--time-zone", paramLabel = "ZONE")
    @Nullable String timeZone;

    @Option(names = "--telemetry-days", paramLabel = "DAYS")
    @Nullable Integer telemetryDays;

    @Override
    int answer(PilothouseApi api) {
      ObjectNode change = object();
      if (name != null) {
        change.put("name", name);
      }
      if (timeZone != null) {
        change.put("time_zone", timeZone);
      }
      if (telemetryDays != null) {
        change.putObject("retention").put("telemetry_days", telemetryDays);
      }
      return show(api.patch("/api/v1/pilots/" + PilothouseApi.encode(pilot), change));
    }
  }
}
