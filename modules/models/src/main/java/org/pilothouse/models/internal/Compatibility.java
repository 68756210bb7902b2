package org.pilothouse.models.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a next revision takes something away from those who rely on the one before. What it may:
 * add properties, actions, events and members, let go of bounds or widen them, and change words.
 */
final class Compatibility {
  private static final List<String> EQUAL_OR_GONE =
      List.of("pattern", "format", "anyOf", "allOf", "not", "contentEncoding", "contentMediaType");
  private static final List<String> EVENT_SCHEMAS =
      List.of("subscription", "data", "dataResponse", "cancellation");

  private final List<Break> breaks = new ArrayList<>();

  private Compatibility() {}

  /** What is taken away, and where. */
  record Break(String path, String what) {}

  /** Both with what they take from others. Empty when the next may follow. */
  static List<Break> breaks(JsonNode before, JsonNode after) {
    Compatibility compared = new Compatibility();
    compared.affordances(before, after);
    return List.copyOf(compared.breaks);
  }

  private void affordances(JsonNode before, JsonNode after) {
    for (Map.Entry<String, JsonNode> one : before.path("properties").properties()) {
      String path = Pointer.at("/properties", one.getKey());
      JsonNode now = after.path("properties").path(one.getKey());
      if (now.isMissingNode()) {
        broken(path, "was removed");
        continue;
      }
      // Readings are kept as what they were: a number cannot become a text that holds one.
      if (!type(one.getValue()).equals(type(now))) {
        broken(Pointer.at(path, "type"), "was changed");
        continue;
      }
      schema(one.getValue(), now, path);
    }
    for (Map.Entry<String, JsonNode> one : before.path("actions").properties()) {
      String path = Pointer.at("/actions", one.getKey());
      JsonNode now = after.path("actions").path(one.getKey());
      if (now.isMissingNode()) {
        broken(path, "was removed");
        continue;
      }
      input(one.getValue().get("input"), now.get("input"), Pointer.at(path, "input"));
      kept(one.getValue(), now, path, List.of("output"));
    }
    for (Map.Entry<String, JsonNode> one : before.path("events").properties()) {
      String path = Pointer.at("/events", one.getKey());
      JsonNode now = after.path("events").path(one.getKey());
      if (now.isMissingNode()) {
        broken(path, "was removed");
        continue;
      }
      kept(one.getValue(), now, path, EVENT_SCHEMAS);
    }
  }

  private void input(@Nullable JsonNode before, @Nullable JsonNode now, String path) {
    if (before == null && now != null) {
      if (!now.path("type").asText().equals("object") || !now.path("required").isEmpty()) {
        broken(path, "was added, and nothing sent along no longer does");
      }
    } else if (before != null && now == null) {
      broken(path, "was removed");
    } else if (before != null && now != null) {
      schema(before, now, path);
    }
  }

  private void kept(JsonNode before, JsonNode now, String path, List<String> terms) {
    for (String term : terms) {
      JsonNode was = before.get(term);
      if (was == null) {
        continue;
      }
      JsonNode is = now.get(term);
      String at = Pointer.at(path, term);
      if (is == null) {
        broken(at, "was removed");
      } else {
        schema(was, is, at);
      }
    }
  }

  private void schema(JsonNode before, JsonNode now, String path) {
    String was = type(before);
    String is = type(now);
    boolean wider =
        is.isEmpty() || is.equals(was) || (was.equals("integer") && is.equals("number"));
    if (!wider) {
      broken(Pointer.at(path, "type"), "was changed");
      return;
    }
    if (before.has("unit") && !before.path("unit").equals(now.path("unit"))) {
      broken(Pointer.at(path, "unit"), "was changed: the same number would mean something else");
    }
    bounds(before, now, path);
    values(before, now, path);
    for (String term : List.of("minLength", "minItems", "minProperties")) {
      least(before, now, path, term);
    }
    for (String term : List.of("maxLength", "maxItems", "maxProperties")) {
      most(before, now, path, term);
    }
    for (String term : EQUAL_OR_GONE) {
      if (now.has(term) && !now.path(term).equals(before.path(term))) {
        broken(Pointer.at(path, term), before.has(term) ? "was changed" : "was added");
      }
    }
    multiple(before, now, path);
    for (String term : List.of("readOnly", "writeOnly", "uniqueItems")) {
      if (now.path(term).asBoolean(false) && !before.path(term).asBoolean(false)) {
        broken(Pointer.at(path, term), "takes away what was allowed");
      }
    }
    members(before, now, path);
    items(before, now, path);
  }

  private void bounds(JsonNode before, JsonNode now, String path) {
    Bound lowerBefore = Bound.lower(before);
    Bound lowerNow = Bound.lower(now);
    if (lowerNow != null && (lowerBefore == null || lowerNow.isTighter(lowerBefore, 1))) {
      broken(Pointer.at(path, lowerNow.term), "narrows the range");
    }
    Bound upperBefore = Bound.upper(before);
    Bound upperNow = Bound.upper(now);
    if (upperNow != null && (upperBefore == null || upperNow.isTighter(upperBefore, -1))) {
      broken(Pointer.at(path, upperNow.term), "narrows the range");
    }
  }

