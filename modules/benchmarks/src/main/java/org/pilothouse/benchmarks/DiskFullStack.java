package org.pilothouse.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A stack of its own, one of whose engines writes to a small tmpfs. Mounting needs root; everything
 * is taken away again at the end.
 */
final class DiskFullStack implements AutoCloseable {
  private static final int PORT_SHIFT = 1_500;

  private final Path home;
  private final Path disk;
  private final Map<String, String> environment;

  private DiskFullStack(Path home, Path disk, String engine, int portBase, int httpPort) {
    this.home = home;
    this.disk = disk;
    this.environment =
        Map.of(
            "PILOTHOUSE_HOME",
            home.toString(),
            "PILOTHOUSE_PORT_BASE",
            Integer.toString(portBase),
            "PILOTHOUSE_HTTP_PORT",
            Integer.toString(httpPort),
            "PILOTHOUSE_" + engine.toUpperCase(Locale.ROOT) + "_DATA",
            disk.resolve(engine).toString());
  }

  static DiskFullStack up(String engine, int megabytes) throws IOException, InterruptedException {
    Path home = Files.createDirectories(Scenario.directory().resolve("disk-full-home"));
    Path disk = Files.createDirectories(Scenario.directory().resolve("disk-full-disk"));
    int base = number("PILOTHOUSE_PORT_BASE", 17_000) + PORT_SHIFT;
    int http = number("PILOTHOUSE_HTTP_PORT", 9_080) + 7;
    DiskFullStack stack = new DiskFullStack(home, disk, engine, base, http);
    stack.run(
        60,
        List.of("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", disk.toString()));
    Files.createDirectories(disk.resolve(engine));
    try {
      stack.run(600, List.of(script(), "up", "--detach"));
    } catch (IOException e) {
      stack.close();
      throw e;
    }
    return stack;
  }

  Path home() {
    return home;
  }

  Path disk() {
    return disk;
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
      run(60, List.of("umount", disk.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
