package org.pilothouse.warehouse.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.math.BigDecimal;
import org.apache.parquet.io.api.Binary;
import org.pilothouse.platform.web.Json;

/**
 * Reads the values of telemetry events, one after the other, without building a tree. Not for
 * several threads.
 */
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

  private final PlainValues plain = new PlainValues();

  /** Takes one value. */
  interface Taker {
    void take(String property, JsonToken token, Scalar value) throws IOException, Unconvertible;
  }

  void read(byte[] data, Taker taker) throws Unconvertible {
    try {
      if (!plain.read(data, taker)) {
        parse(data, taker);
      }
    } catch (IOException e) {
      throw malformed();
    }
  }

  private static Unconvertible malformed() {
    return new Unconvertible("malformed_json", "The data is not JSON as it may be.");
  }

  /** All of JSON. */
  static void parse(byte[] data, Taker taker) throws Unconvertible {
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
      throw malformed();
    }
  }

  private static void values(JsonParser json, Taker taker) throws IOException, Unconvertible {
    Scalar value = new Parsed(json);
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      JsonToken token = json.nextToken();
      if (token == null || !token.isScalarValue()) {
        throw new Unconvertible("wrong_type", "A value is neither number, text nor truth value.");
      }
      taker.take(name, token, value);
    }
  }

  /** The value at which the parser stands. */
  private record Parsed(JsonParser json) implements Scalar {
    @Override
    public String text() throws IOException {
      return json.getText();
    }

    @Override
    public Binary binary() throws IOException {
      return Binary.fromString(json.getText());
    }

    @Override
    public double number() throws IOException {
      return json.getDoubleValue();
    }

    @Override
    public boolean isLong() throws IOException {
      JsonParser.NumberType type = json.getNumberType();
      return type == JsonParser.NumberType.INT || type == JsonParser.NumberType.LONG;
    }

    @Override
    public long whole() throws IOException {
      return json.getLongValue();
    }

    @Override
    public String literal() throws IOException {
      JsonToken token = json.currentToken();
      if (token == JsonToken.VALUE_STRING) {
        StringBuilder quoted = new StringBuilder().append('"');
        JsonStringEncoder.getInstance().quoteAsString(json.getText(), quoted);
        return quoted.append('"').toString();
      }
      if (token.isNumeric()) {
        String text = json.getText();
        // A number without an end in digits is none that a reader must bear.
        return text.length() <= 40 ? text : new BigDecimal(text).toString();
      }
      return json.getText();
    }
  }
}
