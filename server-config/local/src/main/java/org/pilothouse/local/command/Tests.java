package org.pilothouse.local.command;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pilothouse.local.Command;
import org.pilothouse.local.Complaint;
import org.pilothouse.local.home.Home;
import org.pilothouse.local.home.PortPlan;
import org.pilothouse.local.provision.DeployableBuild;
import org.pilothouse.local.provision.Distribution;
import org.pilothouse.local.provision.NodeRuntime;
import org.pilothouse.local.provision.Packages;
import org.pilothouse.local.provision.Shell;
import org.pilothouse.local.provision.Unprivileged;

/**
 * Passes the tests: unit tests alone, integration and browser tests on servers in a home of their
 * own, which starts empty and is always taken down.
 */
public record Tests(Setting setting) {

  private static final int FIRST_BASE = 18000;
  private static final int LAST_BASE = 18980;
  private static final int FIRST_HTTP = 9180;
  private static final int LAST_HTTP = 9279;

  /** A type of job that does what a test wants, and attempts that follow soon. */
  private static final Map<String, String> FOR_TESTS =
      Map.of("PILOTHOUSE_JOBS_NOOP", "true", "PILOTHOUSE_JOBS_FIRST_RETRY", "PT1S");

  private static final Duration BROWSER_BOUND = Duration.ofMinutes(30);

  public int run(Command.Test request) {
    setting.home().create();
    return switch (request.suite()) {
      case UNIT -> maven(List.of("verify", "-DskipITs"), request.mavenArguments());
      case IT -> onServers(home -> integration(home, request, "-DskipUTs"));
      case E2E -> onServers(home -> browser(home, true));
      case ALL ->
          onServers(home -> {
            int maven = integration(home, request);
            return maven != 0 ? maven : browser(home, false);
          });
    };
  }

  /** What to do once the servers' home is known. */
  private interface Work {
    int on(Setting servers);
  }

  private int onServers(Work work) {
    Home home = setting.home().nested("test");
    Setting servers = setting.with(home, freePorts()).withDefaults(FOR_TESTS);
    new Down(servers).run();
    Reset.wipe(home);
    Thread hook = Thread.ofPlatform().unstarted(() -> new Down(servers).run());
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return work.on(servers);
    } finally {
      takeDown(servers, hook);
    }
  }

  /** Where the launcher is being interrupted, the hook does it already. */
  private static void takeDown(Setting servers, Thread hook) {
    boolean interrupted;
    try {
      interrupted = !Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      interrupted = true;
    }
    if (!interrupted) {
      new Down(servers).run();
    }
  }

  private int integration(Setting servers, Command.Test request, String... more) {
    new Up(servers).start(new Command.Up(true, false, false, true));
    Distribution distribution =
        new Distribution(
            setting.repository().resolve("server-config/local/engines"),
            setting.home().dist(),
            setting.maven(),
            setting.progress());
    List<String> arguments = new ArrayList<>(List.of("verify"));
    arguments.addAll(List.of(more));
    arguments.add("-Dpilothouse.test.home=" + servers.home().root());
    arguments.add("-Dpilothouse.test.http.port=" + servers.ports().http());
    arguments.add("-Dpilothouse.wlp=" + distribution.liberty());
    return maven(arguments, request.mavenArguments());
  }

  private int browser(Setting servers, boolean build) {
    DeployableBuild deployable =
        new DeployableBuild(setting.repository(), setting.maven(), setting.progress());
    if (!deployable.hasPortal()) {
      setting.out().println("there is no portal to test with a browser");
      return 0;
    }
    packages().require(Path.of("/usr/bin/chromium"), "chromium");
    new Up(servers).start(new Command.Up(true, build, false, false));
    Map<String, String> environment = new HashMap<>(node());
    environment.put("PILOTHOUSE_HOME", servers.home().root().toString());
    if (!deployable.portal().resolve("node_modules").toFile().isDirectory()) {
      int installed =
          Shell.attached(
              List.of("npm", "ci", "--no-audit", "--no-fund"),
              environment,
              deployable.portal(),
              BROWSER_BOUND);
      if (installed != 0) {
        return installed;
      }
    }
    return Shell.attached(
        List.of("npm", "run", "e2e"), environment, deployable.portal(), BROWSER_BOUND);
  }

  private int maven(List<String> arguments, List<String> more) {
    List<String> all = new ArrayList<>();
    all.add("--no-transfer-progress");
    all.addAll(arguments);
    all.addAll(more);
    return setting.maven().attached(node(), all.toArray(String[]::new));
  }

  private Map<String, String> node() {
    return new NodeRuntime(
            setting.home().dist(), packages(), setting.home().log("install"), setting.progress())
        .environment(setting.environment());
  }

  private Packages packages() {
    return new Packages(Unprivileged.isRoot(), setting.home().log("install"), setting.progress());
  }

  private static PortPlan freePorts() {
    for (int base = FIRST_BASE; base <= LAST_BASE; base += PortPlan.WIDTH) {
      if (free(base, base + PortPlan.WIDTH - 1)) {
        for (int http = FIRST_HTTP; http <= LAST_HTTP; http++) {
          if (free(http, http)) {
            return new PortPlan(base, http);
          }
        }
      }
    }
    throw Complaint.of(
        "no free ports between " + FIRST_BASE + " and " + LAST_BASE,
        "stop some stacks with `./pilothouse down`");
  }

  private static boolean free(int first, int last) {
    for (int port = first; port <= last; port++) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }
}
