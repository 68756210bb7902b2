package org.pilothouse.ctl.telemetry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;

/**
 * Says what twins are before they report, so that their first values are held against the model
 * already. A twin that is there keeps what people said of it; one without a model is given it.
 */
final class TwinMaker {
  static final int MOST_TWINS = 200_000;

  private final PilothouseApi api;
  private final String base;
  private final String model;
  private final Duration patience;
  private final Consumer<String> said;
  private final Set<String> known = new HashSet<>();
  private long made;

  /**
   * @param api of a person who may change twins
   */
  TwinMaker(
      PilothouseApi api, String pilot, String model, Duration patience, Consumer<String> said) {
    this.api = api;
    this.base = "/api/v1/pilots/" + PilothouseApi.encode(pilot);
    this.model = model;
    this.patience = patience;
    this.said = said;
  }

  /** Puts the model; one that says the same changes nothing. */
  void putModel(JsonNode document) throws InterruptedException {
    JsonNode answer =
        patiently(() ->
            api.put(
                base + "/models/" + PilothouseApi.encode(model),
                document.toString(),
                "application/tm+json",
                Map.of()));
    said.accept("model " + model + ", revision " + answer.path("revision").asText());
  }

  boolean isKnown(String twin) {
    return known.contains(twin);
  }

  void make(String twin, ObjectNode attributes) throws InterruptedException {
    if (known.size() >= MOST_TWINS) {
      throw new Unusable("the file has more than " + MOST_TWINS + " twins; import it in parts");
    }
    ObjectNode definition = JsonNodeFactory.instance.objectNode();
    definition.put("model", model);
    definition.set("attributes", attributes);
    String path = base + "/twins/" + PilothouseApi.encode(twin);
    try {
      JsonNode ignored =
          patiently(() ->
              api.put(
                  path, definition.toString(), "application/json", Map.of("If-None-Match", "*")));
      made++;
    } catch (ApiProblem problem) {
      if (problem.status() != 412 && problem.status() != 409) {
        throw problem;
      }
      keep(twin, path, definition);
    }
    known.add(twin);
  }

  private void keep(String twin, String path, ObjectNode definition) throws InterruptedException {
    JsonNode there = patiently(() -> api.get(path));
    if (there.path("model").isNull()) {
      ObjectNode change = JsonNodeFactory.instance.objectNode().put("model", model);
      if (there.path("attributes").isEmpty()) {
        change.set("attributes", definition.path("attributes"));
      }
      JsonNode ignored = patiently(() -> api.patch(path, change));
    } else if (!there.path("model").asText().equals(model)) {
      said.accept(
          "the twin " + twin + " has the model " + there.path("model").asText() + " and keeps it");
    }
  }

  private JsonNode patiently(java.util.function.Supplier<JsonNode> call)
      throws InterruptedException {
    return PilothouseApi.patiently(
        call, patience, problem -> said.accept(problem.getMessage() + "; trying again"));
  }

  long made() {
    return made;
  }
}
