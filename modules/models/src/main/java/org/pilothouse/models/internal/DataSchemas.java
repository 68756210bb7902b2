package org.pilothouse.models.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.models.Fault;
import org.pilothouse.models.PropertyModel;
import org.pilothouse.models.ValueCheck;

/**
 * Data schemas of the Web of Things (Thing Description 1.1, section 5.3.2): what a form cannot tell
 * is checked here, and what they ask of values is handed to a JSON Schema. A keyword that holds a
 * placeholder asks nothing yet.
 */
final class DataSchemas {
  static final int DEEPEST = 16;
  static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,127}");

  /** Schemas inside one affordance; a check of a value passes all of them at every place. */
  private static final int MOST_INSIDE = 1_000;

  private static final int FAULTS = 10;
  private static final long STEPS = 200_000;
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{[^{}]+\\}\\}");
  private static final Set<String> COPIED =
      Set.of(
          "const",
          "enum",
          "minimum",
          "maximum",
          "exclusiveMinimum",
          "exclusiveMaximum",
          "multipleOf",
          "minLength",
          "maxLength",
          "pattern",
          "minItems",
          "maxItems",
          "uniqueItems",
          "required",
          "minProperties",
          "maxProperties");
  private static final Set<String> BOUNDS =
      Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum");

  /** Whole numbers below it are doubles, too. */
  private static final double EXACT = 9e15;

  private static final Set<String> INSIDE =
      Set.of("not", "additionalProperties", "oneOf", "anyOf", "allOf");
  private static final Set<String> FORMATS =
      Set.of("date-time", "date", "time", "duration", "uuid", "ipv4", "ipv6");

  private DataSchemas() {}

  static boolean isPlaceholder(JsonNode value) {
    return value.isTextual() && PLACEHOLDER.matcher(value.textValue()).find();
  }

  static PropertyModel.Type type(JsonNode schema) {
    return switch (schema.path("type").asText()) {
      case "number" -> PropertyModel.Type.NUMBER;
      case "integer" -> PropertyModel.Type.INTEGER;
      case "string" -> PropertyModel.Type.STRING;
      case "boolean" -> PropertyModel.Type.BOOLEAN;
      case "object" -> PropertyModel.Type.OBJECT;
      case "array" -> PropertyModel.Type.ARRAY;
      case "null" -> PropertyModel.Type.NULL;
      default -> PropertyModel.Type.ANY;
    };
  }

  /**
   * @throws Problem at the first place that makes no sense
   */
  static void check(JsonNode schema, String path) {
    new Checking().check(schema, path, 1);
  }

  /**
   * The values to which the schema is limited, by {@code enum}, {@code const} or a {@code oneOf} of
   * nothing but constants; empty when it is not. A placeholder among them leaves it open.
   */
  static Set<JsonNode> values(JsonNode schema) {
    Set<JsonNode> values = new LinkedHashSet<>();
    if (schema.path("enum").isArray()) {
      schema.path("enum").forEach(values::add);
    } else if (schema.has("const")) {
      values.add(schema.path("const"));
    } else if (schema.path("oneOf").isArray()) {
      for (JsonNode one : schema.path("oneOf")) {
        if (!one.has("const")) {
          return Set.of();
        }
        values.add(one.path("const"));
      }
    }
    return values.stream().anyMatch(DataSchemas::isPlaceholder) ? Set.of() : values;
  }

  /** Made ready for values; the schema must have been checked. */
  static ValueCheck compile(JsonNode schema, String path) {
    CompiledSchema compiled;
    try {
      compiled = CompiledSchema.of(asked(schema).toString(), STEPS);
    } catch (IllegalArgumentException e) {
      throw invalid(path, "holds a number or a pattern that no value can be held against.");
    }
    boolean maybeNothing =
        type(schema) == PropertyModel.Type.OBJECT && schema.path("required").isEmpty();
    return value -> {
      boolean nothing = value == null || value.isNull() || value.isMissingNode();
      if (nothing && maybeNothing) {
        return List.of();
      }
      return compiled.faults(
          value == null || value.isMissingNode() ? JsonNodeFactory.instance.nullNode() : value,
          FAULTS);
    };
  }

  /** For an action without an input. */
  static ValueCheck nothing() {
    return value ->
        value == null
                || value.isNull()
                || value.isMissingNode()
                || (value.isObject() && value.isEmpty())
            ? List.of()
            : List.of(new Fault(Fault.Reason.NOT_ALLOWED, "", "The action takes no input."));
  }

  private static ObjectNode asked(JsonNode schema) {
    ObjectNode asked = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> term : schema.properties()) {
      String name = term.getKey();
      JsonNode value = term.getValue();
      if (isPlaceholder(value)) {
        continue;
      }
      if (COPIED.contains(name)) {
        boolean open = value.isArray() && anyPlaceholder(value);
        if (!open) {
          asked.set(name, BOUNDS.contains(name) ? fractional(value) : value);
        }
      } else if (name.equals("type")) {
        asked.set(name, value);
      } else if (name.equals("format") && FORMATS.contains(value.asText())) {
        asked.set(name, value);
      } else if (name.equals("properties")) {
        ObjectNode members = asked.putObject(name);
        value
            .properties()
            .forEach(member -> members.set(member.getKey(), asked(member.getValue())));
      } else if (name.equals("items")) {
        if (value.isArray()) {
          asked.set("prefixItems", list(value));
        } else {
          asked.set(name, asked(value));
        }
      } else if (INSIDE.contains(name)) {
        asked.set(name, value.isArray() ? list(value) : value.isObject() ? asked(value) : value);
      }
    }
    return asked;
  }

  /** Against a whole number the validator reckons in longs and breaks on what is larger. */
  private static JsonNode fractional(JsonNode bound) {
    return bound.canConvertToLong() && Math.abs(bound.doubleValue()) < EXACT
        ? JsonNodeFactory.instance.numberNode(bound.doubleValue())
        : bound;
  }

  private static ArrayNode list(JsonNode schemas) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    schemas.forEach(schema -> list.add(asked(schema)));
    return list;
  }

  private static boolean anyPlaceholder(JsonNode list) {
    for (JsonNode item : list) {
      if (isPlaceholder(item)) {
        return true;
      }
    }
    return false;
  }

  static Problem invalid(String path, String what) {
    return Problem.at(ProblemCode.INVALID_VALUE, path, (path.isEmpty() ? "It" : path) + " " + what);
  }

  static void checkName(String name, String path) {
    if (!NAME.matcher(name).matches()) {
      throw invalid(
          path,
          "is not a name: it begins with a letter or _ and holds at most 128 letters, digits, _, . and -"
              + " of ASCII.");
    }
  }

  private static final class Checking {
    private int seen;

    void check(JsonNode schema, String path, int depth) {
      if (depth > DEEPEST) {
        throw invalid(path, "nests deeper than " + DEEPEST + " schemas.");
      }
      if (++seen > MOST_INSIDE) {
        throw invalid(path, "is one schema too many: at most " + MOST_INSIDE + " belong together.");
      }
      schema
          .fieldNames()
          .forEachRemaining(name -> {
            if (name.startsWith("$") && !name.equals("$comment")) {
              throw invalid(
                  Pointer.at(path, name),
                  "is not a term of a data schema; use tm:ref to take a definition from elsewhere.");
            }
          });
      checkBounds(schema, path);
      checkPattern(schema, path);
      checkValues(schema, path);
      checkRequired(schema, path);
      checkInside(schema, path, depth);
    }

    private static void checkBounds(JsonNode schema, String path) {
      ordered(schema, path, "minimum", "maximum", false);
      ordered(schema, path, "exclusiveMinimum", "maximum", true);
      ordered(schema, path, "minimum", "exclusiveMaximum", true);
      ordered(schema, path, "exclusiveMinimum", "exclusiveMaximum", true);
      ordered(schema, path, "minLength", "maxLength", false);
      ordered(schema, path, "minItems", "maxItems", false);
      ordered(schema, path, "minProperties", "maxProperties", false);
    }

    private static void ordered(
        JsonNode schema, String path, String lower, String upper, boolean strictly) {
      JsonNode least = schema.path(lower);
      JsonNode most = schema.path(upper);
      if (!least.isNumber() || !most.isNumber()) {
        return;
      }
      int order = least.decimalValue().compareTo(most.decimalValue());
      if (order > 0 || (strictly && order == 0)) {
        throw invalid(Pointer.at(path, lower), "and " + upper + " leave no value between them.");
      }
    }

    private static void checkPattern(JsonNode schema, String path) {
      JsonNode pattern = schema.path("pattern");
      if (pattern.isTextual() && !isPlaceholder(pattern)) {
        try {
          BoundedPatterns.compile(pattern.textValue());
        } catch (IllegalArgumentException e) {
          throw invalid(Pointer.at(path, "pattern"), "is not a regular expression.");
        }
      }
    }

    private static void checkValues(JsonNode schema, String path) {
      JsonNode values = schema.path("enum");
      for (int i = 0; i < values.size() && values.isArray(); i++) {
        checkValue(schema, values.path(i), Pointer.at(Pointer.at(path, "enum"), i));
      }
      if (schema.has("const")) {
        checkValue(schema, schema.path("const"), Pointer.at(path, "const"));
      }
    }

    private static void checkValue(JsonNode schema, JsonNode value, String path) {
      if (isPlaceholder(value)) {
        return;
      }
      boolean fits =
          switch (type(schema)) {
            case NUMBER -> value.isNumber();
            case INTEGER ->
                value.isIntegralNumber()
                    || (value.isNumber() && Math.rint(value.doubleValue()) == value.doubleValue());
            case STRING -> value.isTextual();
            case BOOLEAN -> value.isBoolean();
            case OBJECT -> value.isObject();
            case ARRAY -> value.isArray();
            case NULL -> value.isNull();
            case ANY -> true;
          };
      if (!fits) {
        throw invalid(path, "must be " + type(schema).words() + ", as the schema's type says.");
      }
    }

    private static void checkRequired(JsonNode schema, String path) {
      JsonNode required = schema.path("required");
      for (int i = 0; i < required.size() && required.isArray(); i++) {
        JsonNode name = required.path(i);
        if (!isPlaceholder(name) && !schema.path("properties").has(name.asText())) {
          throw invalid(
              Pointer.at(Pointer.at(path, "required"), i),
              "names no member of " + Pointer.at(path, "properties") + ".");
        }
      }
    }

    private void checkInside(JsonNode schema, String path, int depth) {
      String members = Pointer.at(path, "properties");
      for (Map.Entry<String, JsonNode> member : schema.path("properties").properties()) {
        String at = Pointer.at(members, member.getKey());
        checkName(member.getKey(), at);
        check(member.getValue(), at, depth + 1);
      }
      for (String term :
          List.of("items", "oneOf", "anyOf", "allOf", "not", "additionalProperties")) {
        JsonNode value = schema.path(term);
        String at = Pointer.at(path, term);
        if (value.isObject()) {
          check(value, at, depth + 1);
        } else if (value.isArray()) {
          for (int i = 0; i < value.size(); i++) {
            check(value.path(i), Pointer.at(at, i), depth + 1);
          }
        }
      }
    }
  }
}
