package org.pilothouse.pilots.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.PilotsModule;
import org.pilothouse.platform.web.BoundedBody;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.ProblemBody;
import org.pilothouse.platform.web.Problems;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the MQTT broker. A servlet and not a resource: it is no part of the API, stands outside
 * its path, and knows no caller but the broker's key.
 */
@WebServlet(urlPatterns = "/internal/mqtt/authenticate")
public class BrokerServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(BrokerServlet.class);
  private static final int LARGEST = 8192;

  @Inject private transient @Nullable PilotsModule module;

  /** Who the device is. */
  public record Answer(PilotId pilot, DeviceId device, List<String> twins) {}

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    PilotsModule pilots = module;
    try {
      if (pilots == null) {
        throw Problem.of(ProblemCode.UNAVAILABLE, "The server is starting.");
      }
      JsonNode body = Json.mapper().readTree(BoundedBody.read(request.getInputStream(), LARGEST));
      JsonFields fields = JsonFields.of(body);
      String username = fields.text("username", 0, 256);
      String password = fields.text("password", 0, 256);
      fields.optionalText("client_id", 0, 1024);
      fields.refuseOthers();
      Caller.Device device =
          pilots
              .inside()
              .brokerDoor()
              .authenticate(request.getHeader("X-Broker-Key"), username, password);
      write(
          response,
          200,
          "application/json",
          new Answer(
              device.pilot(),
              device.deviceId(),
              device.allowedTwins().stream().map(TwinId::value).sorted().toList()));
    } catch (IOException | RuntimeException e) {
      Optional<Problem> expected = Problems.of(e);
      if (expected.isEmpty()) {
        LOG.error("the broker's question failed", e);
      }
      Problem problem =
          expected.orElseGet(
              () -> Problem.of(ProblemCode.INTERNAL, "Something broke inside; it is in the log."));
      write(
          response, problem.code().status(), ProblemBody.MEDIA_TYPE, ProblemBody.of(problem, null));
    }
  }

  private static void write(HttpServletResponse response, int status, String mediaType, Object body)
      throws IOException {
    response.setStatus(status);
    response.setContentType(mediaType);
    Json.mapper().writeValue(response.getOutputStream(), body);
  }
}
