package org.pilothouse.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Gives the commands that a device gets to the machines behind it. A repeat, known by its id, gets
 * the answer of the first time.
 */
final class Obedience {
  private static final int REMEMBERED = 1_000;

  private final Map<String, Twin> machines;
  private final Map<String, CommandReply> replies =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CommandReply> eldest) {
          return size() > REMEMBERED;
        }
      };

  Obedience(List<Twin> machines) {
    this.machines = machines.stream().collect(Collectors.toMap(Twin::id, Function.identity()));
  }

  /**
   * @param command as devices get it
   */
  synchronized CommandReply to(JsonNode command) {
    return replies.computeIfAbsent(command.path("id").asText(), id -> reply(command));
  }

  private CommandReply reply(JsonNode command) {
    String twin = command.path("twin").asText();
    Twin machine = machines.get(twin);
    return machine == null
        ? CommandReply.failed("there is no " + twin + " behind this device")
        : machine.obey(command.path("name").asText(), command.path("input"));
  }
}
