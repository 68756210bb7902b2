package org.pilothouse.local.provision;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pilothouse.local.Complaint;

/** Debian and Ubuntu packages: installed where the launcher may, named where it may not. */
public record Packages(boolean root, Path log, Progress progress) {

  private static final Duration BOUND = Duration.ofMinutes(15);

  public void require(Path program, String... packages) {
    if (Files.isExecutable(program)) {
      return;
    }
    String names = String.join(" ", packages);
    if (!root || !Files.isExecutable(Path.of("/usr/bin/apt-get"))) {
      throw Complaint.of(
          program + " is missing and only root may install it",
          "run: sudo apt-get install -y --no-install-recommends " + names);
    }
    progress.step("installing " + names, () -> install(names, packages));
    if (!Files.isExecutable(program)) {
      throw Complaint.of(
          names + " was installed, but " + program + " is still missing",
          "run: apt-get install -y --no-install-recommends " + names,
          log);
    }
  }

  private void install(String names, String... packages) {
    Map<String, String> quiet = Map.of("DEBIAN_FRONTEND", "noninteractive");
    Path here = Path.of("/");
    Shell.logged(List.of("apt-get", "update", "-q"), quiet, here, log, BOUND);
    List<String> command =
        new ArrayList<>(List.of("apt-get", "install", "-y", "-q", "--no-install-recommends"));
    command.addAll(List.of(packages));
    if (Shell.logged(command, quiet, here, log, BOUND) != 0) {
      throw Complaint.of(
          "apt-get could not install " + names,
          "run: apt-get install -y --no-install-recommends " + names,
          log);
    }
    // The package starts a system-wide broker where systemd runs; the stack brings its own.
    if (names.contains("rabbitmq-server") && Files.isDirectory(Path.of("/run/systemd/system"))) {
      Shell.logged(
          List.of("systemctl", "disable", "--now", "rabbitmq-server"), quiet, here, log, BOUND);
    }
  }
}
