package org.pilothouse.local.command;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.pilothouse.local.Command;
import org.pilothouse.local.Complaint;
import org.pilothouse.local.engine.ElasticsearchEngine;
import org.pilothouse.local.engine.Engine;
import org.pilothouse.local.engine.KafkaEngine;
import org.pilothouse.local.engine.LibertyEngine;
import org.pilothouse.local.engine.MqttEngine;
import org.pilothouse.local.engine.PostgresEngine;
import org.pilothouse.local.engine.RabbitEngine;
import org.pilothouse.local.engine.S3Engine;
import org.pilothouse.local.engine.Site;
import org.pilothouse.local.home.Credentials;
import org.pilothouse.local.home.Endpoints;
import org.pilothouse.local.home.Home;
import org.pilothouse.local.home.Json;
import org.pilothouse.local.home.PlatformSettings;
import org.pilothouse.local.home.Secrets;
import org.pilothouse.local.provision.DeployableBuild;
import org.pilothouse.local.provision.Distribution;
import org.pilothouse.local.provision.ModuleProgram;
import org.pilothouse.local.provision.NodeRuntime;
import org.pilothouse.local.provision.Packages;
import org.pilothouse.local.provision.Progress;
import org.pilothouse.local.provision.Trees;
import org.pilothouse.local.provision.Unprivileged;
import org.pilothouse.local.supervise.ControlClient;
import org.pilothouse.local.supervise.ControlPoint;
import org.pilothouse.local.supervise.ControlRequest;
import org.pilothouse.local.supervise.ProcessPlan;
import org.pilothouse.local.supervise.ProcessReport;
import org.pilothouse.local.supervise.ProcessState;
import org.pilothouse.local.supervise.StackPlan;
import org.pilothouse.local.supervise.StackReport;
import org.pilothouse.local.supervise.Supervisor;

/** Brings the stack up: prepares every server, hands the plan to the supervisor, waits. */
public record Up(Setting setting) {

  private static final Duration READY_BOUND = Duration.ofMinutes(12);
  private static final Duration SUPERVISOR_BOUND = Duration.ofSeconds(20);
  private static final int GIVE_UP_AFTER_CRASHES = 2;

  public int run(Command.Up request) {
    start(request);
    if (request.detach()) {
      return 0;
    }
    setting.out().println("Ctrl-C stops everything; `./pilothouse up --detach` returns instead.");
    awaitInterrupt();
    return 0;
  }

  /** Returns once all is ready. */
  void start(Command.Up request) {
    long start = System.nanoTime();
    Home home = setting.home();
    if (request.fresh()) {
      new Down(setting).run();
      Reset.wipe(home);
    }
    home.create();
    Optional<StackReport> running = setting.report().filter(Up::anyAlive);
    running.ifPresent(this::demandSamePorts);
    StackPlan plan = plan(request, running);
    demandFreePorts(plan, running);
    Json.writePrivately(home.plan(), plan);
    Map<String, Integer> restartsBefore = restarts(running);
    List<String> missing = missing(plan, running);
    boolean supervised = running.filter(stack -> stack.supervisor().isAlive()).isPresent();
    if (supervised && missing.isEmpty()) {
      setting.out().println("everything was already running");
    } else if (running.isPresent()) {
      setting
          .out()
          .println(
              (supervised ? "" : "the supervisor was gone: a new one takes over; ")
                  + "starting what is missing: "
                  + (missing.isEmpty() ? "nothing" : String.join(", ", missing)));
    }
    if (!supervised || !askToExtend()) {
      startSupervisor(plan);
    }
    awaitReady(plan, restartsBefore, start);
    setting
        .out()
        .println(
            "ready after " + Progress.seconds(Duration.ofNanos(System.nanoTime() - start)) + "\n");
    setting.out().print(farewell(plan));
    setting.out().flush();
  }

  private StackPlan plan(Command.Up request, Optional<StackReport> running) {
    Home home = setting.home();
    SecureRandom random = new SecureRandom();
    Secrets secrets = Secrets.of(home, random);
    Endpoints endpoints = Endpoints.of(setting.ports(), secrets);
    Credentials.of(home, setting.ports(), random);
    Json.writePrivately(home.endpoints(), endpoints);
    Json.writePrivately(
        home.platformSettings(), PlatformSettings.of(home, endpoints, secrets).render());
    Progress progress = setting.progress();
    boolean root = Unprivileged.isRoot();
    Distribution distribution =
        new Distribution(
            setting.repository().resolve("server-config/local/engines"),
            home.dist(),
            setting.maven(),
            progress);
    distribution.resolve();
    Site site =
        new Site(
            setting.repository(),
            home,
            setting.ports(),
            secrets,
            endpoints,
            setting.javaHome(),
            distribution,
            new Packages(root, home.log("install"), progress),
            Unprivileged.choose(root, List.of(home.root(), home.dist(), setting.javaHome())),
            setting.environment());
    Optional<StackPlan> kept = Json.read(home.plan(), StackPlan.class);
    List<ProcessPlan> processes = new ArrayList<>();
    for (Engine engine : engines(request, site, running)) {
      List<ProcessPlan> planned =
          isAlive(running, engine.name())
              ? kept.stream()
                  .flatMap(plan -> plan.processes().stream())
                  .filter(process -> engine.processes().contains(process.name()))
                  .toList()
              : List.of();
      processes.addAll(planned.isEmpty() ? engine.prepare(site) : planned);
    }
    return new StackPlan(
        setting.ports().base(), setting.ports().http(), setting.ports().supervisor(), processes);
  }

