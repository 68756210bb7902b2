package org.pilothouse.twins.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.Map;

/**
 * What a device is told of desired properties: each that changed with its whole new value, and null
 * where nothing is desired of it any more. A value is never a patch within a value: a device need
 * not know what was desired before.
 *
 * @param properties a merge patch (RFC 7396) of one level
 * @param revision of the twin that has them
 */
record DesiredChange(ObjectNode properties, long revision) {
  private static final int LARGEST = 2 * FreeObjects.LARGEST;

  /** From one state of the desired properties to the next. */
  static DesiredChange between(ObjectNode before, ObjectNode after, long revision) {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> wanted : after.properties()) {
      if (!wanted.getValue().equals(before.get(wanted.getKey()))) {
        patch.set(wanted.getKey(), wanted.getValue());
      }
    }
    for (Iterator<String> names = before.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!after.has(name)) {
        patch.putNull(name);
      }
    }
    return new DesiredChange(patch, revision);
  }

  /** As {@link #input()} wrote it. */
  static DesiredChange of(JsonNode input) {
    return new DesiredChange(
        input.path("desired") instanceof ObjectNode properties
            ? properties
            : JsonNodeFactory.instance.objectNode(),
        input.path("revision").asLong());
  }

  /**
   * This change for a device that may never have got the one before. Values cannot pile up in it,
   * for those that are carried over are still desired; names that are gone could, so beyond {@link
   * #LARGEST} those of before are left out.
   */
  DesiredChange after(DesiredChange unconfirmed) {
    ObjectNode both = unconfirmed.properties.deepCopy();
    both.setAll(properties);
    if (Twins.text(both).length() > LARGEST) {
      both = JsonNodeFactory.instance.objectNode();
      for (Map.Entry<String, JsonNode> before : unconfirmed.properties.properties()) {
        if (!before.getValue().isNull()) {
          both.set(before.getKey(), before.getValue());
        }
      }
      both.setAll(properties);
    }
    return new DesiredChange(both, revision);
  }

  boolean isEmpty() {
    return properties.isEmpty();
  }

  ObjectNode input() {
    ObjectNode input = JsonNodeFactory.instance.objectNode();
    input.set("desired", properties);
    input.put("revision", revision);
    return input;
  }
}
