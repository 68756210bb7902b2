package org.pilothouse.local.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pilothouse.local.Command;
import org.pilothouse.local.Complaint;
import org.pilothouse.local.provision.Shell;

/** Shows one process' log, or names the logs there are. */
public record Logs(Setting setting) {

  private static final String SUFFIX = ".log";

  public int run(Command.Logs request) {
    if (request.name().isEmpty()) {
      names().forEach(name -> setting.out().println(name + "  " + setting.home().log(name)));
      return 0;
    }
    String name = request.name().get();
    if (!names().contains(name)) {
      throw Complaint.of(
          "there is no log of `" + name + "`",
          names().isEmpty()
              ? "`./pilothouse up` makes the first ones"
              : "there are: " + names().stream().collect(Collectors.joining(", ")));
    }
    Path log = setting.home().log(name);
    List<String> command =
        new ArrayList<>(List.of("tail", "-n", Integer.toString(request.lines())));
    if (request.follow()) {
      command.add("-F");
    }
    command.add(log.toString());
    return Shell.attached(
        command, setting.environment(), setting.home().root(), Duration.ofDays(7));
  }

  private List<String> names() {
    if (!Files.isDirectory(setting.home().logs())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(setting.home().logs())) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(file -> file.endsWith(SUFFIX))
          .map(file -> file.substring(0, file.length() - SUFFIX.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
