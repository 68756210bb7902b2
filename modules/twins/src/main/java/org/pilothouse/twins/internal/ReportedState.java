package org.pilothouse.twins.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PlainUtc;

/**
 * The last reported value of each property. Newer event time wins, whatever came first; of two with
 * one time, the later on the backbone. So the state after a stretch of the log is a matter of the
 * log alone.
 */
final class ReportedState {
  private static final JsonFactory JSON = new JsonFactory();

  /** A twin's properties at most; what comes beyond is not kept. */
  static final int MOST_PROPERTIES = 1_000;

  /** What the names and values of a twin take at most, in characters. */
  static final int MOST_CHARACTERS = 256 * 1024;

  /** In no order: names are put in order once, when the state is written. */
  private final HashMap<String, Reported> properties;

  private int characters;
  private int changes;
  private @Nullable Instant newest;

  /** Written when first asked for. */
  private @Nullable String json;

  private ReportedState(HashMap<String, Reported> properties) {
    this.properties = properties;
    properties.forEach((name, reported) -> {
      characters += name.length() + reported.literal().length();
      seen(reported.time());
    });
  }

  static ReportedState empty() {
    return new ReportedState(new HashMap<>());
  }

  /** Reads what {@link #json} wrote. */
  static ReportedState of(String json) {
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      return read(parser);
    } catch (IOException e) {
      throw new UncheckedIOException("a stored state cannot be read", e);
    }
  }

  /** Reads the state out of an event {@code twin.state}. */
  static ReportedState ofEvent(byte[] data) throws IOException {
    try (JsonParser parser = JSON.createParser(data)) {
      parser.nextToken();
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        JsonToken token = parser.nextToken();
        if (name.equals("properties") && token == JsonToken.START_OBJECT) {
          return read(parser);
        }
        parser.skipChildren();
      }
    }
    throw new IOException("an event without properties");
  }

  private static ReportedState read(JsonParser parser) throws IOException {
    HashMap<String, Reported> properties = new HashMap<>();
    String written = "";
    Instant time = Instant.EPOCH;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      String literal = "null";
      for (String part = parser.nextFieldName(); part != null; part = parser.nextFieldName()) {
        JsonToken token = parser.nextToken();
        if (part.equals("time")) {
          // Properties that came in one report have one time.
          String text = parser.getText();
          if (!text.equals(written)) {
            time = PlainUtc.instant(text);
            written = text;
          }
        } else {
          literal = literal(parser, token);
        }
      }
      properties.put(name, new Reported(literal, time));
    }
    return new ReportedState(properties);
  }

  /** The part of it that passes. */
  ReportedState where(Predicate<Reported> passes) {
    HashMap<String, Reported> kept = new HashMap<>(properties);
    kept.values().removeIf(passes.negate());
    return new ReportedState(kept);
  }

  /** The members of an object of scalars, as JSON. */
  static void literals(String json, BiConsumer<String, String> each) {
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        each.accept(name, literal(parser, parser.nextToken()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a stored reading cannot be read", e);
    }
  }

  private static String literal(JsonParser parser, JsonToken token) throws IOException {
    return token == JsonToken.VALUE_STRING ? Reading.quoted(parser.getText()) : parser.getText();
  }

  /** Whether there is room for it; what is older than what is known is passed over. */
  boolean take(String property, Reported reported) {
    Reported before = properties.get(property);
    if (before != null && before.time().isAfter(reported.time())) {
      return true;
    }
    int more =
        reported.literal().length()
            + (before == null ? property.length() : -before.literal().length());
    if (before == null && properties.size() >= MOST_PROPERTIES
        || more > 0 && characters + more > MOST_CHARACTERS) {
      return false;
    }
    properties.put(property, reported);
    characters += more;
    changes++;
    json = null;
    seen(reported.time());
    return true;
  }

  /** The time of a property never goes back, so the newest is never another's. */
  private void seen(Instant time) {
    if (newest == null || time.isAfter(newest)) {
      newest = time;
    }
  }

  boolean changed() {
    return changes > 0;
  }

  /** How many values it took. */
  int changes() {
    return changes;
  }

  /** The newest event time, or null where nothing was reported. */
  @Nullable Instant reportedAt() {
    return newest;
  }

  Map<String, Reported> properties() {
    return properties;
  }

  /** Canonical: names in order, no spaces, times in UTC. */
  String json() {
    String known = json;
    if (known == null) {
      known = write();
      json = known;
    }
    return known;
  }

  private String write() {
    StringBuilder json = new StringBuilder(32 + properties.size() * 64).append('{');
    // Properties that came in one report have one time, and writing a time costs more than the
    // rest.
    Instant written = Instant.MIN;
    String time = "";
    List<Map.Entry<String, Reported>> inOrder = new ArrayList<>(properties.entrySet());
    inOrder.sort(Map.Entry.comparingByKey());
    for (Map.Entry<String, Reported> property : inOrder) {
      Reported reported = property.getValue();
      if (!reported.time().equals(written)) {
        written = reported.time();
        time = written.toString();
      }
      if (json.length() > 1) {
        json.append(',');
      }
      Reading.quote(property.getKey(), json);
      json.append(":{\"value\":")
          .append(reported.literal())
          .append(",\"time\":\"")
          .append(time)
          .append("\"}");
    }
    return json.append('}').toString();
  }
}
