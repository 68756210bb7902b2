package org.pilothouse.demo;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/** A simulated machine under its twin's id. */
final class Twin {
  private static final double LONGEST_STEP = 900;

  private final String id;
  private final String idPrefix;
  private final Machine machine;
  private final Surroundings around;
  private Instant last;

  /**
   * @param seed with the id, all that its chances depend on
   */
  Twin(String pilot, Machine.Kind kind, int number, ZoneId zone, long seed, Instant start) {
    this.id = String.format(Locale.ROOT, "%s-%02d", kind.word(), number);
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

  /** Moves the machine on to this time and reads it; a telemetry line without its line end. */
  String line(Instant time) {
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
