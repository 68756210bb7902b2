package org.pilothouse.exports.internal;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pilothouse.exports.internal.ExportRequest.Aggregate;
import org.pilothouse.exports.internal.ExportRequest.Filter;
import org.pilothouse.exports.internal.ExportRequest.Resample;
import org.pilothouse.exports.internal.SourceTable.Column;
import org.pilothouse.exports.internal.SourceTable.Form;
import org.pilothouse.exports.internal.SourceTable.Kind;
import org.pilothouse.exports.internal.engine.Sql;
import org.pilothouse.kernel.TwinId;

/**
 * Makes the query of an export over staged files. Names are quoted, whatever they hold; values that
 * somebody gave are parameters.
 */
final class ExportSql {
  /** The view of all rows of models. */
  private static final String READINGS = "readings";

  private static final String BY_TWIN = "_by_twin";
  private static final String BY_TIME = "_by_time";
  private static final String BY_PARTITION = "_by_partition";
  private static final String BY_OFFSET = "_by_offset";
  private static final String BY_PROPERTY = "_by_property";

  /** Columns that tell which event a row was; only there where somebody asks for them. */
  private static final Set<String> IDENTITY = Set.of("source", "event_id", "partition", "offset");

  private ExportSql() {}

  /**
   * A query without its bounds.
   *
   * @param order columns to sort by
   * @param hidden those of them that are not asked for
   */
  record Select(String sql, List<Object> values, List<String> order, List<String> hidden) {}

