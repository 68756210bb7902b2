package org.pilothouse.exports.internal.engine;

import java.util.List;

/**
 * Columns as cells of a CSV file. A spreadsheet takes a cell that begins with {@code =}, {@code +},
 * {@code -}, {@code @}, a tab or a carriage return for a formula: texts that do get an apostrophe
 * before them. Numbers, times and truth values stay what they are.
 */
final class Cells {
  private static final String BEGINNINGS = "('=', '+', '-', '@', chr(9), chr(13))";
  private static final String BEGINNINGS_OF_NAMES = "=+-@\t\r";

  private static final String ZONED = "TIMESTAMP WITH TIME ZONE";

  private Cells() {}

  static List<String> ofCsv(List<Frame.Column> columns) {
    return columns.stream().map(Cells::ofCsv).toList();
  }

  private static String ofCsv(Frame.Column column) {
    return cell(Sql.name(column.name()), column.type()) + " AS " + Sql.name(plain(column.name()));
  }

  /** Times lose the zone that they all have in common, so that they are written as all others. */
  static List<String> ofJson(List<Frame.Column> columns) {
    return columns.stream()
        .map(column -> {
          String name = Sql.name(column.name());
          return column.type().equals(ZONED) ? time(name) + " AS " + name : name;
        })
        .toList();
  }

  private static String time(String name) {
    return "make_timestamp(epoch_us(" + name + "))";
  }

  private static String cell(String name, String type) {
    return switch (type) {
      case "TINYINT",
          "SMALLINT",
          "INTEGER",
          "BIGINT",
          "HUGEINT",
          "UTINYINT",
          "USMALLINT",
          "UINTEGER",
          "UBIGINT",
          "UHUGEINT",
          "FLOAT",
          "DOUBLE",
          "BOOLEAN",
          "DATE",
          "TIME",
          "UUID",
          "TIMESTAMP" ->
          name;
      case ZONED -> time(name);
      case "VARCHAR" -> text(name);
      default -> type.startsWith("DECIMAL") ? name : text("CAST(" + name + " AS VARCHAR)");
    };
  }

  private static String text(String value) {
    return "CASE WHEN left("
        + value
        + ", 1) IN "
        + BEGINNINGS
        + " THEN '''' || "
        + value
        + " ELSE "
        + value
        + " END";
  }

  /** Names of columns are cells, too. */
  private static String plain(String name) {
    return !name.isEmpty() && BEGINNINGS_OF_NAMES.indexOf(name.charAt(0)) >= 0 ? "'" + name : name;
  }
}
