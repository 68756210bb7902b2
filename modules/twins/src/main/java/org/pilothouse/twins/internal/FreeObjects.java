package org.pilothouse.twins.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** Objects whose fields are the pilot's own, and the merge patch over them (RFC 7396). */
public final class FreeObjects {
  /** Written as JSON, in bytes. */
  public static final int LARGEST = 32 * 1024;

  private FreeObjects() {}

  /** RFC 7396, section 2. */
  public static ObjectNode merge(ObjectNode target, JsonNode patch) {
    ObjectNode merged = target.deepCopy();
    for (Iterator<Map.Entry<String, JsonNode>> fields = patch.fields(); fields.hasNext(); ) {
      Map.Entry<String, JsonNode> field = fields.next();
      JsonNode value = field.getValue();
      if (value.isNull()) {
        merged.remove(field.getKey());
      } else if (value.isObject()) {
        JsonNode before = merged.get(field.getKey());
        ObjectNode base = before instanceof ObjectNode object ? object : merged.objectNode();
        merged.set(field.getKey(), merge(base, value));
      } else {
        merged.set(field.getKey(), value);
      }
    }
    return merged;
  }

  /**
   * @throws Problem {@code invalid_value} or {@code too_large} for what the store cannot keep
   */
  public static ObjectNode checked(String path, JsonNode node) {
    if (!(node instanceof ObjectNode object)) {
      throw Problem.at(ProblemCode.INVALID_VALUE, path, path + " must be an object.");
    }
    check(path, object);
    refuseLarge(path, object, LARGEST);
    return object;
  }

  /** Any JSON that the store can keep. */
  public static JsonNode checkedValue(String path, JsonNode node, int largest) {
    check(path, node);
    refuseLarge(path, node, largest);
    return node;
  }

  private static void refuseLarge(String path, JsonNode node, int largest) {
    if (Twins.text(node).getBytes(StandardCharsets.UTF_8).length > largest) {
      throw Problem.at(
          ProblemCode.TOO_LARGE, path, path + " may hold " + largest / 1024 + " KiB of JSON.");
    }
  }

  private static void check(String path, JsonNode node) {
    if (node.isTextual() && !isStorable(node.textValue())) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE, path, "A text holds NUL or half of a surrogate pair.");
    }
    if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
      throw Problem.at(ProblemCode.INVALID_VALUE, path, "A number is out of range.");
    }
    for (Iterator<Map.Entry<String, JsonNode>> fields = node.fields(); fields.hasNext(); ) {
      Map.Entry<String, JsonNode> field = fields.next();
      if (!isStorable(field.getKey())) {
        throw Problem.at(
            ProblemCode.INVALID_VALUE, path, "A name holds NUL or half of a surrogate pair.");
      }
      check(path, field.getValue());
    }
    if (node.isArray()) {
      node.forEach(each -> check(path, each));
    }
  }

  /** PostgreSQL takes no NUL, and UTF-8 no half of a surrogate pair. */
  private static boolean isStorable(String text) {
    return text.codePoints()
        .noneMatch(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
  }
}
