package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ctl twins digest}. */
@Command(
    name = "digest",
    description = "What all states of a pilot's twins come to, and how much telemetry is in them",
    mixinStandardHelpOptions = true)
final class TwinDigestCommand extends Answering {
  @Parameters(paramLabel = "PILOT")
  String pilot = "";

  @Override
  int answer(PilothouseApi api) {
    JsonNode digest = api.get("/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/twin-digest");
    if (connection.json) {
      return show(digest);
    }
    StringBuilder positions = new StringBuilder();
    for (JsonNode each : digest.path("positions")) {
      positions
          .append(positions.isEmpty() ? "" : " ")
          .append(each.path("partition").asText())
          .append(':')
          .append(each.path("position").asText());
    }
    return show(
        object()
            .put("twins", digest.path("twins").asLong())
            .put("digest", digest.path("digest").asText())
            .put("positions", positions.toString()));
  }
}