  /**
   * What an export asks of one table; empty where no row of it can be among the answer.
   *
   * @param files of the table, staged
   */
  static Optional<Select> of(ExportRequest request, SourceTable table, List<Path> files) {
    List<Object> values = new ArrayList<>();
    List<String> conditions = new ArrayList<>(bounds(table, request));
    boolean valuesOfProperties =
        table.kind() == Kind.TIDY
            && request.properties().stream().anyMatch(name -> table.find(name).isEmpty());
    List<Column> chosen = valuesOfProperties ? usual(table) : chosen(request, table);
    if (chosen.isEmpty() && table.kind() != Kind.PLAIN) {
      return Optional.empty();
    }
    if (valuesOfProperties) {
      conditions.add("\"property\" IN (" + places(request.properties().size()) + ")");
      values.addAll(request.properties());
    }
    for (Filter filter : request.filters()) {
      Optional<Column> column =
          table.kind() == Kind.PLAIN
              ? Optional.of(Column.plain(filter.field(), "text"))
              : table.find(filter.field());
      if (column.isEmpty()) {
        return Optional.empty();
      }
      conditions.add(condition(column.get(), table.kind(), filter, values));
    }
    String from =
        " FROM "
            + scan(table, files)
            + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions));
    Resample resample = request.resample();
    return Optional.of(
        table.kind() == Kind.PLAIN
            ? plain(request, from, values)
            : resample == null
                ? events(table, chosen, from, values)
                : spans(table, resample, chosen, from, values));
  }

  private static Select plain(ExportRequest request, String from, List<Object> values) {
    String columns =
        request.properties().isEmpty()
            ? "*"
            : request.properties().stream().map(Sql::name).collect(Collectors.joining(", "));
    return new Select("SELECT " + columns + from, values, List.of(), List.of());
  }

  private static Select events(
      SourceTable table, List<Column> chosen, String from, List<Object> values) {
    List<String> cells = new ArrayList<>();
    chosen.forEach(column -> cells.add(Sql.name(column.name())));
    List<String> hidden = new ArrayList<>(List.of(BY_TWIN, BY_TIME, BY_PARTITION, BY_OFFSET));
    cells.add("\"twin\" AS " + BY_TWIN);
    cells.add("\"time\" AS " + BY_TIME);
    cells.add("\"partition\" AS " + BY_PARTITION);
    cells.add("\"offset\" AS " + BY_OFFSET);
    if (table.kind() == Kind.TIDY) {
      cells.add("\"property\" AS " + BY_PROPERTY);
      hidden.add(BY_PROPERTY);
    }
    return new Select("SELECT " + String.join(", ", cells) + from, values, hidden, hidden);
  }

  /** A row a twin and span where something was reported; of tidy tables, a property too. */
  private static Select spans(
      SourceTable table, Resample resample, List<Column> chosen, String from, List<Object> values) {
    List<String> cells = new ArrayList<>();
    cells.add("\"twin\"");
    cells.add("time_bucket(" + interval(resample.every()) + ", \"time\") AS \"time\"");
    List<String> order = new ArrayList<>(List.of("twin", "time"));
    if (table.kind() == Kind.TIDY) {
      cells.add("\"property\"");
      order.add("property");
    }
    for (Column column : chosen) {
      if (isValue(table, column)) {
        resample.aggregates().stream()
            .filter(aggregate -> fits(aggregate, column))
            .forEach(aggregate -> cells.add(aggregated(aggregate, column)));
      }
    }
    return new Select(
        "SELECT " + String.join(", ", cells) + from + " GROUP BY ALL", values, order, List.of());
  }

  private static boolean isValue(SourceTable table, Column column) {
    return table.kind() == Kind.TIDY
        ? Set.of("number", "text", "truth").contains(column.name())
        : column.property() != null;
  }

  private static boolean fits(Aggregate aggregate, Column column) {
    return switch (aggregate) {
      case AVG, MIN, MAX, SUM -> column.isNumeric();
      case LAST, COUNT -> true;
    };
  }

  private static String aggregated(Aggregate aggregate, Column column) {
    String name = Sql.name(column.name());
    String word = aggregate.name().toLowerCase(Locale.ROOT);
    String value =
        switch (aggregate) {
          case AVG, MIN, MAX, SUM, COUNT -> word + "(" + name + ")";
          case LAST ->
              "last("
                  + name
                  + " ORDER BY \"time\", \"partition\", \"offset\") FILTER (WHERE "
                  + name
                  + " IS NOT NULL)";
        };
    return value + " AS " + Sql.name(column.name() + "_" + word);
  }

  private static String interval(Duration every) {
    return "to_microseconds(" + (every.toSeconds() * 1_000_000 + every.getNano() / 1_000) + ")";
  }

  private static List<Column> chosen(ExportRequest request, SourceTable table) {
    if (request.properties().isEmpty()) {
      return usual(table);
    }
    List<Column> chosen = new ArrayList<>();
    for (String name : request.properties()) {
      table.find(name).filter(column -> !chosen.contains(column)).ifPresent(chosen::add);
    }
    // Values without their twin and time say nothing.
    boolean values = chosen.stream().anyMatch(column -> column.property() != null);
    if (values) {
      for (String name : List.of("time", "twin")) {
        table
            .find(name)
            .filter(column -> !chosen.contains(column))
            .ifPresent(column -> chosen.add(0, column));
      }
    }
    return chosen;
  }

  private static List<Column> usual(SourceTable table) {
    return table.columns().stream().filter(column -> !IDENTITY.contains(column.name())).toList();
  }

  /** Of twins and times, in words that hold no text of a caller but ids. */
  private static List<String> bounds(SourceTable table, ExportRequest request) {
    List<String> bounds = new ArrayList<>();
    if (!request.twins().isEmpty()) {
      bounds.add(
          "\"twin\" IN ("
              + request.twins().stream()
                  .map(TwinId::value)
                  .sorted()
                  .map(Sql::text)
                  .collect(Collectors.joining(", "))
              + ")");
    }
    ExportRequest.Window window = request.window();
    if (window != null) {
      String time =
          table.kind() == Kind.PLAIN ? "CAST(\"time\" AS TIMESTAMP WITH TIME ZONE)" : "\"time\"";
      bounds.add(time + " >= " + instant(window.from()));
      bounds.add(time + " < " + instant(window.to()));
    }
    return bounds;
  }

  private static String instant(Instant time) {
    return "make_timestamptz(" + micros(time) + ")";
  }

  static long micros(Instant time) {
    return Math.addExact(
        Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1_000);
  }

  private static String condition(Column column, Kind kind, Filter filter, List<Object> values) {
    String name = Sql.name(column.name());
    String place = column.kind().equals("time") ? "CAST(? AS TIMESTAMP WITH TIME ZONE)" : "?";
    return switch (filter.operator()) {
      case EXISTS ->
          name + (Boolean.TRUE.equals(filter.values().getFirst()) ? " IS NOT NULL" : " IS NULL");
      case IN -> {
        values.addAll(filter.values());
        yield name
            + " IN ("
            + filter.values().stream().map(value -> place).collect(Collectors.joining(", "))
            + ")";
      }
      case PREFIX -> {
        values.add(filter.values().getFirst());
        yield "starts_with(CAST(" + name + " AS VARCHAR), ?)";
      }
      case EQ -> compared(name, "=", place, filter, values);
      case NE -> compared(name, "IS DISTINCT FROM", place, filter, values);
      case LT -> compared(name, "<", place, filter, values);
      case LTE -> compared(name, "<=", place, filter, values);
      case GT -> compared(name, ">", place, filter, values);
      case GTE -> compared(name, ">=", place, filter, values);
    };
  }

  private static String compared(
      String name, String operator, String place, Filter filter, List<Object> values) {
    values.add(filter.values().getFirst());
    return name + " " + operator + " " + place;
  }

  private static String places(int count) {
    return String.join(", ", Collections.nCopies(count, "?"));
  }

  /**
   * All rows of a table's files; columns go together by their names.
   *
   * @param files the first of them, staged
   */
  static String scan(SourceTable table, List<Path> files) {
    Map<Form, List<Path>> forms = new EnumMap<>(Form.class);
    for (int i = 0; i < files.size(); i++) {
      forms
          .computeIfAbsent(table.files().get(i).form(), form -> new ArrayList<>())
          .add(files.get(i));
    }
    List<String> scans = new ArrayList<>();
    forms.forEach((form, its) -> scans.add(scan(table, form, its)));
    return scans.size() == 1
        ? scans.getFirst()
        : scans.stream()
            .map(scan -> "SELECT * FROM " + scan)
            .collect(Collectors.joining(" UNION ALL BY NAME ", "(", ") AS united"));
  }

  private static String scan(SourceTable table, Form form, List<Path> files) {
    String list =
        files.stream()
            .map(file -> Sql.text(file.toAbsolutePath().toString()))
            .collect(Collectors.joining(", ", "[", "]"));
    return switch (form) {
      case PARQUET -> "read_parquet(" + list + ", union_by_name = true, hive_partitioning = false)";
      case CSV, CSV_GZIP ->
          "read_csv(" + list + ", union_by_name = true, hive_partitioning = false)";
      case NDJSON, NDJSON_GZIP ->
          "read_json("
              + list
              + ", format = 'newline_delimited', union_by_name = true, hive_partitioning = false)";
      case LIVE ->
          "read_json("
              + list
              + ", format = 'newline_delimited', columns = {"
              + table.columns().stream()
                  .map(column -> Sql.text(column.name()) + ": " + Sql.text(type(column)))
                  .collect(Collectors.joining(", "))
              + "})";
    };
  }

  private static String type(Column column) {
    return switch (column.kind()) {
      case "number" -> "DOUBLE";
      case "integer" -> column.name().equals("partition") ? "INTEGER" : "BIGINT";
      case "truth" -> "BOOLEAN";
      case "time" -> "TIMESTAMP WITH TIME ZONE";
      default -> "VARCHAR";
    };
  }

  /**
   * A view of each table, by its name, and one of all rows of models: {@code readings}.
   *
   * @param files of each table, staged
   */
  static List<String> views(
      ExportRequest request, List<SourceTable> tables, List<List<Path>> files) {
    List<String> views = new ArrayList<>();
    List<String> together = new ArrayList<>();
    boolean models = tables.stream().anyMatch(table -> table.kind() == Kind.MODEL);
    for (int i = 0; i < tables.size(); i++) {
      SourceTable table = tables.get(i);
      List<String> bounds = bounds(table, request);
      views.add(
          "CREATE TEMP VIEW "
              + Sql.name(table.name())
              + " AS SELECT * FROM "
              + scan(table, files.get(i))
              + (bounds.isEmpty() ? "" : " WHERE " + String.join(" AND ", bounds)));
      if (table.kind() == Kind.MODEL) {
        together.add(
            "SELECT " + Sql.text(table.name()) + " AS model, * FROM " + Sql.name(table.name()));
      } else if (!models) {
        together.add("SELECT * FROM " + Sql.name(table.name()));
      }
    }
    if (tables.stream().noneMatch(table -> table.name().equals(READINGS))) {
      views.add(
          "CREATE TEMP VIEW " + READINGS + " AS " + String.join(" UNION ALL BY NAME ", together));
    }
    return views;
  }

  /** What somebody has named that no table has; null where all is known. */
  static @Nullable String unknown(ExportRequest request, List<SourceTable> tables) {
    if (tables.stream().anyMatch(table -> table.kind() != Kind.MODEL)) {
      return null;
    }
    List<String> named = new ArrayList<>(request.properties());
    request.filters().forEach(filter -> named.add(filter.field()));
    return named.stream()
        .filter(name -> tables.stream().allMatch(table -> table.find(name).isEmpty()))
        .findFirst()
        .orElse(null);
  }
}
