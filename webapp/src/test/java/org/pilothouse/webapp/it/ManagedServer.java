package org.pilothouse.webapp.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.arquillian.test.spi.TestRunnerAdaptor;
import org.jboss.arquillian.test.spi.TestRunnerAdaptorBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * One Open Liberty for all tests of a run, whichever engine runs them: Arquillian's managed
 * container starts it when the first test needs it and stops it after the last.
 *
 * <p>The server is the shipped one: its own server.xml, its own WAR at its own path. Only the port,
 * the user directory and the settings file are the test's.
 */
public final class ManagedServer implements LauncherSessionListener {
  /** A type of job that does what a test wants, and attempts that follow soon. */
  private static final List<String> FOR_TESTS =
      List.of("pilothouse.jobs.noop=true", "pilothouse.jobs.first-retry=PT1S");

  private static @Nullable TestRunnerAdaptor arquillian;
  private static @Nullable String url;

  /** The deployable's URL; starts it when it is not there yet. */
  static synchronized String url() {
    if (url == null) {
      String given = System.getProperty("pilothouse.test.url");
      url = given == null ? start(List.of()) : given;
    }
    return url;
  }

  /**
   * Starts the deployable anew, with these lines added to its settings; until {@link #stop}. Not
   * for one that is not this run's own.
   */
  static synchronized void restartWith(List<String> settings) {
    stop();
    url = start(settings);
  }

  @Override
  public void launcherSessionClosed(LauncherSession session) {
    stop();
  }

  /** Who asks for the URL next starts it again, as it is shipped. */
  static synchronized void stop() {
    TestRunnerAdaptor running = arquillian;
    if (running != null) {
      arquillian = null;
      url = null;
      try {
        running.afterSuite();
        running.shutdown();
      } catch (Exception e) {
        throw new IllegalStateException("Open Liberty did not stop", e);
      }
    }
  }

  private static String start(List<String> more) {
    Path settings = TestStack.home().resolve("run/pilothouse.properties");
    // The port that the stack's deployable would have: the MQTT broker asks there who a device is.
    String address = TestStack.endpoint("http");
    int port = URI.create(address).getPort();
    try {
      Path user = Path.of("target/liberty").toAbsolutePath();
      Path server = user.resolve("servers/pilothouse-it");
      Files.createDirectories(server.resolve("apps"));
      // The server keeps what it unpacked by time stamps, and a reproducible build has one for all.
      remove(server.resolve("workarea"));
      Path shipped = Path.of("../server-config/liberty").toAbsolutePath().normalize();
      copy(shipped.resolve("server.xml"), server.resolve("server.xml"));
      copy(shipped.resolve("jvm.options"), server.resolve("jvm.options"));
      copy(Path.of("target/pilothouse.war"), server.resolve("apps/pilothouse.war"));
      Path own = server.resolve("pilothouse.properties");
      Files.write(
          own,
          Stream.of(
                  Files.readAllLines(settings).stream()
                      .map(line ->
                          line.startsWith("pilothouse.http.base-url")
                              ? "pilothouse.http.base-url=" + address
                              : line),
                  FOR_TESTS.stream(),
                  more.stream())
              .flatMap(lines -> lines)
              .toList());
      Files.write(
          server.resolve("bootstrap.properties"),
          List.of("pilothouse.http.port=" + port, "pilothouse.http.host=127.0.0.1"));
      System.setProperty("it.liberty.user", user.toString());
      System.setProperty("it.liberty.port", Integer.toString(port));
      System.setProperty("it.liberty.jvm", "-Dpilothouse.config=" + own);
      TestRunnerAdaptor adaptor = TestRunnerAdaptorBuilder.build();
      adaptor.beforeSuite();
      arquillian = adaptor;
      return address;
    } catch (Exception e) {
      throw new IllegalStateException(
          "Open Liberty did not start; see webapp/target/liberty/servers/pilothouse-it/logs", e);
    }
  }

  private static void remove(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
  }
}
