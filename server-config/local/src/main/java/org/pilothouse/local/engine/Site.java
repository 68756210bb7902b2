package org.pilothouse.local.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.pilothouse.local.home.Endpoints;
import org.pilothouse.local.home.Home;
import org.pilothouse.local.home.PortPlan;
import org.pilothouse.local.home.Secrets;
import org.pilothouse.local.provision.Distribution;
import org.pilothouse.local.provision.Packages;
import org.pilothouse.local.provision.Unprivileged;

/** Everything an engine may know of the place it is to run in. */
public record Site(
    Path repository,
    Home home,
    PortPlan ports,
    Secrets secrets,
    Endpoints endpoints,
    Path javaHome,
    Distribution distribution,
    Packages packages,
    Unprivileged unprivileged,
    Map<String, String> environment) {

  public String java() {
    return javaHome.resolve("bin").resolve("java").toString();
  }

  Path configDirectory(String process) {
    return directory(home.config(process));
  }

  /** The scenarios of a full disk put an engine's data on a small file system of its own. */
  Path data(String engine) {
    String elsewhere = environment.get("PILOTHOUSE_" + engine.toUpperCase(Locale.ROOT) + "_DATA");
    return elsewhere == null || elsewhere.isBlank()
        ? home.data(engine)
        : Path.of(elsewhere).toAbsolutePath();
  }

  static Path directory(Path path) {
    try {
      return Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
