package org.pilothouse.warehouse.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import org.pilothouse.platform.web.Json;

/** Reads the values of a telemetry event, one after the other, without building a tree. */
final class ValueReader {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Json.DEPTH)
                  .maxNumberLength(Json.NUMBER_LENGTH)
                  .maxStringLength(Json.TEXT_LENGTH)
                  .maxNameLength(Json.NAME_LENGTH)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private static final String VALUES = "values";

  private ValueReader() {}

  /** Takes one value; the parser stands at it, and stays there. */
  interface Taker {
    void take(String property, JsonToken token, JsonParser json) throws IOException, Unconvertible;
  }

  static void read(byte[] data, Taker taker) throws Unconvertible {
    try (JsonParser json = JSON.createParser(data)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new Unconvertible("malformed_json", "The data is no JSON object.");
      }
      boolean found = false;
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken token = json.nextToken();
        if (!name.equals(VALUES)) {
          json.skipChildren();
        } else if (token == JsonToken.START_OBJECT) {
          found = true;
          values(json, taker);
        } else {
          throw new Unconvertible("wrong_type", "/values is no object.");
        }
      }
      if (json.nextToken() != null) {
        throw new Unconvertible("malformed_json", "There is more after the object.");
      }
      if (!found) {
        throw new Unconvertible("missing_field", "/values is missing.");
      }
    } catch (IOException e) {
      throw new Unconvertible("malformed_json", "The data is not JSON as it may be.");
    }
  }

  private static void values(JsonParser json, Taker taker) throws IOException, Unconvertible {
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      JsonToken token = json.nextToken();
      if (token == null || !token.isScalarValue()) {
        throw new Unconvertible("wrong_type", "A value is neither number, text nor truth value.");
      }
      taker.take(name, token, json);
    }
  }
}
