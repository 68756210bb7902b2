package org.pilothouse.twins.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PlainUtc;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.PoisonRecord;

/**
 * Reads records of telemetry, one after the other. Ingest has judged them; what is checked here
 * keeps a record that came another way from stopping the reader. What neighbours have in common is
 * read once. Not for several threads.
 */
final class Readings {
  private static final String DEVICES = "/devices/";
  private static final int LONGEST_NUMBER = 100;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(16)
                  .maxNumberLength(LONGEST_NUMBER)
                  .maxNameLength(1_024)
                  .maxStringLength(64 * 1024)
                  .build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final PlainLines plain = new PlainLines();
  private byte @Nullable [] source;
  private @Nullable String device;

  /**
   * @param twin what {@link Reading#twin} says of the record
   * @throws PoisonRecord when it is not a reading
   */
  Reading of(LogRecord record, String twin) {
    byte[] value = record.value();
    String time = record.headers().text(CloudEvents.TIME);
    if (value == null || time == null) {
      throw new PoisonRecord(record, "missing_field", "telemetry without time or data");
    }
    try {
      Instant at = PlainUtc.instant(time);
      return new Reading(
          twin,
          at,
          record.timestampMillis(),
          deviceOf(record.headers().bytes(CloudEvents.SOURCE)),
          values(value, at));
    } catch (DateTimeException e) {
      throw new PoisonRecord(record, "invalid_time", "the time is not RFC 3339");
    } catch (IOException e) {
      throw new PoisonRecord(record, "malformed_json", "the data is not a telemetry line");
    }
  }

  private @Nullable String deviceOf(byte @Nullable [] named) {
    // Neighbours share what their headers have in common.
    if (named != source) {
      device = named == null ? null : device(new String(named, StandardCharsets.UTF_8));
      source = named;
    }
    return device;
  }

  private static @Nullable String device(String source) {
    int at = source.indexOf(DEVICES);
    if (at < 0) {
      return null;
    }
    String device = source.substring(at + DEVICES.length());
    return Names.isId(device) ? device : null;
  }

  private Map<String, Reported> values(byte[] line, Instant time) throws IOException {
    Map<String, Reported> values = plain.values(line, time);
    return values == null ? parsed(line, time) : values;
  }

  /** Whatever is JSON. */
  static Map<String, Reported> parsed(byte[] line, Instant time) throws IOException {
    Map<String, Reported> values = new LinkedHashMap<>();
    try (JsonParser json = JSON.createParser(line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not an object");
      }
      for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
        JsonToken token = json.nextToken();
        if (!field.equals("values")) {
          json.skipChildren();
          continue;
        }
        if (token != JsonToken.START_OBJECT) {
          throw new IOException("values are not an object");
        }
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
          values.put(name, reported(json, json.nextToken(), time));
        }
      }
    }
    return values;
  }

  private static Reported reported(JsonParser json, JsonToken token, Instant time)
      throws IOException {
    return switch (token) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        if (json.getTextLength() > LONGEST_NUMBER) {
          throw new IOException("a number of too many digits");
        }
        yield new Reported(json.getText(), time);
      }
      case VALUE_TRUE -> new Reported("true", time);
      case VALUE_FALSE -> new Reported("false", time);
      case VALUE_STRING -> new Reported(Reading.quoted(json.getText()), time);
      default -> throw new IOException("a value of another kind");
    };
  }
}