  private void values(JsonNode before, JsonNode now, String path) {
    Set<Object> is = comparable(DataSchemas.values(now));
    String term = now.has("enum") ? "enum" : now.has("const") ? "const" : "oneOf";
    if (is.isEmpty()) {
      // A choice among schemas may refuse what two of them take: more is not always wider.
      if (now.has("oneOf") && !now.path("oneOf").equals(before.path("oneOf"))) {
        broken(Pointer.at(path, "oneOf"), before.has("oneOf") ? "was changed" : "was added");
      }
      return;
    }
    Set<Object> was = comparable(DataSchemas.values(before));
    if (was.isEmpty() || !is.containsAll(was)) {
      broken(Pointer.at(path, term), "no longer holds every value that was allowed");
    }
  }

  /** So that 1 and 1.0 are one value. */
  private static Set<Object> comparable(Set<JsonNode> values) {
    Set<Object> comparable = new HashSet<>();
    for (JsonNode value : values) {
      comparable.add(value.isNumber() ? number(value) : value);
    }
    return comparable;
  }

  private void least(JsonNode before, JsonNode now, String path, String term) {
    JsonNode is = now.path(term);
    if (is.isNumber() && is.decimalValue().signum() > 0) {
      JsonNode was = before.path(term);
      if (!was.isNumber() || is.decimalValue().compareTo(was.decimalValue()) > 0) {
        broken(Pointer.at(path, term), "narrows what is allowed");
      }
    }
  }

  private void most(JsonNode before, JsonNode now, String path, String term) {
    JsonNode is = now.path(term);
    if (is.isNumber()) {
      JsonNode was = before.path(term);
      if (!was.isNumber() || is.decimalValue().compareTo(was.decimalValue()) < 0) {
        broken(Pointer.at(path, term), "narrows what is allowed");
      }
    }
  }

  private void multiple(JsonNode before, JsonNode now, String path) {
    JsonNode is = now.path("multipleOf");
    if (!is.isNumber()) {
      return;
    }
    JsonNode was = before.path("multipleOf");
    if (!was.isNumber() || !isMultiple(was.decimalValue(), is.decimalValue())) {
      broken(Pointer.at(path, "multipleOf"), "narrows what is allowed");
    }
  }

  /** Of numbers far apart the remainder has very many digits; such a step is not looked at. */
  private static boolean isMultiple(BigDecimal number, BigDecimal of) {
    return number.compareTo(of) == 0
        || (Math.abs((long) number.precision() - number.scale() - of.precision() + of.scale()) < 50
            && Math.abs((long) number.scale() - of.scale()) < 50
            && number.remainder(of).signum() == 0);
  }

  private void members(JsonNode before, JsonNode now, String path) {
    String members = Pointer.at(path, "properties");
    for (Map.Entry<String, JsonNode> one : before.path("properties").properties()) {
      JsonNode is = now.path("properties").path(one.getKey());
      String at = Pointer.at(members, one.getKey());
      if (is.isMissingNode()) {
        broken(at, "was removed");
      } else {
        schema(one.getValue(), is, at);
      }
    }
    Set<JsonNode> required = new HashSet<>();
    before.path("required").forEach(required::add);
    for (JsonNode name : now.path("required")) {
      if (!required.contains(name)) {
        broken(Pointer.at(Pointer.at(path, "required"), name.asText()), "is asked for now");
      }
    }
    JsonNode others = now.path("additionalProperties");
    JsonNode othersBefore = before.path("additionalProperties");
    String at = Pointer.at(path, "additionalProperties");
    if (others.isBoolean() && !others.booleanValue()) {
      if (!others.equals(othersBefore)) {
        broken(at, "refuses what was allowed");
      }
    } else if (others.isObject()) {
      if (othersBefore.isObject()) {
        schema(othersBefore, others, at);
      } else if (!othersBefore.isBoolean() || othersBefore.booleanValue()) {
        broken(at, "narrows what is allowed");
      }
    }
  }

  private void items(JsonNode before, JsonNode now, String path) {
    JsonNode was = before.path("items");
    JsonNode is = now.path("items");
    String at = Pointer.at(path, "items");
    if (is.isMissingNode()) {
      return;
    }
    if (was.isObject() && is.isObject()) {
      schema(was, is, at);
    } else if (!was.equals(is)) {
      broken(at, was.isMissingNode() ? "narrows what is allowed" : "was changed");
    }
  }

  /** An open type, and one that is still a placeholder, is the empty text. */
  private static String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    return DataSchemas.isPlaceholder(type) ? "" : type.asText("");
  }

  private void broken(String path, String what) {
    breaks.add(new Break(path, what));
  }

  private static BigDecimal number(JsonNode node) {
    BigDecimal number = node.decimalValue();
    return number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
  }

  private record Bound(String term, BigDecimal number, boolean exclusive) {
    static @Nullable Bound lower(JsonNode schema) {
      return tighter(schema, "minimum", "exclusiveMinimum", 1);
    }

    static @Nullable Bound upper(JsonNode schema) {
      return tighter(schema, "maximum", "exclusiveMaximum", -1);
    }

    private static @Nullable Bound tighter(
        JsonNode schema, String inclusive, String exclusive, int sign) {
      JsonNode one = schema.path(inclusive);
      JsonNode other = schema.path(exclusive);
      Bound a = one.isNumber() ? new Bound(inclusive, one.decimalValue(), false) : null;
      Bound b = other.isNumber() ? new Bound(exclusive, other.decimalValue(), true) : null;
      if (a == null || b == null) {
        return a == null ? b : a;
      }
      return a.isTighter(b, sign) ? a : b;
    }

    /**
     * @param sign 1 for a lower bound, -1 for an upper one
     */
    boolean isTighter(Bound than, int sign) {
      int order = number.compareTo(than.number) * sign;
      return order > 0 || (order == 0 && exclusive && !than.exclusive);
    }
  }
}
