package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What the platform says of itself. */
final class PlatformCommands {
  private PlatformCommands() {}

  private static List<JsonNode> items(JsonNode document) {
    List<JsonNode> items = new ArrayList<>();
    document.path("items").forEach(items::add);
    return items;
  }

  @Command(name = "engines", description = "How the engines are", mixinStandardHelpOptions = true)
  static final class Engines extends Answering {
    @Override
    int answer(PilothouseApi api) {
      return show(
          items(api.get("/api/v1/platform/engines")),
          "name",
          "state",
          "latency_ms",
          "since",
          "role",
          "detail");
    }
  }

  @Command(
      name = "readers",
      description = "The readers of the backbone and how far behind each is",
      mixinStandardHelpOptions = true)
  static final class Readers extends Answering {
    @Override
    int answer(PilothouseApi api) {
      return show(
          items(api.get("/api/v1/platform/readers")),
          "name",
          "state",
          "lag",
          "records_per_second",
          "rejected",
          "topics");
    }
  }

  @Command(name = "overview", description = "A pilot at a glance", mixinStandardHelpOptions = true)
  static final class Overview extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Override
    int answer(PilothouseApi api) {
      JsonNode overview = api.get("/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/overview");
      if (!connection.json) {
        ((com.fasterxml.jackson.databind.node.ObjectNode) overview).remove("minutes");
      }
      return show(overview);
    }
  }
}
