package org.pilothouse.ctl.telemetry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes telemetry lines of rows, by a mapping that has been held against the file's columns. The
 * same row of the same file with the same times gives the same line, its id included.
 */
final class RowMapper {
  private static final Pattern PROPERTY = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern TWIN = Pattern.compile("[a-z0-9][a-z0-9._-]{0,127}");

  /** A JSON number; what else looks like one (007, a part number) stays a text. */
  private static final Pattern JSON_NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?");

  /** What a column that is said to hold numbers may write. */
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?([0-9]{1,31}(\\.[0-9]{0,40})?|\\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?");

  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final int ID_BYTES = 16;

  private record Reported(int index, String column, String name, Mapping.Type type) {}

  /** What a row became. */
  record Line(String twin, String time, String json) {}

  private final int width;
  private final Template twin;
  private final int twinColumn;
  private final int idColumn;
  private final RowTime time;
  private final List<Reported> reported;
  private final int nameColumn;
  private final int valueColumn;
  private final Set<String> missing;
  private final Map<String, Template> attributes = new LinkedHashMap<>();
  private final MessageDigest digest = sha256();

  /**
   * @param columns the file's, in their order
   * @param file its name
   * @throws Unusable when mapping and columns do not fit
   */
  RowMapper(Mapping mapping, List<String> columns, String file) {
    Map<String, Integer> places = places(columns);
    width = columns.size();
    missing = Set.copyOf(mapping.missing());
    time = RowTime.of(mapping.time(), places);
    String twinRule = mapping.twin() == null ? "{twin}" : mapping.twin();
    if (mapping.twin() == null && !places.containsKey("twin")) {
      throw new Unusable(
          "there is no column twin; say which twin the rows are of (--twin 'engine-{unit:03}'),"
              + " the columns are "
              + columns);
    }
    twin = Template.of(twinRule, places, file);
    Set<String> used = new HashSet<>(Template.columnsOf(twinRule));
    used.add(mapping.time().count() != null ? mapping.time().count() : timeColumn(mapping));
    used.addAll(mapping.skip());
    // A twin for rows that name none: the column wins where it says something.
    boolean rowsMayName = twin.isConstant() && !used.contains("twin");
    twinColumn = rowsMayName ? places.getOrDefault("twin", -1) : -1;
    idColumn = idColumn(mapping, places, used);
    mapping.skip().forEach(column -> require(places, "skip", column));
    mapping.properties().keySet().forEach(column -> require(places, "properties", column));
    boolean readings =
        mapping.reading() != null
            || (mapping.properties().isEmpty()
                && places.containsKey("property")
                && places.containsKey("value"));
    if (readings) {
      Mapping.Reading reading =
          mapping.reading() == null ? new Mapping.Reading("property", "value") : mapping.reading();
      nameColumn = require(places, "reading", reading.property());
      valueColumn = require(places, "reading", reading.value());
      reported = List.of();
    } else {
      nameColumn = -1;
      valueColumn = -1;
      reported = reported(mapping, columns, used);
    }
    if (mapping.twins() != null) {
      mapping
          .twins()
          .attributes()
          .forEach((name, text) -> attributes.put(name, Template.of(text, places, file)));
    }
  }

  private static String timeColumn(Mapping mapping) {
    String column = mapping.time().column();
    return column == null ? "time" : column;
  }

  private static Map<String, Integer> places(List<String> columns) {
    Map<String, Integer> places = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      if (places.put(columns.get(i), i) != null) {
        throw new Unusable("the column " + columns.get(i) + " stands twice");
      }
    }
    return places;
  }

  private static int require(Map<String, Integer> places, String what, String column) {
    Integer index = places.get(column);
    if (index == null) {
      throw new Unusable(what + " names a column " + column + "; there are " + places.keySet());
    }
    return index;
  }

  private int idColumn(Mapping mapping, Map<String, Integer> places, Set<String> used) {
    if (mapping.id() != null) {
      return require(places, "id", mapping.id());
    }
    boolean usual = !used.contains("id") && !mapping.properties().containsKey("id");
    return usual ? places.getOrDefault("id", -1) : -1;
  }

