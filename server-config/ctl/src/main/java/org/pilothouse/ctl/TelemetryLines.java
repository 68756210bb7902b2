package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A file's telemetry, one NDJSON line at a time; the same file gives the same lines. */
interface TelemetryLines {
  /** The next line, or null at the end. */
  @Nullable String next() throws IOException;

  static TelemetryLines ndjson(BufferedReader in) {
    return () -> {
      String line = in.readLine();
      while (line != null && line.isBlank()) {
        line = in.readLine();
      }
      return line;
    };
  }

  /**
   * @param twin the twin of rows without one
   */
  static TelemetryLines csv(Reader in, @Nullable String twin) throws IOException {
    CsvReader rows = new CsvReader(in);
    List<String> names = rows.row();
    if (names == null) {
      return () -> null;
    }
    List<String> columns = names.stream().map(name -> name.replace("\uFEFF", "").strip()).toList();
    if (!columns.contains("time") || (twin == null && !columns.contains("twin"))) {
      throw new IOException(
          "the first row must name the columns 'time' and 'twin' (or give --twin), not " + columns);
    }
    boolean readings = columns.contains("property") && columns.contains("value");
    return () -> {
      List<String> row = rows.row();
      return row == null ? null : line(columns, row, twin, readings);
    };
  }

  private static String line(
      List<String> columns, List<String> row, @Nullable String twin, boolean readings) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    if (twin != null) {
      line.put("twin", twin);
    }
    String property = "";
    String reading = "";
    for (int i = 0; i < Math.min(columns.size(), row.size()); i++) {
      String column = columns.get(i);
      String cell = row.get(i).strip();
      if (cell.isEmpty()) {
        continue;
      }
      switch (column) {
        case "id", "twin", "time" -> line.put(column, cell);
        default -> {
          if (!readings) {
            put(values, column, cell);
          } else if (column.equals("property")) {
            property = cell;
          } else if (column.equals("value")) {
            reading = cell;
          }
        }
      }
    }
    if (readings) {
      put(values, property, reading);
    }
    line.set("values", values);
    return line.toString();
  }

  /** A JSON number, which is more than Java's parsers would and less than they could take. */
  Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?");

  private static void put(ObjectNode values, String name, String cell) {
    if (NUMBER.matcher(cell).matches()) {
      values.put(name, new java.math.BigDecimal(cell));
    } else if (cell.equals("true") || cell.equals("false")) {
      values.put(name, cell.equals("true"));
    } else {
      values.put(name, cell);
    }
  }
}
