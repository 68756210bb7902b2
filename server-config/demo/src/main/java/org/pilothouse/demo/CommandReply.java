package org.pilothouse.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a machine answers to a command.
 *
 * @param json as devices send it
 */
record CommandReply(ObjectNode json) {
  static CommandReply done(ObjectNode output) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("state", "succeeded");
    json.set("output", output);
    return new CommandReply(json);
  }

  static CommandReply failed(String error) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("state", "failed");
    json.put("error", error);
    return new CommandReply(json);
  }
}
