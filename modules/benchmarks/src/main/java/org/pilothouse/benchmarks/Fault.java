package org.pilothouse.benchmarks;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** What is done to a stack while it is under load. */
sealed interface Fault {
  /** SIGKILL to processes, at once; the launcher starts them again. */
  record Kill(List<String> processes) implements Fault {
    Kill(String process) {
      this(List.of(process));
    }
  }

  /** SIGSTOP to one process, and SIGCONT after a while. */
  record Stop(String process, Duration length) implements Fault {}

  /** No space left on the disk of the data directory, for a while. */
  record FillDisk(Path directory, Duration length) implements Fault {}

  /** The clock of the deployable is set, while it runs. */
  record Skew(Path clock, String offset) implements Fault {}

  /** Connections between the clients and the servers behind these proxies are reset. */
  record Resets(List<FaultyProxy> proxies, Random random) implements Fault {}

  /** What it strikes, for people. */
  default String target() {
    return switch (this) {
      case Kill kill -> "kill " + String.join(" and ", kill.processes());
      case Stop stop -> "stop " + stop.process() + " for " + stop.length().toSeconds() + " s";
      case FillDisk fill -> "disk full for " + fill.length().toSeconds() + " s";
      case Skew skew -> "clock " + skew.offset();
      case Resets resets -> "resets";
    };
  }

  /** The processes that it ends. */
  default List<String> ends() {
    return this instanceof Kill kill ? kill.processes() : List.of();
  }

  /** Does it; returns when it is over (a killed process may still be down). */
  default void inject(Stack stack) throws IOException, InterruptedException {
    switch (this) {
      case Kill kill -> {
        List<ProcessHandle> doomed = new ArrayList<>();
        for (String name : kill.processes()) {
          doomed.add(process(stack, name));
        }
        doomed.forEach(ProcessHandle::destroyForcibly);
      }
      case Stop stop -> pause(process(stack, stop.process()).pid(), stop.length());
      case FillDisk fill -> {
        Path ballast = fill.directory().resolve("ballast");
        FileStore store = Files.getFileStore(fill.directory());
        try {
          long end = System.nanoTime() + fill.length().toNanos();
          while (System.nanoTime() < end) {
            grow(ballast, store.getUsableSpace());
            Thread.sleep(200);
          }
        } finally {
          Files.deleteIfExists(ballast);
        }
      }
      // Several of its times of looking at the file.
      case Skew skew -> {
        Files.writeString(skew.clock(), skew.offset() + "\n");
        Thread.sleep(3_000);
      }
      case Resets resets -> {
        for (int i = 0; i < 20; i++) {
          resets.proxies().forEach(proxy -> proxy.disturb(resets.random(), 0.5));
          Thread.sleep(50 + resets.random().nextInt(300));
        }
      }
    }
  }

  /** SIGSTOP, and SIGCONT after a while. */
  static void pause(long pid, Duration length) throws IOException, InterruptedException {
    signal("STOP", pid);
    try {
      Thread.sleep(length);
    } finally {
      signal("CONT", pid);
    }
  }

  private static void grow(Path ballast, long bytes) {
    byte[] block = new byte[64 * 1024];
    try (OutputStream out =
        Files.newOutputStream(
            ballast,
            java.nio.file.StandardOpenOption.CREATE,
            java.nio.file.StandardOpenOption.APPEND)) {
      for (long left = bytes; left > 0; left -= block.length) {
        out.write(block, 0, (int) Math.min(left, block.length));
      }
    } catch (IOException e) {
      // Full: that is what it is for.
    }
  }

  private static ProcessHandle process(Stack stack, String name)
      throws IOException, InterruptedException {
    OptionalLong pid = stack.pid(name);
    if (pid.isEmpty()) {
      throw new IllegalStateException(name + " does not run; see ./pilothouse status");
    }
    return ProcessHandle.of(pid.getAsLong())
        .orElseThrow(() -> new IllegalStateException(name + " has just ended"));
  }

  private static void signal(String signal, long pid) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start();
    if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
      throw new IOException("kill -" + signal + " " + pid + " failed");
    }
  }
}