  private List<Engine> engines(Command.Up request, Site site, Optional<StackReport> running) {
    List<Engine> engines =
        new ArrayList<>(
            List.of(
                new ElasticsearchEngine(),
                new KafkaEngine(),
                new PostgresEngine(),
                new RabbitEngine(),
                new S3Engine()));
    ModuleProgram broker =
        new ModuleProgram(
            setting.repository(), MqttEngine.MODULE, setting.maven(), setting.progress());
    if (broker.exists()) {
      engines.add(new MqttEngine(broker, request.build()));
    }
    boolean deployableRuns = isAlive(running, LibertyEngine.NAME);
    if (!request.enginesOnly() || deployableRuns) {
      List<String> needs = engines.stream().flatMap(engine -> engine.processes().stream()).toList();
      DeployableBuild build =
          new DeployableBuild(setting.repository(), setting.maven(), setting.progress());
      if (deployableRuns) {
        if (request.build() && build.isStale()) {
          setting
              .out()
              .println(
                  "the sources are newer than the running deployable;"
                      + " `./pilothouse down` and `up` take them in");
        }
      } else {
        buildIfAsked(request, build, site);
      }
      engines.add(new LibertyEngine(build, needs));
    }
    return engines;
  }

  private void buildIfAsked(Command.Up request, DeployableBuild build, Site site) {
    if (request.build() && build.isStale()) {
      build.build(
          () ->
              build.hasPortal()
                  ? new NodeRuntime(
                          site.home().dist(),
                          site.packages(),
                          site.home().log("install"),
                          setting.progress())
                      .environment(setting.environment())
                  : Map.of(),
          Stream.of(MqttEngine.MODULE, Command.Tool.DEMO.module(), Command.Tool.CTL.module())
              .map(module ->
                  new ModuleProgram(
                      setting.repository(), module, setting.maven(), setting.progress()))
              .filter(ModuleProgram::exists)
              .toList());
    }
    if (!Files.exists(build.war())) {
      throw Complaint.of(
          "there is no " + build.war(), "run `./pilothouse up` without --no-build to build it");
    }
  }

  private static boolean isAlive(Optional<StackReport> running, String name) {
    return running
        .flatMap(stack -> stack.process(name))
        .flatMap(ProcessReport::livingProcess)
        .isPresent();
  }

  private static boolean anyAlive(StackReport report) {
    return report.supervisor().isAlive()
        || report.processes().stream().anyMatch(each -> each.livingProcess().isPresent());
  }

  private void demandSamePorts(StackReport running) {
    if (running.basePort() != setting.ports().base()
        || running.httpPort() != setting.ports().http()) {
      throw Complaint.of(
          "this home's stack already runs with port base "
              + running.basePort()
              + " and HTTP port "
              + running.httpPort(),
          "run `./pilothouse down` first, or set PILOTHOUSE_HOME to another directory");
    }
  }