  private List<Reported> reported(Mapping mapping, List<String> columns, Set<String> used) {
    List<Reported> all = new ArrayList<>();
    Map<String, String> names = new HashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      String column = columns.get(i);
      Mapping.Property rule = mapping.properties().get(column);
      if (rule == null && (used.contains(column) || i == twinColumn || i == idColumn)) {
        continue;
      }
      String name = rule == null || rule.name() == null ? column : rule.name();
      if (!PROPERTY.matcher(name).matches()) {
        throw new Unusable(
            "column "
                + (i + 1)
                + ", "
                + Refusal.shown(name)
                + ", is no name of a property ([A-Za-z_][A-Za-z0-9_.-]{0,127}); give it one"
                + " (--rename 'COLUMN=NAME') or leave it out (--skip COLUMN)");
      }
      String other = names.put(name, column);
      if (other != null) {
        throw new Unusable("the columns " + other + " and " + column + " are both named " + name);
      }
      Mapping.Type type = rule == null || rule.type() == null ? Mapping.Type.AUTO : rule.type();
      all.add(new Reported(i, column, name, type));
    }
    if (all.isEmpty()) {
      throw new Unusable("no column is left to report, of " + columns);
    }
    return List.copyOf(all);
  }

  /** The time of a row before it is moved, and its twin. */
  record Place(String twin, Instant time) {}

  Place place(Row row) throws Refusal {
    List<String> cells = cells(row);
    return new Place(twin(cells), time.of(cells));
  }

  /**
   * @param shift how far the times of a twin are moved; null not at all
   */
  Line line(Row row, @Nullable Shift shift) throws Refusal {
    List<String> cells = cells(row);
    String named = twin(cells);
    String written = shift == null ? time.asWritten(cells) : null;
    if (written == null) {
      Duration by = shift == null ? Duration.ZERO : shift.of(named);
      written = time.of(cells).plus(by).toString();
    }
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("twin", named);
    line.put("time", written);
    line.set("values", values(cells));
    String id = idColumn < 0 ? "" : cells.get(idColumn).strip();
    line.put("id", id.isEmpty() ? id(row.line(), line.toString()) : id);
    return new Line(named, written, line.toString());
  }

  /** What the row's twin is said to be when it is made. */
  ObjectNode attributes(Row row) throws Refusal {
    ObjectNode said = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, Template> each : attributes.entrySet()) {
      said.put(each.getKey(), each.getValue().of(row.cells()));
    }
    return said;
  }

  private List<String> cells(Row row) throws Refusal {
    if (row.fault() != null) {
      throw row.fault();
    }
    List<String> cells = row.cells();
    boolean tooMany =
        cells.size() > width
            && !cells.subList(width, cells.size()).stream().allMatch(String::isBlank);
    if (cells.size() < width || tooMany) {
      throw new Refusal(
          "malformed_row", "the row has " + cells.size() + " columns instead of " + width);
    }
    return cells;
  }

  private String twin(List<String> cells) throws Refusal {
    String own = twinColumn < 0 ? "" : cells.get(twinColumn).strip();
    String named = own.isEmpty() ? twin.of(cells) : own;
    if (!TWIN.matcher(named).matches()) {
      throw new Refusal(
          "invalid_id", Refusal.shown(named) + " is not a twin id ([a-z0-9][a-z0-9._-]{0,127})");
    }
    return named;
  }

  private ObjectNode values(List<String> cells) throws Refusal {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    if (nameColumn >= 0) {
      String name = cells.get(nameColumn).strip();
      String cell = cells.get(valueColumn).strip();
      if (!PROPERTY.matcher(name).matches()) {
        throw new Refusal("invalid_value", Refusal.shown(name) + " is no name of a property");
      }
      if (!missing.contains(cell)) {
        put(values, new Reported(valueColumn, name, name, Mapping.Type.AUTO), cell);
      }
    }
    for (Reported each : reported) {
      String cell = cells.get(each.index()).strip();
      if (!missing.contains(cell)) {
        put(values, each, cell);
      }
    }
    if (values.isEmpty()) {
      throw new Refusal("missing_field", "the row has no value");
    }
    return values;
  }

  private static void put(ObjectNode values, Reported each, String cell) throws Refusal {
    String name = each.name();
    switch (each.type()) {
      case AUTO -> {
        if (JSON_NUMBER.matcher(cell).matches()) {
          values.put(name, new BigDecimal(cell));
        } else if (cell.equals("true") || cell.equals("false")) {
          values.put(name, cell.equals("true"));
        } else {
          values.put(name, cell);
        }
      }
      case NUMBER -> values.put(name, number(each, cell));
      case INTEGER -> {
        try {
          BigDecimal number = number(each, cell);
          if (number.abs().compareTo(MOST_INTEGER) > 0) {
            throw refused(each, cell);
          }
          values.put(name, number.toBigIntegerExact());
        } catch (ArithmeticException e) {
          throw refused(each, cell);
        }
      }
      case BOOLEAN -> {
        switch (cell) {
          case "true", "1" -> values.put(name, true);
          case "false", "0" -> values.put(name, false);
          default -> throw refused(each, cell);
        }
      }
      case STRING -> values.put(name, cell);
    }
  }

  private static final BigDecimal MOST_INTEGER = new BigDecimal("1e30");

  private static BigDecimal number(Reported each, String cell) throws Refusal {
    if (!NUMBER.matcher(cell).matches()) {
      throw refused(each, cell);
    }
    return new BigDecimal(cell);
  }

  private static Refusal refused(Reported each, String cell) {
    String kind =
        switch (each.type()) {
          case INTEGER -> "a whole number";
          case BOOLEAN -> "true, false, 1 or 0";
          case AUTO, NUMBER, STRING -> "a number";
        };
    return new Refusal(
        "invalid_value",
        "the column " + each.column() + " must be " + kind + ", not " + Refusal.shown(cell));
  }

  /** Where it stands and what it says: two equal rows are two events, the same row again is one. */
  private String id(long line, String said) {
    digest.update(Long.toString(line).getBytes(StandardCharsets.UTF_8));
    digest.update((byte) '\n');
    digest.update(said.getBytes(StandardCharsets.UTF_8));
    return BASE64.encodeToString(Arrays.copyOf(digest.digest(), ID_BYTES));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
