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

  private Cells() {}

  static List<String> ofCsv(List<Frame.Column> columns) {
    return columns.stream().map(Cells::ofCsv).toList();
  }

  private static String ofCsv(Frame.Column column) {
    return cell(Sql.name(column.name()), column.type()) + " AS " + Sql.name(plain(column.name()));
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
      case "TIMESTAMP WITH TIME ZONE" -> "make_timestamp(epoch_us(" + name + "))";
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
