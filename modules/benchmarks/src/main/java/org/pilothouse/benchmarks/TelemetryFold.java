package org.pilothouse.benchmarks;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What telemetry must have become, by the rules that people are told (docs/guides/twins.md, ADR 12
 * and 20): a plain reading of the topic that shares no code with what it judges.
 */
final class TelemetryFold {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final int MINUTE = 60;

  /**
   * A record of the topic.
   *
   * @param given when the backbone got it
   */
  record Event(
      String twin,
      String source,
      String id,
      Instant time,
      Instant given,
      Place place,
      byte[] data) {}

  /** Where a record stands. */
  record Place(int partition, long offset) {}

  /**
   * A property's value.
   *
   * @param literal JSON, as it was reported
   */
  record Value(String literal, Instant time) {}

  /**
   * The values of one record that do not count.
   *
   * @param reason why the first of them does not
   */
  record Refused(String reason, List<String> properties) {}

  /** Which numbers belong together. */
  record Series(String twin, String property) {}

  private final Map<String, Instant> retired;
  private final SortedMap<String, SortedMap<String, Value>> states = new TreeMap<>();
  private final Map<Series, SortedMap<Long, Summary>> minutes = new HashMap<>();
  private final Map<String, Long> readings = new HashMap<>();
  private final Map<Place, Refused> refused = new HashMap<>();
  private final Map<String, BitSet> seen = new HashMap<>();
  private long records;

  /**
   * @param retired when a twin was retired last
   */
  TelemetryFold(Map<String, Instant> retired) {
    this.retired = retired;
  }

  /** Takes the records of each partition in their order. */
  void take(Event event) {
    records++;
    boolean fresh = isNew(event);
    boolean counts = false;
    List<String> refusedProperties = new ArrayList<>(0);
    String reason = "";
    for (Map.Entry<String, String> reported : values(event.data()).entrySet()) {
      JsonNode value = parsed(reported.getValue());
      Optional<String> refusal = SampleModel.refuses(event.twin(), reported.getKey(), value);
      counts |= refusal.isEmpty();
      if (fresh && refusal.isEmpty() && value.isNumber()) {
        summarize(event, reported.getKey(), value.doubleValue());
      }
      if (isBeforeRetirement(event)) {
        continue;
      }
      if (refusal.isPresent()) {
        reason = refusedProperties.isEmpty() ? refusal.get() : reason;
        refusedProperties.add(reported.getKey());
      } else {
        report(event, reported.getKey(), reported.getValue());
      }
    }
    if (fresh && counts) {
      readings.merge(event.twin(), 1L, Long::sum);
    }
    if (!refusedProperties.isEmpty()) {
      refused.put(event.place(), new Refused(reason, refusedProperties));
    }
  }

  /** Its own time does not matter alone: a device's clock may be ahead. */
  private boolean isBeforeRetirement(Event event) {
    Instant end = retired.get(event.twin());
    return end != null && (!event.time().isAfter(end) || event.given().isBefore(end));
  }

  private void report(Event event, String property, String literal) {
    SortedMap<String, Value> state = states.computeIfAbsent(event.twin(), twin -> new TreeMap<>());
    Value known = state.get(property);
    if (known == null || !event.time().isBefore(known.time())) {
      state.put(property, new Value(literal, event.time()));
    }
  }

  private void summarize(Event event, String property, double number) {
    long second = event.time().getEpochSecond();
    minutes
        .computeIfAbsent(new Series(event.twin(), property), series -> new TreeMap<>())
        .computeIfAbsent(second - Math.floorMod(second, (long) MINUTE), minute -> new Summary())
        // History keeps microseconds.
        .add(number, event.time().truncatedTo(ChronoUnit.MICROS));
  }

  private boolean isNew(Event event) {
    int dash = event.id().lastIndexOf('-');
    BitSet numbers =
        seen.computeIfAbsent(
            event.source() + ' ' + event.id().substring(0, dash), source -> new BitSet());
    int number = Integer.parseInt(event.id().substring(dash + 1));
    boolean isNew = !numbers.get(number);
    numbers.set(number);
    return isNew;
  }

  private static Map<String, String> values(byte[] data) {
    Map<String, String> values = new LinkedHashMap<>();
    try (JsonParser json = JSON.createParser(data)) {
      json.nextToken();
      while (!"values".equals(json.nextFieldName())) {
        json.nextToken();
        json.skipChildren();
      }
      json.nextToken();
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        boolean text = json.nextToken() == JsonToken.VALUE_STRING;
        values.put(name, text ? JSON.writeValueAsString(json.getText()) : json.getText());
      }
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode parsed(String literal) {
    try {
      return JSON.readTree(literal);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The numbers of the events whose ids begin so. */
  Set<Long> numbers(String beginning) {
    Set<Long> numbers = new HashSet<>();
    seen.forEach((source, of) -> {
      if (source.endsWith(' ' + beginning)) {
        of.stream().forEach(number -> numbers.add((long) number));
      }
    });
    return numbers;
  }

  long records() {
    return records;
  }

  /** Each twin with its properties, by name. */
  SortedMap<String, SortedMap<String, Value>> states() {
    return states;
  }

  /** Different events of each twin. */
  Map<String, Long> readings() {
    return readings;
  }

  Map<Place, Refused> refused() {
    return refused;
  }

  /** By the first second of each minute. */
  Map<Series, SortedMap<Long, Summary>> minutes() {
    return minutes;
  }

  /** The documented digest: two lines a twin. */
  String digest() {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      states.forEach((twin, properties) ->
          sha256.update((twin + '\n' + json(properties) + '\n').getBytes(StandardCharsets.UTF_8)));
      return "sha256:" + HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String json(SortedMap<String, Value> properties) {
    StringBuilder json = new StringBuilder("{");
    properties.forEach((name, value) ->
        json.append(json.length() > 1 ? "," : "")
            .append('"')
            .append(name)
            .append("\":{\"value\":")
            .append(value.literal())
            .append(",\"time\":\"")
            .append(value.time())
            .append("\"}"));
    return json.append('}').toString();
  }
}
