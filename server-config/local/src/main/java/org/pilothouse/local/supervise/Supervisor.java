package org.pilothouse.local.supervise;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.pilothouse.local.home.Home;
import org.pilothouse.local.home.Json;

/**
 * The one process that outlives {@code up}. It holds a file lock, so a home has one supervisor at
 * most; a new one takes over the processes that a dead one left running.
 */
public final class Supervisor {

  private final Home home;
  private final Clock clock;
  private final ProcessIdentity self;
  private final StackPlan ports;
  private final Map<String, WatchedProcess> watched = new LinkedHashMap<>();
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  private Supervisor(Home home, Clock clock, ProcessIdentity self) {
    this.home = home;
    this.clock = clock;
    this.self = self;
    this.ports = plan();
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Home home = Home.at(Path.of(arguments[0]));
    ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current()).orElseThrow();
    try (FileChannel channel =
        FileChannel.open(home.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        System.getLogger(Supervisor.class.getName())
            .log(System.Logger.Level.INFO, "another supervisor holds " + home.lock());
        return;
      }
      new Supervisor(home, Clock.systemUTC(), self).run();
    }
  }

  private void run() throws IOException, InterruptedException {
    Optional<StackReport> earlier = Json.read(home.state(), StackReport.class);
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  stopRequested.countDown();
                  awaitEnd();
                }));
    try (ControlServer control = new ControlServer(ports.controlPort(), token, this::answer)) {
      Json.writePrivately(home.control(), new ControlPoint(ports.controlPort(), token));
      Thread.ofPlatform().daemon().name("control").start(control::serve);
      extend(ports, earlier);
      stopRequested.await();
      stopAll();
    } finally {
      ended.countDown();
    }
  }

  private void answer(ControlRequest request) {
    switch (request) {
      case EXTEND -> extend(plan(), Optional.empty());
      case STOP -> stopRequested.countDown();
    }
  }

  private StackPlan plan() {
    return Json.read(home.plan(), StackPlan.class).orElseThrow();
  }

  private void extend(StackPlan plan, Optional<StackReport> earlier) {
    synchronized (watched) {
      for (ProcessPlan process : plan.processes()) {
        if (!watched.containsKey(process.name())) {
          WatchedProcess added =
              new WatchedProcess(
                  process,
                  earlier.flatMap(report -> report.process(process.name())),
                  clock,
                  this::isUp,
                  this::publish);
          watched.put(process.name(), added);
          Thread.ofPlatform().daemon().name(process.name()).start(added::watch);
        }
      }
    }
    publish();
  }

  /** Stops what depends on others first; processes that nothing runs on stop side by side. */
  private void stopAll() throws InterruptedException {
    List<WatchedProcess> left;
    synchronized (watched) {
      left = new ArrayList<>(watched.values());
    }
    while (!left.isEmpty()) {
      List<WatchedProcess> wave = new ArrayList<>();
      for (WatchedProcess each : left) {
        boolean needed =
            left.stream().anyMatch(other -> other.plan().needs().contains(each.plan().name()));
        if (!needed) {
          wave.add(each);
        }
      }
      List<Thread> stops = new ArrayList<>();
      for (WatchedProcess each : wave.isEmpty() ? left : wave) {
        stops.add(Thread.ofPlatform().daemon().start(each::stop));
      }
      for (Thread stop : stops) {
        stop.join();
      }
      left.removeAll(wave.isEmpty() ? List.copyOf(left) : wave);
    }
    publish();
  }

  private boolean isUp(String name) {
    synchronized (watched) {
      WatchedProcess process = watched.get(name);
      return process == null || process.report().state() == ProcessState.UP;
    }
  }

  /** A state file that cannot be written (a full disk) must not end the watch over a process. */
  private void publish() {
    synchronized (watched) {
      List<ProcessReport> reports = watched.values().stream().map(WatchedProcess::report).toList();
      try {
        Json.writePrivately(
            home.state(),
            new StackReport(
                self, ports.basePort(), ports.httpPort(), ports.controlPort(), reports));
      } catch (UncheckedIOException e) {
        System.getLogger(Supervisor.class.getName())
            .log(System.Logger.Level.WARNING, "state not written", e);
      }
    }
  }

  private void awaitEnd() {
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
