package org.pilothouse.local.provision;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.pilothouse.local.Complaint;

/** The repository's Maven wrapper, run by the JDK of the launcher, one build at a time. */
public record Maven(Path repository, Path javaHome, Path log) {

  private static final Duration BOUND = Duration.ofMinutes(30);

  public void run(String purpose, String... arguments) {
    run(purpose, Map.of(), arguments);
  }

  public void run(String purpose, Map<String, String> environment, String... arguments) {
    List<String> command = command(arguments);
    int exitCode = locked(() -> Shell.logged(command, with(environment), repository, log, BOUND));
    if (exitCode != 0) {
      throw Complaint.of(
          purpose + " failed: " + String.join(" ", command) + " ended with " + exitCode,
          "the first line with ERROR in the log says why",
          log);
    }
  }

  /** Runs on the terminal, so that a person sees Maven's own lines; returns its exit code. */
  public int attached(Map<String, String> environment, String... arguments) {
    List<String> command = command(arguments);
    return locked(
        () -> Shell.attached(command, with(environment), repository, BOUND.multipliedBy(4)));
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(repository.resolve("mvnw").toString());
    command.add("-B");
    command.addAll(List.of(arguments));
    return command;
  }

  private Map<String, String> with(Map<String, String> environment) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("JAVA_HOME", javaHome.toString());
    return all;
  }

  /** Two builds in one tree at the same time destroy each other's output. */
  private int locked(IntSupplier build) {
    try {
      Path target = Files.createDirectories(repository.resolve("target"));
      try (FileChannel channel =
          FileChannel.open(
              target.resolve(".build.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.lock();
        return build.getAsInt();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
