package org.pilothouse.pilots.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.Device;
import org.pilothouse.pilots.PilotsModule;
import org.pilothouse.pilots.internal.Devices;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;

/** A pilot's devices and their tokens. */
@Path("/pilots/{pilot}/devices")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class DevicesResource {
  private static final int MOST_TWINS = 1000;

  /** The event that tells of the device names them all, and holds at most 64 KiB. */
  private static final int MOST_TWIN_CHARACTERS = 48 * 1024;

  private final Devices devices;
  private final CurrentCaller current;

  @Inject
  public DevicesResource(PilotsModule module, CurrentCaller current) {
    this.devices = module.inside().devices();
    this.current = current;
  }

  /** A device as callers see it. */
  public record DeviceBody(
      DeviceId deviceId,
      List<String> twins,
      Instant createdAt,
      @Nullable Instant rotatedAt,
      @Nullable Instant lastSeenAt) {
    static DeviceBody of(Device device) {
      return new DeviceBody(
          device.id(),
          device.twins().stream().map(TwinId::value).sorted().toList(),
          device.createdAt(),
          device.rotatedAt().orElse(null),
          device.lastSeenAt().orElse(null));
    }
  }

  /** A token, shown this once. */
  public record TokenBody(DeviceId deviceId, String token) {}

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "platform-admin"})
  public Page<DeviceBody> listDevices(
      @PathParam("pilot") String pilot,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PilotId id = CurrentCaller.pilotOf(pilot);
    PageRequest page = PageRequest.of(limit, cursor);
    String list = "devices/" + id;
    String after = page.cursor().map(c -> Cursor.read(list, c, 1).getFirst()).orElse("");
    return Page.of(
        devices.page(id, after, page.limit() + 1),
        page.limit(),
        DeviceBody::of,
        device -> Cursor.of(list, device.id().value()));
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response createDevice(@PathParam("pilot") String pilot, JsonNode body) {
    PilotId id = CurrentCaller.pilotOf(pilot);
    JsonFields fields = JsonFields.of(body);
    DeviceId device = newId(fields.text("device_id", 1, 128));
    Set<TwinId> twins = twins(fields.optionalTexts("twins", MOST_TWINS, 256).orElse(List.of()));
    fields.refuseOthers();
    Devices.NewToken token = devices.register(current.person(), id, device, twins);
    return Response.created(URI.create("pilots/" + id + "/devices/" + device))
        .entity(new TokenBody(token.device(), token.token()))
        .build();
  }

  @GET
  @Path("/{device}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "platform-admin"})
  public DeviceBody getDevice(
      @PathParam("pilot") String pilot, @PathParam("device") String device) {
    return DeviceBody.of(
        devices.read(CurrentCaller.pilotOf(pilot), knownId(device)).orElseThrow(Devices::notFound));
  }

  @DELETE
  @Path("/{device}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response deleteDevice(
      @PathParam("pilot") String pilot, @PathParam("device") String device) {
    devices.remove(current.person(), CurrentCaller.pilotOf(pilot), knownId(device));
    return Response.noContent().build();
  }

  @POST
  @Path("/{device}/rotate")
  @Consumes(MediaType.WILDCARD)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public TokenBody rotateDeviceToken(
      @PathParam("pilot") String pilot, @PathParam("device") String device) {
    Devices.NewToken token =
        devices.rotate(current.person(), CurrentCaller.pilotOf(pilot), knownId(device));
    return new TokenBody(token.device(), token.token());
  }

  private static DeviceId newId(String text) {
    try {
      return new DeviceId(text);
    } catch (Problem e) {
      throw Problem.at(ProblemCode.INVALID_ID, "/device_id", e.detail());
    }
  }

  /** A malformed id in a path is one that nobody has. */
  private static DeviceId knownId(String text) {
    try {
      return new DeviceId(text);
    } catch (Problem e) {
      throw Devices.notFound();
    }
  }

  private static Set<TwinId> twins(List<String> words) {
    if (words.stream().mapToInt(String::length).sum() > MOST_TWIN_CHARACTERS) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          "/twins",
          "The twins' ids may hold " + MOST_TWIN_CHARACTERS + " characters together.");
    }
    Set<TwinId> twins = new LinkedHashSet<>();
    for (int i = 0; i < words.size(); i++) {
      try {
        twins.add(new TwinId(words.get(i)));
      } catch (Problem e) {
        throw Problem.at(ProblemCode.INVALID_ID, "/twins/" + i, e.detail());
      }
    }
    return twins;
  }
}
