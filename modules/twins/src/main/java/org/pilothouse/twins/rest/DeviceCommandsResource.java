package org.pilothouse.twins.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.Parameters;
import org.pilothouse.platform.web.ProblemBody;
import org.pilothouse.platform.web.Problems;
import org.pilothouse.platform.web.TraceId;
import org.pilothouse.twins.Command;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.twins.internal.CommandPolls;
import org.pilothouse.twins.internal.CommandResult;
import org.pilothouse.twins.internal.Commands;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commands for a device that does not speak MQTT: it fetches them, and says what came of them. */
@Path("/pilots/{pilot}/devices/{device}/commands")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class DeviceCommandsResource {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceCommandsResource.class);
  private static final int LONGEST_WAIT = 30;
  private static final int LONGEST_ERROR = 4_096;

  /** What a slow store may take after the wait. */
  private static final long GRACE_SECONDS = 20;

  private final Commands commands;
  private final CommandPolls polls;
  private final PilotDirectory pilots;
  private final CurrentCaller current;
  private final TraceId trace;

  @Inject
  public DeviceCommandsResource(
      TwinsModule module, PilotDirectory pilots, CurrentCaller current, TraceId trace) {
    this.commands = module.inside().commands();
    this.polls = module.inside().polls();
    this.pilots = pilots;
    this.current = current;
    this.trace = trace;
  }

  /** A command as its device sees it; by MQTT it gets the same. */
  public record HandedCommand(
      String id,
      String commandId,
      TwinId twin,
      String name,
      @Nullable JsonNode input,
      Instant expiresAt) {
    static HandedCommand of(Command command) {
      return new HandedCommand(
          command.id(),
          command.id(),
          command.twin(),
          command.name(),
          command.input().orElse(null),
          command.expiresAt());
    }
  }

  /** Whoever waits holds none of the server's threads. */
  @GET
  @Access(
      scope = Access.Scope.DEVICE,
      roles = {"device"})
  public void fetchCommands(
      @PathParam("pilot") String path,
      @PathParam("device") String device,
      @QueryParam("wait_s") @Nullable String wait,
      @Suspended AsyncResponse response) {
    Commands.Recipient recipient = recipient(path, device);
    Duration time =
        Parameters.text("wait_s", wait, 16).map(text -> wait(text)).orElse(Duration.ZERO);
    String traceId = trace.get();
    response.setTimeout(time.toSeconds() + GRACE_SECONDS, TimeUnit.SECONDS);
    response.setTimeoutHandler(late ->
        late.resume(
            ProblemBody.response(
                Problem.of(ProblemCode.UNAVAILABLE, "The store did not answer in time."),
                traceId)));
    var answered =
        polls
            .poll(recipient, time)
            .whenComplete((found, failure) ->
                // Written by a thread of its own: a device that reads slowly holds nobody up.
                Thread.ofVirtual()
                    .name("commands-" + recipient.pilot())
                    .start(() -> response.resume(answer(found, failure, traceId))));
  }

  private static Response answer(
      @Nullable List<Command> found, @Nullable Throwable failure, String traceId) {
    if (found != null) {
      return Response.ok(
              new Page<>(found.stream().map(HandedCommand::of).toList(), null),
              MediaType.APPLICATION_JSON_TYPE)
          .header("Cache-Control", "no-store")
          .build();
    }
    Problem problem =
        Optional.ofNullable(failure)
            .flatMap(Problems::of)
            .orElseGet(() ->
                Problem.of(ProblemCode.INTERNAL, "Something broke inside; it is in the log."));
    if (problem.code().status() >= 500) {
      LOG.error("commands cannot be fetched trace_id={}", traceId, failure);
    }
    return ProblemBody.response(problem, traceId);
  }

  private static Duration wait(String text) {
    try {
      int seconds = Integer.parseInt(text);
      if (seconds >= 0 && seconds <= LONGEST_WAIT) {
        return Duration.ofSeconds(seconds);
      }
    } catch (NumberFormatException e) {
      // Said below, with the range.
    }
    throw Problem.at(
        ProblemCode.INVALID_VALUE,
        "wait_s",
        "wait_s must be a whole number of seconds from 0 to " + LONGEST_WAIT + ".");
  }

  @POST
  @Path("/{command}/result")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.DEVICE,
      roles = {"device"})
  public Response reportResult(
      @PathParam("pilot") String path,
      @PathParam("device") String device,
      @PathParam("command") String command,
      JsonNode body) {
    Commands.Recipient recipient = recipient(path, device);
    Commands.Key key =
        Commands.Key.of(recipient, command).orElseThrow(DeviceCommandsResource::noSuchCommand);
    CommandResult result = result(body);
    return switch (commands.answered(key, result)) {
      case TAKEN, REPEATED -> Response.noContent().build();
      case ENDED_BEFORE ->
          throw Problem.of(
              ProblemCode.CONFLICT, "The command has ended otherwise, or its time is up.");
      case UNKNOWN -> throw noSuchCommand();
    };
  }

  private static CommandResult result(JsonNode body) {
    JsonFields fields = JsonFields.of(body);
    String state = fields.optionalText("state", 1, 16).orElse("");
    if (!state.isEmpty() && !state.equals("succeeded") && !state.equals("failed")) {
      throw fields.invalid("state", "must be succeeded or failed");
    }
    JsonNode output = fields.has("output") ? body.get("output") : null;
    @Nullable String error = fields.optionalText("error", 1, LONGEST_ERROR).orElse(null);
    fields.refuseOthers();
    return CommandResult.of(state, output, error);
  }

  private static Problem noSuchCommand() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such command.");
  }

  /** The device itself and nobody else; to another one it is not there. */
  private Commands.Recipient recipient(String path, String device) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    return switch (current.get()) {
      case Caller.Device caller when caller.deviceId().value().equals(device) ->
          new Commands.Recipient(pilot, caller.deviceId());
      case Caller.Device another ->
          throw Problem.of(ProblemCode.NOT_FOUND, "There is no such thing.");
      case Caller.Person person ->
          throw Problem.of(ProblemCode.FORBIDDEN, "This is for devices, not for people.");
      case Caller.Anonymous anonymous ->
          throw Problem.of(ProblemCode.UNAUTHENTICATED, "The request carries no credential.");
    };
  }
}
