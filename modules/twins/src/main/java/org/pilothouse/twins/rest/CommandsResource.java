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
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.twins.Command;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.twins.internal.Commands;
import org.pilothouse.twins.internal.FreeObjects;
import org.pilothouse.twins.internal.Span;
import org.pilothouse.twins.internal.Twins;

/** What a twin's device is told to do, and what came of it. */
@Path("/pilots/{pilot}/twins/{twin}/commands")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class CommandsResource {
  private static final int LARGEST_INPUT = 16 * 1024;
  private static final int LONGEST_SECONDS = 86_400;
  private static final int USUAL_SECONDS = 60;

  private final Twins twins;
  private final Commands commands;
  private final PilotDirectory pilots;
  private final CurrentCaller current;

  @Inject
  public CommandsResource(TwinsModule module, PilotDirectory pilots, CurrentCaller current) {
    this.twins = module.inside().twins();
    this.commands = module.inside().commands();
    this.pilots = pilots;
    this.current = current;
  }

  /** A command as callers see it. */
  public record CommandBody(
      String commandId,
      TwinId twin,
      DeviceId device,
      String name,
      @Nullable JsonNode input,
      String state,
      @Nullable JsonNode output,
      @Nullable String error,
      String sentBy,
      Instant createdAt,
      @Nullable Instant deliveredAt,
      @Nullable Instant endedAt,
      Instant expiresAt) {
    static CommandBody of(Command command) {
      return new CommandBody(
          command.id(),
          command.twin(),
          command.device(),
          command.name(),
          command.input().orElse(null),
          command.state().word(),
          command.output().orElse(null),
          command.error().orElse(null),
          command.sentBy(),
          command.createdAt(),
          command.deliveredAt().orElse(null),
          command.endedAt().orElse(null),
          command.expiresAt());
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<CommandBody> listCommands(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @QueryParam("from") @Nullable String from,
      @QueryParam("to") @Nullable String to,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    TwinId twin = TwinPaths.twin(id);
    Span span = TwinPaths.span(from, to);
    PageRequest page = PageRequest.of(limit, cursor);
    String list = "commands/" + pilot + "/" + twin;
    Optional<Commands.Before> before =
        page.cursor()
            .map(c -> Cursor.read(list, c, 2))
            .map(parts -> new Commands.Before(Cursor.time(parts.get(0)), parts.get(1)));
    List<Command> found = commands.page(pilot, twin, span, before, page.limit() + 1);
    if (found.isEmpty() && before.isEmpty() && twins.find(pilot, twin).isEmpty()) {
      throw Twins.notFound();
    }
    return Page.of(
        found,
        page.limit(),
        CommandBody::of,
        command -> Cursor.of(list, command.createdAt().toString(), command.id()));
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "platform-admin"})
  public Response sendCommand(
      @PathParam("pilot") String path, @PathParam("twin") String id, JsonNode body) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    TwinId twin = TwinPaths.twin(id);
    JsonFields fields = JsonFields.of(body);
    String name = fields.text("name", 1, 128);
    JsonNode input =
        fields.has("input") && !fields.isNull("input")
            ? FreeObjects.checkedValue("/input", body.get("input"), LARGEST_INPUT)
            : null;
    int timeout = fields.optionalInteger("timeout_s", 1, LONGEST_SECONDS).orElse(USUAL_SECONDS);
    fields.refuseOthers();
    Command command =
        commands.send(current.person(), pilot, twin, name, input, Duration.ofSeconds(timeout));
    return Response.created(
            URI.create("pilots/" + pilot + "/twins/" + twin + "/commands/" + command.id()))
        .entity(CommandBody.of(command))
        .build();
  }

  @GET
  @Path("/{command}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public CommandBody getCommand(
      @PathParam("pilot") String path,
      @PathParam("twin") String id,
      @PathParam("command") String command) {
    PilotId pilot = TwinPaths.pilot(pilots, path);
    return Optional.of(command)
        .filter(Names::isId)
        .flatMap(known -> commands.find(pilot, TwinPaths.twin(id), known))
        .map(CommandBody::of)
        .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "There is no such command."));
  }
}
