package org.pilothouse.local.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pilothouse.local.provision.Archives;
import org.pilothouse.local.provision.DeployableBuild;
import org.pilothouse.local.provision.Trees;
import org.pilothouse.local.supervise.Probe;
import org.pilothouse.local.supervise.ProcessPlan;

/**
 * The deployable on Open Liberty. The server's directory is written anew at each start; what it
 * must keep lies in the other servers.
 *
 * @param needs the servers it talks to from its first second
 */
public record LibertyEngine(DeployableBuild build, List<String> needs) implements Engine {

  public static final String NAME = "pilothouse";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<ProcessPlan> prepare(Site site) {
    Path program = site.distribution().liberty();
    Path user = site.home().liberty();
    Path server = Site.directory(user.resolve("servers").resolve(NAME));
    Path templates = site.repository().resolve("server-config/liberty");
    copy(templates.resolve("server.xml"), server.resolve("server.xml"));
    copy(templates.resolve("jvm.options"), server.resolve("jvm.options"));
    deploy(server);
    int port = site.ports().http();
    Site.write(
        server.resolve("bootstrap.properties"),
        "pilothouse.http.host=127.0.0.1\npilothouse.http.port=" + port + "\n");
    return List.of(
        new ProcessPlan(
            NAME,
            build.version(),
            port,
            List.of(
                program.resolve("bin/server").toString(),
                "run",
                NAME,
                "-Dpilothouse.config=" + site.home().platformSettings()),
            environment(site, user),
            server,
            site.home().log(NAME),
            needs,
            new Probe.Http(port, "/health/ready", false),
            new Probe.Http(port, "/health/live", true),
            300,
            "TERM",
            45));
  }

  private static Map<String, String> environment(Site site, Path user) {
    Map<String, String> environment = new HashMap<>();
    environment.put("JAVA_HOME", site.javaHome().toString());
    environment.put("WLP_USER_DIR", user.toString());
    environment.put("WLP_OUTPUT_DIR", user.resolve("output").toString());
    environment.put("LOG_DIR", site.home().logs().resolve("liberty").toString());
    String clock = site.environment().get("PILOTHOUSE_CLOCK_FILE");
    if (clock != null) {
      site.packages().require(Path.of("/usr/bin/faketime"), "faketime");
      environment.putAll(clock(clock));
    }
    return environment;
  }

  /**
   * For fault scenarios: the clock is off by what the file says ({@code +2h}), and follows it
   * within a second. What a virtual machine measures, waits and reads of files stays as it is.
   */
  private static Map<String, String> clock(String file) {
    return Map.of(
        // The linker knows which directory is meant.
        "LD_PRELOAD",
        "/usr/$LIB/faketime/libfaketimeMT.so.1",
        "FAKETIME_TIMESTAMP_FILE",
        file,
        "FAKETIME_CACHE_DURATION",
        "1",
        "DONT_FAKE_MONOTONIC",
        "1",
        // Else no wait for a monitor would last.
        "FAKETIME_FORCE_MONOTONIC_FIX",
        "0",
        "NO_FAKE_STAT",
        "1");
  }

  /**
   * The WAR lies unpacked, for Liberty would otherwise unpack its eighty libraries at every start,
   * and would tell old from new by the entries' times, which a reproducible build makes all the
   * same; unpacked files have the time of their unpacking.
   */
  private void deploy(Path server) {
    Path deployed = server.resolve("pilothouse.war");
    Path unpacked = Site.directory(server.resolve("apps")).resolve("pilothouse.war");
    try {
      if (Files.isDirectory(unpacked)
          && Files.exists(deployed)
          && Files.mismatch(build.war(), deployed) < 0) {
        return;
      }
      Trees.delete(unpacked);
      Archives.once(unpacked, into -> Archives.unzip(build.war(), into));
      copy(build.war(), deployed);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot deploy " + build.war(), e);
    }
  }

  private static void copy(Path from, Path to) {
    try {
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy " + from, e);
    }
  }
}
