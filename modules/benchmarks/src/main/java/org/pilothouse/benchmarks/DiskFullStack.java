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
  private final OwnStack stack;
  private final Path disk;

  private DiskFullStack(OwnStack stack, Path disk) {
    this.stack = stack;
    this.disk = disk;
  }

  static DiskFullStack up(String engine, int megabytes) throws IOException, InterruptedException {
    Path disk = Files.createDirectories(Scenario.directory().resolve("disk-full-disk"));
    run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", disk.toString());
    try {
      Path data = Files.createDirectories(disk.resolve(engine));
      String setting = "PILOTHOUSE_" + engine.toUpperCase(Locale.ROOT) + "_DATA";
      return new DiskFullStack(OwnStack.up("disk-full", Map.of(setting, data.toString())), disk);
    } catch (IOException e) {
      run("umount", disk.toString());
      throw e;
    }
  }

  Path home() {
    return stack.home();
  }

  Path disk() {
    return disk;
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(List.of(command)).inheritIO().start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + " failed");
    }
  }

  @Override
  public void close() throws IOException {
    stack.close();
    try {
      run("umount", disk.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
