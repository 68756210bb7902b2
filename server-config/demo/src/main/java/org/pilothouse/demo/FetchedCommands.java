package org.pilothouse.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;

/** Fetches a device's commands over HTTP and answers them, as a gateway without MQTT does. */
final class FetchedCommands implements Runnable {
  private static final int WAIT_SECONDS = 20;
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final PilothouseApi device;
  private final String path;
  private final Obedience obedience;
  private final BooleanSupplier ended;

  FetchedCommands(
      PilothouseApi device, String pilot, String id, Obedience obedience, BooleanSupplier ended) {
    this.device = device;
    this.path = "/api/v1/pilots/" + pilot + "/devices/" + id + "/commands";
    this.obedience = obedience;
    this.ended = ended;
  }

  @Override
  public void run() {
    try {
      while (!ended.getAsBoolean()) {
        try {
          for (JsonNode command : device.get(path + "?wait_s=" + WAIT_SECONDS).path("items")) {
            answer(command);
          }
        } catch (ApiProblem problem) {
          // The platform is away, or asks for patience; what it holds is fetched afterwards.
          Thread.sleep(PAUSE);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(JsonNode command) {
    try {
      JsonNode ignored =
          device.post(
              path + "/" + command.path("id").asText() + "/result", obedience.to(command).json());
    } catch (ApiProblem problem) {
      // It has ended meanwhile.
      if (problem.status() != 409 && problem.status() != 404) {
        throw problem;
      }
    }
  }
}
