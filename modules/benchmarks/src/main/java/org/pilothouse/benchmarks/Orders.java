package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What devices are told to answer: the command's input says it. */
final class Orders {
  static final String NAME = "answer";
  static final String DESIRED = "$desired";

  /** What the device says first. */
  enum First {
    SUCCESS,
    FAILURE,
    /** Nothing, ever. */
    NONE
  }

  /**
   * @param again whether it says the opposite afterwards
   */
  record Order(long number, First first, boolean again) {
    private static final int KINDS = 8;

    static Order of(long number) {
      return switch ((int) (number % KINDS)) {
        case 0 -> new Order(number, First.NONE, false);
        case 1, 2 -> new Order(number, First.SUCCESS, true);
        case 3 -> new Order(number, First.FAILURE, true);
        case 4 -> new Order(number, First.FAILURE, false);
        default -> new Order(number, First.SUCCESS, false);
      };
    }

    static Order of(JsonNode input) {
      return of(input.path("n").asLong());
    }

    ObjectNode input() {
      return JsonNodeFactory.instance.objectNode().put("n", number);
    }

    /** One that is answered must not run out during an outage. */
    int timeoutSeconds() {
      return first == First.NONE ? 3 + (int) (number % 13) : 1_800;
    }
  }

  private Orders() {}

  static String reason(Order order) {
    return "jammed " + order.number();
  }

  /** The device's answer: the first one, or the one after it. */
  static ObjectNode answer(Order order, int which) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    boolean succeeds = (order.first() == First.SUCCESS) == (which == 1);
    answer.put("state", succeeds ? "succeeded" : "failed");
    if (succeeds) {
      answer.putObject("output").put("n", order.number()).put("answer", which);
    } else {
      answer.put("error", which == 1 ? reason(order) : "said afterwards");
    }
    return answer;
  }
}
