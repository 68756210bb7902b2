package org.pilothouse.models.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.pilothouse.platform.web.Json;

/**
 * A digest that two documents share when they say the same: the order of members and the way a
 * number is written do not count.
 */
final class Canonical {
  private Canonical() {}

  static byte[] digest(JsonNode... documents) {
    StringBuilder text = new StringBuilder(4096);
    for (JsonNode document : documents) {
      write(document, text);
      text.append('\n');
    }
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(text.toString().getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void write(JsonNode node, StringBuilder out) {
    if (node.isObject()) {
      List<String> names = new ArrayList<>(node.size());
      node.fieldNames().forEachRemaining(names::add);
      names.sort(null);
      out.append('{');
      for (String name : names) {
        out.append(quoted(name)).append(':');
        write(node.path(name), out);
        out.append(',');
      }
      out.append('}');
    } else if (node.isArray()) {
      out.append('[');
      for (JsonNode item : node) {
        write(item, out);
        out.append(',');
      }
      out.append(']');
    } else if (node.isNumber()) {
      // Not the plain form: 1e999999999 has a billion digits.
      BigDecimal number = node.decimalValue();
      out.append(number.signum() == 0 ? "0" : number.stripTrailingZeros().toString());
    } else if (node.isTextual()) {
      out.append(quoted(node.textValue()));
    } else {
      out.append(node.asText());
    }
  }

  private static String quoted(String text) {
    try {
      return Json.mapper().writeValueAsString(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