  private void demandFreePorts(StackPlan plan, Optional<StackReport> running) {
    Map<String, Integer> needed = new TreeMap<>();
    for (ProcessPlan process : plan.processes()) {
      boolean alive = isAlive(running, process.name());
      boolean crashed =
          running
              .flatMap(stack -> stack.process(process.name()))
              .filter(report -> report.state() != ProcessState.STOPPED)
              .isPresent();
      if (!alive && !crashed) {
        needed.put(process.name(), process.port());
      }
    }
    if (running.filter(stack -> stack.supervisor().isAlive()).isEmpty()) {
      needed.put("supervisor", plan.controlPort());
    }
    needed.forEach((name, port) -> {
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      } catch (IOException e) {
        throw Complaint.of(
            "port " + port + " for " + name + " is taken by another program",
            "stop that program, or set "
                + (port == plan.httpPort() ? "PILOTHOUSE_HTTP_PORT" : "PILOTHOUSE_PORT_BASE")
                + " to another port");
      }
    });
  }

  private static List<String> missing(StackPlan plan, Optional<StackReport> running) {
    return plan.processes().stream()
        .map(ProcessPlan::name)
        .filter(name ->
            running
                .flatMap(stack -> stack.process(name))
                .flatMap(ProcessReport::livingProcess)
                .isEmpty())
        .toList();
  }

  private static Map<String, Integer> restarts(Optional<StackReport> running) {
    Map<String, Integer> restarts = new HashMap<>();
    running.ifPresent(
        stack -> stack.processes().forEach(each -> restarts.put(each.name(), each.restarts())));
    return restarts;
  }

  private boolean askToExtend() {
    return Json.read(setting.home().control(), ControlPoint.class)
        .map(point -> new ControlClient(point).send(ControlRequest.EXTEND))
        .orElse(false);
  }

  private void startSupervisor(StackPlan plan) {
    Home home = setting.home();
    ProcessBuilder builder =
        new ProcessBuilder(
                "setsid",
                setting.javaHome().resolve("bin/java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.awt.headless=true",
                "-cp",
                ownPrograms(),
                Supervisor.class.getName(),
                home.root().toString())
            .directory(home.root().toFile())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(home.log("supervisor").toFile()));
    builder.environment().putAll(setting.environment());
    try {
      Process supervisor = builder.start();
      Instant deadline = Instant.now().plus(SUPERVISOR_BOUND);
      while (setting.report().filter(stack -> stack.supervisor().isAlive()).isEmpty()) {
        if (!supervisor.isAlive() || Instant.now().isAfter(deadline)) {
          throw Complaint.of(
              "the supervisor did not start on port " + plan.controlPort(),
              "set PILOTHOUSE_PORT_BASE if the port is taken",
              home.log("supervisor"));
        }
        pause(Duration.ofMillis(50));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the supervisor", e);
    }
  }

  /** A rebuilt launcher must not change the code under a supervisor that runs for days. */
  private String ownPrograms() {
    Path copies = setting.home().run().resolve("supervisor");
    Trees.delete(copies);
    List<String> classPath = new ArrayList<>();
    try {
      Files.createDirectories(copies);
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        Path original = Path.of(entry);
        Path copy = copies.resolve(original.getFileName());
        Files.copy(original, copy);
        classPath.add(copy.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy the supervisor's programs", e);
    }
    return String.join(File.pathSeparator, classPath);
  }

  private void awaitReady(StackPlan plan, Map<String, Integer> restartsBefore, long start) {
    Map<String, ProcessState> told = new HashMap<>();
    Instant deadline = Instant.now().plus(READY_BOUND);
    while (true) {
      StackReport report = setting.report().orElseThrow();
      boolean ready = true;
      for (ProcessPlan process : plan.processes()) {
        Optional<ProcessReport> now = report.process(process.name());
        ProcessState state = now.map(ProcessReport::state).orElse(ProcessState.STARTING);
        ready &= state == ProcessState.UP;
        if (now.isPresent() && told.put(process.name(), state) != state) {
          tell(now.get(), start);
        }
        int crashes =
            now.map(ProcessReport::restarts).orElse(0)
                - restartsBefore.getOrDefault(process.name(), 0)
                + (state == ProcessState.CRASHED ? 1 : 0);
        if (crashes >= GIVE_UP_AFTER_CRASHES) {
          throw failure(now.orElseThrow());
        }
      }
      if (ready) {
        return;
      }
      if (Instant.now().isAfter(deadline) || !report.supervisor().isAlive()) {
        throw failure(
            report.processes().stream()
                .filter(each -> each.state() != ProcessState.UP)
                .findFirst()
                .orElseThrow());
      }
      pause(Duration.ofMillis(100));
    }
  }

  private Complaint failure(ProcessReport process) {
    String why =
        process.detail() != null
            ? process.detail()
            : process.lastExit() != null ? process.lastExit() : "it is not ready";
    return Complaint.of(
        process.name() + " does not come up: " + why,
        "read the end of its log, then `./pilothouse down` or `up` again",
        setting.home().log(process.name()));
  }

  private void tell(ProcessReport process, long start) {
    boolean worthTelling =
        process.state() == ProcessState.UP || process.state() == ProcessState.CRASHED;
    if (worthTelling) {
      setting
          .out()
          .printf(
              "  %-14s %-8s %6s  port %d%s%n",
              process.name(),
              process.state().word(),
              Progress.seconds(Duration.ofNanos(System.nanoTime() - start)),
              process.port(),
              process.state() == ProcessState.CRASHED ? "  " + process.detail() : "");
      setting.out().flush();
    }
  }

  private String farewell(StackPlan plan) {
    Home home = setting.home();
    StringBuilder text = new StringBuilder();
    boolean deployable = plan.process(LibertyEngine.NAME).isPresent();
    if (deployable) {
      Credentials credentials = Json.read(home.credentials(), Credentials.class).orElseThrow();
      text.append("portal     ").append(credentials.baseUrl()).append("/\n");
      text.append("API        ")
          .append(credentials.baseUrl())
          .append("/api/v1  (")
          .append(credentials.baseUrl())
          .append("/openapi)\n");
      text.append("sign-ins   ").append(home.credentials()).append('\n');
      for (Credentials.User user : credentials.users()) {
        text.append(
            String.format(
                "           %-9s %s  %s%s%n",
                user.username(),
                user.password(),
                String.join(",", user.roles()),
                user.pilot() == null ? "" : " of " + user.pilot()));
      }
    }
    text.append("endpoints  ").append(home.endpoints()).append('\n');
    text.append("next       ")
        .append(deployable ? "./pilothouse demo" : "./pilothouse up adds the deployable")
        .append("   (also: ./pilothouse status, logs NAME, down)\n");
    return text.toString();
  }

  private void awaitInterrupt() {
    CountDownLatch never = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().unstarted(() -> new Down(setting).run()));
    try {
      never.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void pause(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Complaint.of("interrupted", "run it again");
    }
  }
}
