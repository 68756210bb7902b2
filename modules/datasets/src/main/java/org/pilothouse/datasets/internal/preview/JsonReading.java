package org.pilothouse.datasets.internal.preview;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An array of objects, objects line by line, or one object. Objects inside become columns by their
 * path; arrays inside are shown as they are.
 */
final class JsonReading {
  /** Counted, where more columns are met than are told. */
  private static final int COLUMNS_COUNTED = 100_000;

  private static final int ROWS_BETWEEN_LOOKS = 1_000;
  private static final String VALUE = "value";

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Limits.JSON_DEPTH)
                  .maxNumberLength(Limits.JSON_NUMBER)
                  .maxStringLength(Limits.SAMPLE_BYTES)
                  .maxNameLength(Limits.SAMPLE_BYTES)
                  .build())
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          // Names of files are nobody's symbols: made to collide, they would cost much time.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final Reading reading;
  private final Sample sample;
  private final Table table = new Table(true);
  private final Map<String, Integer> columns = new HashMap<>();
  private final LongSet others = new LongSet(COLUMNS_COUNTED);
  private boolean twice;

  private JsonReading(Reading reading, Sample sample) {
    this.reading = reading;
    this.sample = sample;
  }

  static Preview preview(Reading reading, Sample sample) throws NotPreviewable {
    return new JsonReading(reading, sample).read();
  }

  private Preview read() throws NotPreviewable {
    boolean whole = sample.whole();
    String format = "json";
    try (JsonParser parser = FACTORY.createParser(sample.bytes())) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new NotPreviewable(NotPreviewable.Reason.EMPTY, "It holds no value.");
      }
      if (token == JsonToken.START_ARRAY) {
        while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
          row(parser, token);
        }
        if (parser.nextToken() != null) {
          reading.note("What follows the array is not shown.");
        }
      } else {
        while (token != null) {
          row(parser, token);
          format = table.rows() > 1 ? "ndjson" : "json";
          token = parser.nextToken();
        }
      }
    } catch (JsonEOFException e) {
      if (whole) {
        interrupted(NotPreviewable.malformed("It ends in the middle of a value."));
      }
      whole = false;
    } catch (StreamConstraintsException e) {
      interrupted(beyond(e));
      whole = false;
    } catch (IOException | IllegalStateException e) {
      interrupted(NotPreviewable.malformed("It is no valid JSON."));
      whole = false;
    }
    if (table.rows() == 0 && !whole) {
      throw NotPreviewable.beyond(
          "Its first value is longer than " + (Limits.SAMPLE_BYTES >> 20) + " MiB.");
    }
    if (twice) {
      reading.note("Objects name a key twice; the last value of it is shown.");
    }
    if (others.isMore()) {
      reading.note("There are more than " + COLUMNS_COUNTED + " columns.");
    }
    return table.preview(
        reading,
        format,
        new Preview.Layout(sample.compression(), null, null, null, null, null, null),
        (long) table.columns() + others.size(),
        whole);
  }

  /** Counts only when it was read to its end: the last one of a sample is cut somewhere. */
  private void row(JsonParser parser, JsonToken token) throws IOException, NotPreviewable {
    if (table.rows() % ROWS_BETWEEN_LOOKS == 0) {
      reading.goOn();
    }
    Map<String, Value> row = new LinkedHashMap<>();
    if (token == JsonToken.START_OBJECT) {
      flatten(parser, "", 1, row);
    } else {
      value(parser, token, VALUE, row);
    }
    table.begin();
    row.forEach((path, value) -> {
      int column = column(path);
      if (column >= 0 && value.kind() != null) {
        table.add(column, value.text(), value.kind());
      }
    });
  }

  private int column(String path) {
    Integer known = columns.get(path);
    if (known != null) {
      return known;
    }
    int column = table.column(path);
    if (column >= 0) {
      columns.put(path, column);
    } else {
      others.add(LongSet.hash(path));
    }
    return column;
  }

  /**
   * What stands in a cell.
   *
   * @param kind null where there is nothing in it
   */
  private record Value(String text, @Nullable ValueKind kind) {}

  private void flatten(JsonParser parser, String above, int depth, Map<String, Value> row)
      throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      String path = above.isEmpty() ? name : above + "." + name;
      JsonToken token = parser.nextToken();
      if (token == JsonToken.START_OBJECT && depth < Limits.FLATTENED_DEPTH) {
        flatten(parser, path, depth + 1, row);
      } else {
        value(parser, token, path, row);
      }
    }
  }

  private void value(JsonParser parser, JsonToken token, String path, Map<String, Value> row)
      throws IOException {
    Value value =
        switch (token) {
          case START_ARRAY, START_OBJECT -> new Value(inside(parser, token), ValueKind.JSON);
          case VALUE_STRING -> new Value(parser.getText(), ValueKind.ofString(parser.getText()));
          case VALUE_NUMBER_INT -> new Value(parser.getText(), ValueKind.INTEGER);
          case VALUE_NUMBER_FLOAT -> new Value(parser.getText(), ValueKind.NUMBER);
          case VALUE_TRUE, VALUE_FALSE -> new Value(parser.getText(), ValueKind.BOOLEAN);
          default -> new Value("", null);
        };
    twice |= row.put(path, value) != null;
  }

  /** An array or object as it would be written without blanks. */
  private static String inside(JsonParser parser, JsonToken first) throws IOException {
    StringBuilder text = new StringBuilder().append(first.asString());
    boolean begun = true;
    int depth = 1;
    while (depth > 0) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new JsonEOFException(parser, null, "the bytes end");
      }
      if (token.isStructEnd()) {
        depth--;
        text.append(token.asString());
        begun = false;
        continue;
      }
      if (!begun) {
        text.append(',');
      }
      begun = false;
      if (token == JsonToken.FIELD_NAME) {
        quote(text, parser.currentName()).append(':');
        begun = true;
      } else if (token.isStructStart()) {
        depth++;
        text.append(token.asString());
        begun = true;
      } else if (token == JsonToken.VALUE_STRING) {
        quote(text, parser.getText());
      } else {
        text.append(parser.getText());
      }
    }
    return text.toString();
  }

  static StringBuilder quote(StringBuilder into, String text) {
    into.append('"');
    JsonStringEncoder.getInstance().quoteAsString(text, into);
    return into.append('"');
  }

  /** Rows before the place where it breaks are shown; where there are none, that is the answer. */
  private void interrupted(NotPreviewable why) throws NotPreviewable {
    if (table.rows() == 0) {
      throw why;
    }
    reading.note("Read up to row " + table.rows() + ": " + why.detail());
  }

  private static NotPreviewable beyond(StreamConstraintsException e) {
    String said = String.valueOf(e.getMessage());
    if (said.contains("nesting depth")) {
      return NotPreviewable.beyond("Values are nested deeper than " + Limits.JSON_DEPTH + ".");
    }
    if (said.contains("umber")) {
      return NotPreviewable.beyond("A number has more than " + Limits.JSON_NUMBER + " digits.");
    }
    return NotPreviewable.beyond("A text is longer than a preview reads.");
  }
}
