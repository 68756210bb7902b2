package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.pilothouse.ctl.api.ApiProblem;

/** Holds back readers of the backbone on this node; on closing they go on. */
final class Readers implements AutoCloseable {
  static final String PATH = "/api/v1/platform/readers";

  private final Stack stack;
  private final List<String> paused = new CopyOnWriteArrayList<>();

  /** Whoever interrupts the benchmark does not expect that readers stand still for ever. */
  private final Thread hook = new Thread(this::resumeAll, "resume-readers");

  Readers(Stack stack) {
    this.stack = stack;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Those that somebody else has paused stay as they are when this is closed. */
  void pauseAll() {
    for (JsonNode reader : stack.platform().get(PATH).path("items")) {
      if (!reader.path("state").asText().equals("paused")) {
        String name = reader.path("name").asText();
        paused.add(name);
        stack.platform().post(PATH + "/" + name + "/pause", null);
      }
    }
  }

  void resume(String name) {
    stack.platform().post(PATH + "/" + name + "/resume", null);
    paused.remove(name);
  }

  @Override
  public void close() {
    resumeAll();
    Runtime.getRuntime().removeShutdownHook(hook);
  }

  private void resumeAll() {
    for (String name : paused) {
      try {
        resume(name);
      } catch (ApiProblem problem) {
        System.err.println(
            "bench: the reader " + name + " is still paused; resume it: " + problem.getMessage());
      }
    }
  }
}
