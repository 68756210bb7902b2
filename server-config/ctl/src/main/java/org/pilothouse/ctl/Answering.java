package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that asks the platform and prints what it says. */
abstract class Answering implements Callable<Integer> {
  @Mixin Connection connection = new Connection();

  @Spec
  @SuppressWarnings("NullAway.Init")
  CommandSpec spec;

  @Override
  public final Integer call() throws Exception {
    try (PilothouseApi api = connection.open()) {
      return answer(api);
    }
  }

  abstract int answer(PilothouseApi api) throws Exception;

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  final int show(List<JsonNode> items, String... columns) {
    if (connection.json) {
      Printed.json(out(), items);
    } else {
      Printed.table(out(), items, List.of(columns));
    }
    return 0;
  }

  final int show(JsonNode item) {
    if (connection.json) {
      Printed.json(out(), item);
    } else {
      Printed.fields(out(), item);
    }
    return 0;
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
