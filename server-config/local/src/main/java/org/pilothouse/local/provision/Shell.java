package org.pilothouse.local.provision;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.pilothouse.local.Complaint;

/** Runs other programs to their end, never longer than a bound. */
public final class Shell {

  private Shell() {}

  /** What a finished program left: its exit code and the last of its output. */
  public record Finished(int exitCode, String output) {
    public boolean succeeded() {
      return exitCode == 0;
    }
  }

  /** Runs a short program and keeps its whole output. */
  public static Finished run(List<String> command, Duration bound) {
    return run(command, Map.of(), "", bound);
  }

  public static Finished run(
      List<String> command, Map<String, String> environment, String input, Duration bound) {
    try {
      Path in = Files.createTempFile("pilothouse", ".in");
      Path out = Files.createTempFile("pilothouse", ".out");
      try {
        Files.writeString(in, input);
        ProcessBuilder builder =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile());
        builder.environment().putAll(environment);
        int exitCode = await(builder.start(), bound);
        return new Finished(
            exitCode, new String(Files.readAllBytes(out), StandardCharsets.UTF_8).strip());
      } finally {
        Files.deleteIfExists(in);
        Files.deleteIfExists(out);
      }
    } catch (IOException e) {
      return new Finished(127, String.valueOf(e.getMessage()));
    }
  }

  /** Runs a long program with its output appended to a log. */
  public static int logged(
      List<String> command,
      Map<String, String> environment,
      Path directory,
      Path log,
      Duration bound) {
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      builder.environment().putAll(environment);
      return await(builder.start(), bound);
    } catch (IOException e) {
      throw Complaint.of(
          "cannot run " + command.getFirst() + ": " + e.getMessage(), "check that it is installed");
    }
  }

  /** Runs a program on the launcher's own terminal. */
  public static int attached(
      List<String> command, Map<String, String> environment, Path directory, Duration bound) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).directory(directory.toFile()).inheritIO();
      builder.environment().putAll(environment);
      return await(builder.start(), bound);
    } catch (IOException e) {
      throw Complaint.of(
          "cannot run " + command.getFirst() + ": " + e.getMessage(), "check that it is installed");
    }
  }

  private static int await(Process process, Duration bound) {
    Thread hook = Thread.ofPlatform().unstarted(process::destroy);
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      if (process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue();
      }
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      return 124;
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return 130;
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The launcher itself is on its way out: the hook has run or will.
        process.destroy();
      }
    }
  }
}
