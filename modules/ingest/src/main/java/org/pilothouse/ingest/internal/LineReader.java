package org.pilothouse.ingest.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.ProblemCode;

/**
 * Judges one telemetry line at a time by its tokens, without a tree. One reader serves one request:
 * it holds what the last good line said, so that the hot path makes no object a line beyond the
 * strings it needs.
 *
 * <p>The rules are those of {@code TelemetryLine} in the API document.
 */
final class LineReader {
  static final int MOST_BYTES = 64 * 1024;
  private static final int MOST_VALUES = 256;
  private static final int MOST_ID = 128;
  private static final int MOST_NAME = 128;
  private static final int MOST_STRING = 4_096;
  private static final int FEW_NAMES = 12;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(16)
                  .maxNumberLength(100)
                  .maxNameLength(1_024)
                  .maxStringLength(MOST_BYTES)
                  .build())
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          // Interned names would let a sender fill a table that is never emptied.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final long now;
  private final String[] fewNames = new String[FEW_NAMES];
  private @Nullable String id;
  private String twin = "";
  private String time = "";
  private long timeMillis;
  private String detail = "";

  /**
   * @param now the server's clock, ms since 1970
   */
  LineReader(long now) {
    this.now = now;
  }

  /** The id that the line gives itself, or null. */
  @Nullable String id() {
    return id;
  }

  String twin() {
    return twin;
  }

  /** The line's time as it was written. */
  String time() {
    return time;
  }

  /** The line's time, ms since 1970. */
  long timeMillis() {
    return timeMillis;
  }

  /** Why the last line was refused. */
  String detail() {
    return detail;
  }

  /**
   * Null when the line is good; what it says is then to be had from the accessors until the next
   * call.
   */
  @Nullable ProblemCode read(byte[] bytes, int offset, int length) {
    if (length > MOST_BYTES) {
      return refuse(ProblemCode.TOO_LARGE, "a line is at most " + MOST_BYTES + " bytes");
    }
    if (!isUtf8(bytes, offset, length)) {
      return refuse(ProblemCode.MALFORMED_JSON, "the line is not UTF-8");
    }
    try (JsonParser json = JSON.createParser(bytes, offset, length)) {
      ProblemCode problem = read(json);
      if (problem != null) {
        return problem;
      }
      return json.nextToken() == null
          ? null
          : refuse(ProblemCode.MALFORMED_JSON, "more than one JSON value on a line");
    } catch (StreamConstraintsException e) {
      return refuse(
          ProblemCode.INVALID_VALUE,
          "a number, name or string is longer than allowed, or the nesting is too deep");
    } catch (JsonProcessingException e) {
      return refuse(
          ProblemCode.MALFORMED_JSON,
          "not JSON at column "
              + Math.max(1, e.getLocation() == null ? 1 : e.getLocation().getColumnNr()));
    } catch (IOException e) {
      return refuse(ProblemCode.MALFORMED_JSON, "not JSON");
    }
  }

  private @Nullable ProblemCode read(JsonParser json) throws IOException {
    id = null;
    boolean hasTwin = false;
    boolean hasTime = false;
    boolean hasValues = false;
    if (json.nextToken() != JsonToken.START_OBJECT) {
      return refuse(ProblemCode.MALFORMED_JSON, "a line is one JSON object");
    }
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      switch (name) {
        case "id" -> {
          if (id != null) {
            return duplicate("/id");
          }
          if (json.nextToken() != JsonToken.VALUE_STRING || !isEventId(json)) {
            return refuse(
                ProblemCode.INVALID_ID, "/id has 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -");
          }
          id = json.getText();
        }
        case "twin" -> {
          if (hasTwin) {
            return duplicate("/twin");
          }
          hasTwin = true;
          if (json.nextToken() != JsonToken.VALUE_STRING || !Names.isTwinId(json.getText())) {
            return refuse(
                ProblemCode.INVALID_ID, "/twin is not a twin id ([a-z0-9][a-z0-9._-]{0,127})");
          }
          twin = json.getText();
        }
        case "time" -> {
          if (hasTime) {
            return duplicate("/time");
          }
          hasTime = true;
          if (json.nextToken() != JsonToken.VALUE_STRING || json.getTextLength() > 40) {
            return refuse(ProblemCode.INVALID_TIME, "/time is a string as RFC 3339 writes it");
          }
          time = json.getText();
          timeMillis = EventTime.millis(time, now);
          if (timeMillis < 0) {
            return refuse(
                ProblemCode.INVALID_TIME,
                "/time must be RFC 3339, from 2000-01-01 to 24 h from now");
          }
        }
        case "values" -> {
          if (hasValues) {
            return duplicate("/values");
          }
          hasValues = true;
          ProblemCode problem = readValues(json);
          if (problem != null) {
            return problem;
          }
        }
        default -> {
          return refuse(
              ProblemCode.UNKNOWN_FIELD,
              "/" + Names.shown(name) + " is not a field of a telemetry line");
        }
      }
    }
    if (!hasTwin || !hasTime || !hasValues) {
      return refuse(
          ProblemCode.MISSING_FIELD,
          "/" + (!hasTwin ? "twin" : !hasTime ? "time" : "values") + " is required");
    }
    return null;
  }

  private @Nullable ProblemCode readValues(JsonParser json) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      return refuse(ProblemCode.INVALID_VALUE, "/values is an object of names and values");
    }
    int count = 0;
    Set<String> manyNames = null;
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      if (!isPropertyName(name)) {
        return refuse(
            ProblemCode.INVALID_VALUE,
            "/values/"
                + Names.shown(name)
                + " is not a property name ([A-Za-z_][A-Za-z0-9_.-]{0,127})");
      }
      if (count < FEW_NAMES) {
        for (int i = 0; i < count; i++) {
          if (fewNames[i].equals(name)) {
            return duplicate("/values/" + name);
          }
        }
        fewNames[count] = name;
      } else {
        if (manyNames == null) {
          manyNames = new HashSet<>(Set.of(fewNames));
        }
        if (!manyNames.add(name)) {
          return duplicate("/values/" + name);
        }
      }
      if (++count > MOST_VALUES) {
        return refuse(
            ProblemCode.INVALID_VALUE, "/values holds at most " + MOST_VALUES + " values");
      }
      JsonToken token = json.nextToken();
      boolean fits =
          switch (token) {
            case VALUE_NUMBER_INT, VALUE_TRUE, VALUE_FALSE -> true;
            case VALUE_NUMBER_FLOAT -> isFinite(json);
            case VALUE_STRING -> json.getTextLength() <= MOST_STRING;
            default -> false;
          };
      if (!fits) {
        return refuse(
            ProblemCode.INVALID_VALUE,
            "/values/"
                + name
                + " must be a finite number, a boolean or a string of at most "
                + MOST_STRING
                + " characters");
      }
    }
    return count == 0 ? refuse(ProblemCode.INVALID_VALUE, "/values is empty") : null;
  }

  /**
   * Only an exponent can carry a number of at most 100 characters beyond a double; without one it
   * need not be computed.
   */
  private static boolean isFinite(JsonParser json) throws IOException {
    char[] text = json.getTextCharacters();
    int end = json.getTextOffset() + json.getTextLength();
    for (int i = json.getTextOffset(); i < end; i++) {
      if (text[i] == 'e' || text[i] == 'E') {
        return Double.isFinite(json.getDoubleValue());
      }
    }
    return true;
  }

  static boolean isEventId(CharSequence text) {
    int length = text.length();
    if (length == 0 || length > MOST_ID) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      boolean fits =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '_'
              || c == ':'
              || c == '~'
              || c == '-';
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  private static boolean isEventId(JsonParser json) throws IOException {
    return isEventId(json.getText());
  }

  private static boolean isPropertyName(String name) {
    int length = name.length();
    if (length == 0 || length > MOST_NAME) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      boolean later = (c >= '0' && c <= '9') || c == '.' || c == '-';
      if (!letter && (i == 0 || !later)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Jackson reads overlong forms and lone surrogates; what goes on the backbone must be UTF-8 for
   * every reader.
   */
  private static boolean isUtf8(byte[] bytes, int offset, int length) {
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      if (bytes[i] < 0) {
        try {
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, i, end - i));
          return true;
        } catch (CharacterCodingException e) {
          return false;
        }
      }
    }
    return true;
  }

  private ProblemCode duplicate(String path) {
    return refuse(ProblemCode.DUPLICATE_KEY, path + " stands twice");
  }

  private ProblemCode refuse(ProblemCode code, String why) {
    detail = why;
    return code;
  }
}
