package org.pilothouse.local.command;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.pilothouse.local.home.Home;
import org.pilothouse.local.home.Json;
import org.pilothouse.local.home.PortPlan;
import org.pilothouse.local.provision.Maven;
import org.pilothouse.local.provision.Progress;
import org.pilothouse.local.supervise.StackReport;

/** Where the launcher was called: the checkout, the home, the ports, the JDK and the terminal. */
public record Setting(
    Path repository,
    Home home,
    PortPlan ports,
    Path javaHome,
    Map<String, String> environment,
    PrintStream out) {

  public static Setting of(Path repository, Map<String, String> environment, PrintStream out) {
    String home = environment.getOrDefault("PILOTHOUSE_HOME", "");
    Path root = home.isBlank() ? repository.resolve(".pilothouse") : Path.of(home);
    return new Setting(
        repository,
        Home.at(root.toAbsolutePath().normalize()),
        PortPlan.from(environment),
        Path.of(System.getProperty("java.home")),
        environment,
        out);
  }

  Setting with(Home otherHome, PortPlan otherPorts) {
    return new Setting(repository, otherHome, otherPorts, javaHome, environment, out);
  }

  /** Its processes find these too; what the caller's environment has stays. */
  Setting withDefaults(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.putAll(environment);
    return new Setting(repository, home, ports, javaHome, all, out);
  }

  Progress progress() {
    return new Progress(out);
  }

  /** For commands whose standard output belongs to another program. */
  Progress errorProgress() {
    return new Progress(System.err);
  }

  Maven maven() {
    return new Maven(repository, javaHome, home.log("build"));
  }

  Optional<StackReport> report() {
    return Json.read(home.state(), StackReport.class);
  }
}
