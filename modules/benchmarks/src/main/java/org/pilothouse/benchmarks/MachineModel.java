package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Map;
import org.pilothouse.ctl.api.ApiProblem;

/** The model of the machines of {@link TelemetryFeed}, and how a pilot comes to them. */
final class MachineModel {
  private static final String ID = "machine";
  private static final String DOCUMENT =
      """
      {"@context": "https://www.w3.org/2022/wot/td/v1.1", "@type": "tm:ThingModel", "title": "Machine",
       "properties": {
         "temperature": {"type": "number", "unit": "degC"},
         "pressure": {"type": "number", "unit": "bar"},
         "vibration": {"type": "number", "unit": "mm/s"},
         "speed": {"type": "integer", "unit": "1/min"},
         "state": {"type": "string"}}}
      """;

  private MachineModel() {}

  /** Makes the first machines of a pilot, unless the last of them is there. */
  static void introduce(Stack stack, String pilot, int machines) {
    String base = "/api/v1/pilots/" + pilot;
    stack.platform().put(base + "/models/" + ID, DOCUMENT, "application/tm+json", Map.of());
    if (isThere(stack, base + "/twins/" + TelemetryFeed.twin(machines - 1))) {
      return;
    }
    IngestHttp.say("making %,d twins of a model", machines);
    String machine = JsonNodeFactory.instance.objectNode().put("model", ID).toString();
    for (int i = 0; i < machines; i++) {
      var unused =
          stack
              .platform()
              .put(base + "/twins/" + TelemetryFeed.twin(i), machine, "application/json", Map.of());
    }
  }

  private static boolean isThere(Stack stack, String twin) {
    try {
      return stack.platform().get(twin).hasNonNull("model");
    } catch (ApiProblem problem) {
      if (problem.status() == 404) {
        return false;
      }
      throw problem;
    }
  }
}
