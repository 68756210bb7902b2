package org.pilothouse.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Answers as a person or a program wants to read them. */
final class Printed {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private Printed() {}

  static void json(PrintWriter out, Object document) {
    try {
      out.println(JSON.writeValueAsString(document));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    out.flush();
  }

  /** One line an item, the columns aligned. */
  static void table(PrintWriter out, List<JsonNode> items, List<String> columns) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(columns.stream().map(column -> column.toUpperCase(java.util.Locale.ROOT)).toList());
    for (JsonNode item : items) {
      rows.add(columns.stream().map(column -> text(item.path(column))).toList());
    }
    aligned(out, rows);
  }

  /** The same with names that somebody else gave; the items have their cells by number. */
  static void sheet(PrintWriter out, List<String> names, List<JsonNode> items) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(names.stream().map(name -> text(TextNode.valueOf(name))).toList());
    for (JsonNode item : items) {
      List<String> row = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        row.add(text(item.path(Integer.toString(i))));
      }
      rows.add(row);
    }
    aligned(out, rows);
  }

  private static void aligned(PrintWriter out, List<List<String>> rows) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i));
        if (i < widths.length - 1) {
          line.append(" ".repeat(widths[i] - row.get(i).length() + 2));
        }
      }
      out.println(line);
    }
    out.flush();
  }

  static void fields(PrintWriter out, JsonNode item) {
    item.properties()
        .forEach(field -> out.printf("%-16s %s%n", field.getKey(), text(field.getValue())));
    out.flush();
  }

  /** Without control characters: what a server sends must not steer a terminal. */
  static String text(JsonNode value) {
    String text =
        switch (value.getNodeType()) {
          case NULL, MISSING -> "-";
          case ARRAY -> {
            List<String> parts = new ArrayList<>();
            value.forEach(part -> parts.add(text(part)));
            yield String.join(",", parts);
          }
          case OBJECT -> value.toString();
          case STRING, NUMBER, BOOLEAN, BINARY, POJO -> value.asText();
        };
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
