package org.pilothouse.ctl.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with columns in braces. {@code {unit}} is the cell as it stands, {@code {unit:03}} a whole
 * number with zeros in front, {@code {name:slug}} in small letters with {@code -} for all that no
 * id may hold. {@code {file}} is the file's name without its endings, as a slug.
 */
final class Template {
  private static final Pattern PLACE = Pattern.compile("\\{([^{}]+?)(?::(0[1-9]|slug))?\\}");
  private static final Pattern WHOLE = Pattern.compile("[0-9]{1,18}");

  private sealed interface Part {}

  private record Text(String text) implements Part {}

  private record Cell(String column, int index, String form) implements Part {}

  private final List<Part> parts;

  private Template(List<Part> parts) {
    this.parts = parts;
  }

  /**
   * @param columns where each column stands
   * @param file the name of the file
   * @throws Unusable when it names a column that is not there
   */
  static Template of(String text, Map<String, Integer> columns, String file) {
    List<Part> parts = new ArrayList<>();
    Matcher place = PLACE.matcher(text);
    int from = 0;
    while (place.find()) {
      parts.add(literal(text, text.substring(from, place.start())));
      String column = place.group(1);
      Integer index = columns.get(column);
      if (index == null && !column.equals("file")) {
        throw new Unusable(
            "'" + text + "' names a column " + column + "; there are " + columns.keySet());
      }
      String form = place.group(2) == null ? "" : place.group(2);
      parts.add(index == null ? new Text(slug(bare(file))) : new Cell(column, index, form));
      from = place.end();
    }
    parts.add(literal(text, text.substring(from)));
    return new Template(parts);
  }

  private static Text literal(String whole, String text) {
    if (text.contains("{") || text.contains("}")) {
      throw new Unusable(
          "'" + whole + "' has a brace that is no {column}, {column:03} or {column:slug}");
    }
    return new Text(text);
  }

  /** The columns that a text names, the file's name left out. */
  static List<String> columnsOf(String text) {
    return PLACE.matcher(text).results().map(place -> place.group(1)).toList();
  }

  boolean isConstant() {
    return parts.stream().allMatch(Text.class::isInstance);
  }

  String of(List<String> cells) throws Refusal {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      text.append(
          switch (part) {
            case Text literal -> literal.text();
            case Cell cell -> formed(cell, cells.get(cell.index()).strip());
          });
    }
    return text.toString();
  }

  private static String formed(Cell place, String cell) throws Refusal {
    if (cell.isEmpty()) {
      throw new Refusal("missing_field", "the column " + place.column() + " is empty");
    }
    return switch (place.form()) {
      case "" -> cell;
      case "slug" -> slug(cell);
      default -> padded(place, cell);
    };
  }

  private static String padded(Cell place, String cell) throws Refusal {
    if (!WHOLE.matcher(cell).matches()) {
      throw new Refusal(
          "invalid_value",
          "the column " + place.column() + " must be a whole number, not " + Refusal.shown(cell));
    }
    return String.format(Locale.ROOT, "%" + place.form() + "d", Long.parseLong(cell));
  }

  private static String slug(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]+", "-").replaceAll("^[._-]+", "");
  }

  private static String bare(String file) {
    return file.replaceFirst("(?i)\\.gz$", "").replaceFirst("(?i)\\.(csv|tsv|txt|dat)$", "");
  }
}
