package org.pilothouse.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A stack beside the one that runs: with a home and ports of its own, and with settings that nobody
 * wants elsewhere.
 */
final class OwnStack implements AutoCloseable {
  private static final int PORT_SHIFT = 1_500;
  private static final int HTTP_SHIFT = 7;

  private final Path home;
  private final Map<String, String> environment = new HashMap<>();

  /**
   * @param name of its home below {@code target/chaos}
   * @param settings environment variables
   */
  private OwnStack(String name, Map<String, String> settings) throws IOException {
    this.home = Files.createDirectories(Scenario.directory().resolve(name + "-home"));
    environment.put("PILOTHOUSE_HOME", home.toString());
    environment.put(
        "PILOTHOUSE_PORT_BASE",
        Integer.toString(number("PILOTHOUSE_PORT_BASE", 17_000) + PORT_SHIFT));
    environment.put(
        "PILOTHOUSE_HTTP_PORT",
        Integer.toString(number("PILOTHOUSE_HTTP_PORT", 9_080) + HTTP_SHIFT));
    environment.putAll(settings);
  }

  static OwnStack up(String name, Map<String, String> settings)
      throws IOException, InterruptedException {
    OwnStack stack = new OwnStack(name, settings);
    try {
      stack.run(900, List.of(script(), "up", "--detach"));
    } catch (IOException e) {
      stack.close();
      throw e;
    }
    return stack;
  }

  Path home() {
    return home;
  }

  private static int number(String variable, int fallback) {
    String text = System.getenv(variable);
    return text == null ? fallback : Integer.parseInt(text);
  }

  private static String script() {
    return Stack.repository().resolve("pilothouse").toString();
  }

  private void run(int seconds, List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(seconds, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + " failed");
    }
  }

  @Override
  public void close() throws IOException {
    try {
      run(120, List.of(script(), "down"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
