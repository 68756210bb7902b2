package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;

/** A small value that a plain schema takes: what is required, and no more. */
final class SchemaExample {
  private static final int DEEPEST = 8;

  private SchemaExample() {}

  static JsonNode of(JsonNode schema) {
    return of(schema, 0);
  }

  private static JsonNode of(JsonNode schema, int depth) {
    if (schema.has("const")) {
      return schema.get("const");
    }
    if (schema.path("enum").has(0)) {
      return schema.path("enum").get(0);
    }
    return switch (schema.path("type").asText()) {
      case "object" -> object(schema, depth);
      case "array" -> JsonNodeFactory.instance.arrayNode();
      case "number", "integer" ->
          schema.has("minimum") ? schema.get("minimum") : IntNode.valueOf(0);
      case "boolean" -> BooleanNode.TRUE;
      case "string" -> TextNode.valueOf("text");
      default -> NullNode.instance;
    };
  }

  private static ObjectNode object(JsonNode schema, int depth) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    if (depth < DEEPEST) {
      for (JsonNode name : schema.path("required")) {
        object.set(name.asText(), of(schema.path("properties").path(name.asText()), depth + 1));
      }
    }
    return object;
  }
}
