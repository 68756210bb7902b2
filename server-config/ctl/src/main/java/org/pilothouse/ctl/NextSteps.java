package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.telemetry.Mapping;
import org.pilothouse.ctl.telemetry.TelemetryImport;

/** What somebody who has just imported a file may want to try. */
final class NextSteps {
  private final PilothouseApi api;
  private final String baseUrl;
  private final String pilot;
  private final @Nullable String device;

  /**
   * @param device that reported, or null
   */
  NextSteps(PilothouseApi api, String baseUrl, String pilot, @Nullable String device) {
    this.api = api;
    this.baseUrl = baseUrl;
    this.pilot = pilot;
    this.device = device;
  }

  void say(PrintWriter out, TelemetryImport.Outcome outcome, @Nullable Mapping mapping) {
    TelemetryImport.Sample sample = outcome.sample();
    if (sample == null) {
      return;
    }
    String twin = sample.twin();
    out.println();
    out.println(
        "Look at it:  "
            + baseUrl
            + "/p/"
            + pilot
            + "/twins/"
            + twin
            + range(sample)
            + chart(mapping));
    out.println("Or here:     ./pilothouse ctl twins show " + pilot + " " + twin);
    String model = mapping == null || mapping.twins() == null ? null : mapping.twins().model();
    if (model != null && device != null) {
      command(model)
          .ifPresent(command -> {
            out.println("Command it:  ./pilothouse ctl devices stand-in " + pilot + " " + device);
            out.println("             (answers as the device; in another terminal:)");
            out.println(
                "             ./pilothouse ctl twins command " + pilot + " " + twin + command);
          });
    }
    out.flush();
  }

  private static String chart(@Nullable Mapping mapping) {
    return mapping == null || mapping.twins() == null
        ? ""
        : mapping.twins().chart().stream()
            .map(property -> "&property=" + PilothouseApi.encode(property))
            .collect(Collectors.joining());
  }

  /** The charts' window that ends with the last reading. */
  private static String range(TelemetryImport.Sample sample) {
    Instant at;
    try {
      at = OffsetDateTime.parse(sample.time()).toInstant();
    } catch (DateTimeException e) {
      return "?tab=charts";
    }
    Instant now = Instant.now();
    Instant from = from(sample, at);
    if (at.isAfter(now.minus(Duration.ofHours(1)))) {
      // To the present, and on with it.
      return "?tab=charts&from=" + from;
    }
    return "?tab=charts&from=" + from + "&to=" + at;
  }

  /** The first reading, as far as a week shows it; rows need not be in order. */
  private static Instant from(TelemetryImport.Sample sample, Instant at) {
    Instant first = OffsetDateTime.parse(sample.from()).toInstant();
    Instant week = at.minus(Duration.ofDays(7));
    return first.isBefore(at) && first.isAfter(week) ? first : week;
  }

  /** The model's first action, with an input that it takes. */
  private Optional<String> command(String model) {
    JsonNode actions;
    try {
      actions =
          api.get("/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/models/" + model)
              .path("actions");
    } catch (ApiProblem problem) {
      return Optional.empty();
    }
    Iterator<Map.Entry<String, JsonNode>> each = actions.properties().iterator();
    if (!each.hasNext()) {
      return Optional.empty();
    }
    Map.Entry<String, JsonNode> first = each.next();
    JsonNode input = first.getValue().get("input");
    return Optional.of(
        " " + first.getKey() + (input == null ? "" : " --input '" + SchemaExample.of(input) + "'"));
  }
}
