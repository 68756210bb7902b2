package org.pilothouse.local.provision;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pilothouse.local.Complaint;

/**
 * A Node that is new enough for the portal's build: the machine's own, else Debian's, else one that
 * npm itself brings into the home.
 */
public record NodeRuntime(Path dist, Packages packages, Path log, Progress progress) {

  private static final int MAJOR = 20;
  private static final int MINOR = 19;
  private static final Duration SHORT = Duration.ofSeconds(20);
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.(\\d+)\\..*");

  /** The environment in which {@code node} and {@code npm} work. */
  public Map<String, String> environment(Map<String, String> inherited) {
    if (newEnough("node") && Shell.run(List.of("npm", "--version"), SHORT).succeeded()) {
      return Map.of();
    }
    Path own = dist.resolve("node/node_modules/node/bin");
    if (!newEnough(own.resolve("node").toString())) {
      bring(own);
    }
    if (newEnough("node")) {
      return Map.of();
    }
    Map<String, String> environment = new HashMap<>();
    environment.put(
        "PATH", own + File.pathSeparator + inherited.getOrDefault("PATH", "/usr/bin:/bin"));
    return environment;
  }

  private void bring(Path own) {
    if (!Shell.run(List.of("npm", "--version"), SHORT).succeeded()) {
      packages.require(Path.of("/usr/bin/npm"), "nodejs", "npm");
    }
    if (newEnough("node")) {
      return;
    }
    progress.step(
        "installing Node 22",
        () ->
            Shell.logged(
                List.of(
                    "npm",
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--prefix",
                    dist.resolve("node").toString(),
                    "node@22"),
                Map.of(),
                dist,
                log,
                LONG));
    if (!Files.isExecutable(own.resolve("node")) || !newEnough(own.resolve("node").toString())) {
      throw Complaint.of(
          "no Node " + MAJOR + "." + MINOR + " or newer, and npm could not bring one",
          "install Node 22 and npm, then try again",
          log);
    }
  }

  private static boolean newEnough(String program) {
    return Optional.of(Shell.run(List.of(program, "--version"), SHORT))
        .filter(Shell.Finished::succeeded)
        .map(finished -> isNewEnough(finished.output()))
        .orElse(false);
  }

  static boolean isNewEnough(String version) {
    Matcher matcher = VERSION.matcher(version.strip());
    if (!matcher.matches()) {
      return false;
    }
    int major = Integer.parseInt(matcher.group(1));
    return major > MAJOR || (major == MAJOR && Integer.parseInt(matcher.group(2)) >= MINOR);
  }
}
