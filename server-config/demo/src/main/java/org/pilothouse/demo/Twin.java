package org.pilothouse.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/** A simulated machine under its twin's id. */
final class Twin {
  private static final double LONGEST_STEP = 900;

  private static final int PERCENT = 100;
  private static final int LEAST_PERCENT = 20;

  private final String id;
  private final String idPrefix;
  private final Machine.Kind kind;
  private final int number;
  private final Machine machine;
  private final Surroundings around;
  private Instant last;
  private Map<String, Object> read = Map.of();

  /**
   * @param seed with the id, all that its chances depend on
   */
  Twin(String pilot, Machine.Kind kind, int number, ZoneId zone, long seed, Instant start) {
    this.id = String.format(Locale.ROOT, "%s-%02d", kind.word(), number);
    this.kind = kind;
    this.number = number;
    this.idPrefix = "demo-" + Long.toString(seed, 36) + "-" + id + "-";
    long own = seed * 0x9E3779B97F4A7C15L + (pilot + "/" + id).hashCode();
    SplittableRandom random = new SplittableRandom(own);
    // The weather is the site's, not the machine's.
    SplittableRandom site = new SplittableRandom(seed * 31 + pilot.hashCode());
    this.around = new Surroundings(zone, site);
    this.machine = kind.make(random);
    this.last = start;
  }

  String id() {
    return id;
  }

  Machine.Kind kind() {
    return kind;
  }

  /** Among those of its kind, from 1. */
  int number() {
    return number;
  }

  /** Does what its device was told. */
  synchronized CommandReply obey(String name, JsonNode input) {
    return switch (name) {
      case "limit_load" -> limit(input.path("percent"));
      case "release_load" -> {
        around.limitTo(1);
        yield CommandReply.done(output());
      }
      case "inspect" -> {
        ObjectNode output = output();
        read.forEach((property, value) -> output.putPOJO(property, value));
        yield CommandReply.done(output);
      }
      default ->
          CommandReply.failed(
              id + " knows inspect, limit_load and release_load, not '" + name + "'");
    };
  }

  private CommandReply limit(JsonNode percent) {
    double share = percent.asDouble();
    if (!percent.isNumber() || share < LEAST_PERCENT || share > PERCENT) {
      return CommandReply.failed("percent must be a number from 20 to 100");
    }
    around.limitTo(share / PERCENT);
    return CommandReply.done(output());
  }

  private ObjectNode output() {
    ObjectNode output = JsonNodeFactory.instance.objectNode();
    output.put("load_limit_percent", Math.round(around.limit() * PERCENT));
    return output;
  }

  /** Moves the machine on to this time and reads it; a telemetry line without its line end. */
  synchronized String line(Instant time) {
    double left = Math.max(0.001, Duration.between(last, time).toMillis() / 1_000.0);
    Instant at = last;
    Map<String, Object> values = Map.of();
    while (left > 0) {
      double part = Math.min(left, LONGEST_STEP);
      at = at.plusMillis((long) (part * 1_000));
      around.at(at, part);
      values = machine.step(around, part);
      left -= part;
    }
    last = time;
    read = values;
    StringBuilder line = new StringBuilder(256);
    line.append("{\"id\":\"").append(idPrefix).append(Long.toString(time.toEpochMilli(), 36));
    line.append("\",\"twin\":\"").append(id).append("\",\"time\":\"").append(time);
    line.append("\",\"values\":{");
    String separator = "";
    for (Map.Entry<String, Object> value : values.entrySet()) {
      line.append(separator).append('"').append(value.getKey()).append("\":");
      if (value.getValue() instanceof String text) {
        line.append('"').append(text).append('"');
      } else {
        line.append(value.getValue());
      }
      separator = ",";
    }
    return line.append("}}").toString();
  }
}
