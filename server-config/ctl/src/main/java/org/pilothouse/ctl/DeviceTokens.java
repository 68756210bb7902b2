package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.telemetry.Unusable;

/**
 * The tokens of devices that this program registered: the platform shows a token once, so it is
 * kept, readable by its owner alone, for the next import and for standing in.
 */
final class DeviceTokens {
  /** Where a token that was not made here is taken from. */
  static final String VARIABLE = "PILOTHOUSE_DEVICE_TOKEN";

  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PilothouseApi api;
  private final String pilot;
  private final String device;
  private final Path file;
  private final @Nullable String given;

  /**
   * @param given a token from elsewhere, or null
   */
  DeviceTokens(PilothouseApi api, String pilot, String device, Path home, @Nullable String given) {
    for (String id : List.of(pilot, device)) {
      if (!ID.matcher(id).matches()) {
        throw new Unusable("'" + id + "' is not an id ([a-z0-9][a-z0-9-]{0,62})");
      }
    }
    this.api = api;
    this.pilot = pilot;
    this.device = device;
    this.file = home.resolve("devices").resolve(pilot + "." + device + ".json");
    this.given = given;
  }

  /** The token that is known here. */
  Optional<String> known() {
    if (given != null) {
      return Optional.of(given);
    }
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode kept = JSON.readTree(file.toFile());
      return kept.path("base_url").asText().equals(api.baseUrl())
          ? Optional.of(kept.path("token").asText())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * The known token, or one of a device that is registered now.
   *
   * @param rotate whether a device that is there already is given a new one
   */
  String obtain(boolean rotate) {
    String path = "/api/v1/pilots/" + pilot + "/devices";
    if (rotate) {
      return kept(api.post(path + "/" + device + "/rotate", null));
    }
    Optional<String> known = known();
    if (known.isPresent()) {
      return known.get();
    }
    ObjectNode body = JSON.createObjectNode();
    body.put("device_id", device);
    body.putArray("twins");
    try {
      return kept(api.post(path, body));
    } catch (ApiProblem problem) {
      if (!problem.code().equals("already_exists")) {
        throw problem;
      }
      throw new Unusable(
          "the device "
              + device
              + " is there and its token is not known here: put it into "
              + VARIABLE
              + ", or give it a new one with --rotate-device");
    }
  }

  private String kept(JsonNode answer) {
    String token = answer.path("token").asText();
    ObjectNode document = JSON.createObjectNode();
    document.put("base_url", api.baseUrl());
    document.put("token", token);
    try {
      Files.createDirectories(file.getParent());
      Path written =
          Files.createTempFile(
              file.getParent(),
              "token",
              ".json",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(written, document.toString());
      Files.move(written, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return token;
  }
}
