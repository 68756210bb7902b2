package org.pilothouse.webapp.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who gets which status from which operation, written by hand in {@code tenancy.table}: one row an
 * operation, a column a caller, first towards the own pilot and then (marked with a quote) towards
 * another one. {@code -} stands where an operation knows no other pilot.
 */
record TenancyTable(List<Row> rows) {

  /** {@code fresh}: the call ends its credential, so each cell brings its own. */
  record Row(
      String operation,
      boolean fresh,
      String mediaType,
      String body,
      Map<String, String> own,
      Map<String, String> other) {}

  static TenancyTable read() {
    try (InputStream in = TenancyTable.class.getResourceAsStream("/tenancy.table")) {
      List<String> lines =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .toList();
      List<String> names = cells(lines.getFirst());
      return new TenancyTable(lines.stream().skip(1).map(line -> row(names, cells(line))).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Row row(List<String> names, List<String> cells) {
    if (cells.size() != names.size()) {
      throw new IllegalArgumentException("a cell too few or too many: " + cells);
    }
    Map<String, String> own = new LinkedHashMap<>();
    Map<String, String> other = new LinkedHashMap<>();
    for (int i = 4; i < names.size(); i++) {
      String name = names.get(i);
      if (!name.endsWith("'")) {
        own.put(name, cells.get(i));
      } else if (!cells.get(i).equals("-")) {
        other.put(name.substring(0, name.length() - 1), cells.get(i));
      }
    }
    return new Row(
        cells.get(0),
        cells.get(1).equals("fresh"),
        cells.get(2).equals("-") ? "" : cells.get(2),
        cells.get(3).equals("-") ? "" : cells.get(3),
        own,
        other);
  }

  private static List<String> cells(String line) {
    return List.of(line.strip().split("\\s+"));
  }
}
