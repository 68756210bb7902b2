package org.pilothouse.testkit;

import java.nio.file.Path;
import java.util.Map;
import org.pilothouse.kernel.Settings;

/**
 * The local stack that integration tests run against: the system property {@code
 * pilothouse.test.home} names the home that the launcher made.
 */
public final class TestHome {
  private TestHome() {}

  public static Path path() {
    String home = System.getProperty("pilothouse.test.home");
    if (home == null || home.isBlank()) {
      throw new IllegalStateException(
          "integration tests need a running stack: start one with './pilothouse up --detach"
              + " --engines' and give its home with -Dpilothouse.test.home=...");
    }
    return Path.of(home);
  }

  /** The settings that the deployable would get. */
  public static Settings settings() {
    return Settings.read(path().resolve("run").resolve("pilothouse.properties"), Map.of());
  }
}
