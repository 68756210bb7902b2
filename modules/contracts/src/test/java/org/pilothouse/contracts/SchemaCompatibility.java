package org.pilothouse.contracts;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tells what in a changed schema would break those who hold the released one: readers that were
 * promised a property, and stored events that were valid when they were written. Properties and
 * values of an enumeration may be added, bounds may be widened; everything else is a new version.
 */
final class SchemaCompatibility {
  private static final List<String> UPPER_BOUNDS =
      List.of("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties");
  private static final List<String> LOWER_BOUNDS =
      List.of("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties");
  private static final List<String> FIXED =
      List.of("type", "const", "pattern", "format", "propertyNames", "$ref", "$id");

  private SchemaCompatibility() {}

  /** Each break with its place; empty when the change is compatible. */
  static List<String> breaks(JsonNode released, JsonNode changed) {
    List<String> breaks = new ArrayList<>();
    compare("", released, changed, breaks);
    return breaks;
  }

  private static void compare(String at, JsonNode released, JsonNode changed, List<String> breaks) {
    for (String keyword : FIXED) {
      if (!released.path(keyword).equals(changed.path(keyword))) {
        breaks.add(at + "/" + keyword + " was changed");
      }
    }
    Set<String> requiredBefore = words(released.path("required"));
    Set<String> requiredNow = words(changed.path("required"));
    for (String name : requiredNow) {
      if (!requiredBefore.contains(name)) {
        breaks.add(at + "/required/" + name + " is new: stored events may lack it");
      }
    }
    for (String name : requiredBefore) {
      if (!requiredNow.contains(name)) {
        breaks.add(at + "/required/" + name + " is gone: readers count on it");
      }
    }
    for (String keyword : UPPER_BOUNDS) {
      bound(at, keyword, released, changed, 1, breaks);
    }
    for (String keyword : LOWER_BOUNDS) {
      bound(at, keyword, released, changed, -1, breaks);
    }
    Set<String> valuesNow = words(changed.path("enum"));
    if (changed.has("enum") && !released.has("enum")) {
      breaks.add(at + "/enum is new");
    }
    for (String value : words(released.path("enum"))) {
      if (changed.has("enum") && !valuesNow.contains(value)) {
        breaks.add(at + "/enum/" + value + " is gone");
      }
    }
    if (changed.path("uniqueItems").asBoolean() && !released.path("uniqueItems").asBoolean()) {
      breaks.add(at + "/uniqueItems is new");
    }
    released
        .path("properties")
        .fieldNames()
        .forEachRemaining(name -> {
          JsonNode now = changed.path("properties").path(name);
          if (now.isMissingNode()) {
            breaks.add(at + "/properties/" + name + " is gone");
          } else {
            compare(
                at + "/properties/" + name, released.path("properties").path(name), now, breaks);
          }
        });
    nested(at, "items", released, changed, breaks);
    nested(at, "additionalProperties", released, changed, breaks);
  }

  private static void bound(
      String at,
      String keyword,
      JsonNode released,
      JsonNode changed,
      int direction,
      List<String> breaks) {
    if (!changed.has(keyword)) {
      return;
    }
    boolean narrower =
        !released.has(keyword)
            || direction
                    * changed
                        .path(keyword)
                        .decimalValue()
                        .compareTo(released.path(keyword).decimalValue())
                < 0;
    if (narrower) {
      breaks.add(at + "/" + keyword + " is narrower");
    }
  }

  private static void nested(
      String at, String keyword, JsonNode released, JsonNode changed, List<String> breaks) {
    JsonNode before = released.path(keyword);
    JsonNode now = changed.path(keyword);
    if (before.isObject() && now.isObject()) {
      compare(at + "/" + keyword, before, now, breaks);
    } else if (now.isObject() || (now.isBoolean() && !now.asBoolean() && !before.equals(now))) {
      breaks.add(at + "/" + keyword + " is narrower");
    }
  }

  private static Set<String> words(JsonNode array) {
    Set<String> words = new TreeSet<>();
    array.forEach(word -> words.add(word.asText()));
    return words;
  }
}
