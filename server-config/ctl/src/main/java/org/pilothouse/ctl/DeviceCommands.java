package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl devices}. */
@Command(
    name = "devices",
    description = "The devices of a pilot and their tokens",
    mixinStandardHelpOptions = true,
    subcommands = {
      DeviceCommands.ListThem.class,
      DeviceCommands.Get.class,
      DeviceCommands.Create.class,
      DeviceCommands.Rotate.class,
      DeviceCommands.Delete.class,
      StandIn.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class DeviceCommands {
  private static String path(String pilot) {
    return "/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/devices";
  }

  private static String path(String pilot, String device) {
    return path(pilot) + "/" + PilothouseApi.encode(device);
  }

  @Command(name = "list", description = "A pilot's devices", mixinStandardHelpOptions = true)
  static final class ListThem extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Override
    int answer(PilothouseApi api) {
      return show(api.list(path(pilot)), "device_id", "twins", "created_at", "last_seen_at");
    }
  }

  @Command(name = "get", description = "One device", mixinStandardHelpOptions = true)
  static final class Get extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "DEVICE")
    String device = "";

    @Override
    int answer(PilothouseApi api) {
      return show(api.get(path(pilot, device)));
    }
  }

  @Command(
      name = "create",
      description = "Register a device; its token is printed this once",
      mixinStandardHelpOptions = true)
  static final class Create extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "DEVICE")
    String device = "";

    @Option(
        names = "--twin",
        paramLabel = "TWIN",
        description = "a twin it may report for; several times; default: any of its pilot")
    List<String> twins = new ArrayList<>();

    @Override
    int answer(PilothouseApi api) {
      ObjectNode body = object();
      body.put("device_id", device);
      ArrayNode list = body.putArray("twins");
      twins.forEach(list::add);
      return show(api.post(path(pilot), body));
    }
  }

  @Command(
      name = "rotate",
      description = "Give a device a new token, printed this once",
      mixinStandardHelpOptions = true)
  static final class Rotate extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "DEVICE")
    String device = "";

    @Override
    int answer(PilothouseApi api) {
      return show(api.post(path(pilot, device) + "/rotate", null));
    }
  }

  @Command(name = "delete", description = "Remove a device", mixinStandardHelpOptions = true)
  static final class Delete extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "DEVICE")
    String device = "";

    @Override
    int answer(PilothouseApi api) {
      api.delete(path(pilot, device));
      return 0;
    }
  }
}
