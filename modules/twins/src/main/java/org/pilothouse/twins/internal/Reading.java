package org.pilothouse.twins.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
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
 * A record of telemetry, read token by token. Ingest has judged it; what is checked here keeps a
 * record that came another way from stopping the reader.
 *
 * @param time event time
 * @param givenMillis when it was given to the backbone, in milliseconds since 1970
 * @param device the device that reported, where its source names one
 */
record Reading(
    String twin,
    Instant time,
    long givenMillis,
    @Nullable String device,
    Map<String, Reported> values) {
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

  /**
   * @throws PoisonRecord when it is not a reading
   */
  static Reading of(LogRecord record) {
    String twin = twin(record);
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
          device(record.headers().text(CloudEvents.SOURCE)),
          values(value, at));
    } catch (DateTimeException e) {
      throw new PoisonRecord(record, "invalid_time", "the time is not RFC 3339");
    } catch (IOException e) {
      throw new PoisonRecord(record, "malformed_json", "the data is not a telemetry line");
    }
  }

  Reading with(Map<String, Reported> other) {
    return new Reading(twin, time, givenMillis, device, other);
  }

  /**
   * Whose reading it is.
   *
   * @throws PoisonRecord when it is nobody's
   */
  static String twin(LogRecord record) {
    byte[] key = record.key();
    if (key == null) {
      throw new PoisonRecord(record, "missing_field", "telemetry without key");
    }
    String twin = new String(key, StandardCharsets.UTF_8);
    if (!Names.isTwinId(twin)) {
      throw new PoisonRecord(record, "invalid_id", "the key is not a twin id");
    }
    return twin;
  }

  private static @Nullable String device(@Nullable String source) {
    int at = source == null ? -1 : source.indexOf(DEVICES);
    if (source == null || at < 0) {
      return null;
    }
    String device = source.substring(at + DEVICES.length());
    return Names.isId(device) ? device : null;
  }

  private static Map<String, Reported> values(byte[] line, Instant time) throws IOException {
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
      case VALUE_STRING -> new Reported(quoted(json.getText()), time);
      default -> throw new IOException("a value of another kind");
    };
  }

  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2);
    quote(text, quoted);
    return quoted.toString();
  }

  static void quote(String text, StringBuilder json) {
    json.append('"');
    JsonStringEncoder.getInstance().quoteAsString(text, json);
    json.append('"');
  }
}
