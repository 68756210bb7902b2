package org.pilothouse.local.supervise;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one process running until told to stop. A crash is answered with a new start after a
 * back-off; a process that lives but does not answer its probe is left alone for {@link
 * #HUNG_AFTER}, because a pause is not a crash.
 */
final class WatchedProcess {

  static final Duration HUNG_AFTER = Duration.ofSeconds(180);
  private static final Duration READY_STEP = Duration.ofMillis(200);
  private static final Duration LIVE_STEP = Duration.ofSeconds(3);
  private static final Duration LEFTOVER_GRACE = Duration.ofSeconds(5);

  private final ProcessPlan plan;
  private final Clock clock;
  private final Predicate<String> isUp;
  private final Runnable changed;
  private final Backoff backoff = new Backoff();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile ProcessReport report;
  private volatile List<ProcessIdentity> tree = List.of();
  private boolean wasReady;

  WatchedProcess(
      ProcessPlan plan,
      Optional<ProcessReport> earlier,
      Clock clock,
      Predicate<String> isUp,
      Runnable changed) {
    this.plan = plan;
    this.clock = clock;
    this.isUp = isUp;
    this.changed = changed;
    this.report =
        earlier
            .filter(kept -> kept.livingProcess().isPresent())
            .orElseGet(() -> ProcessReport.planned(plan, clock.instant()));
  }

  ProcessPlan plan() {
    return plan;
  }

  ProcessReport report() {
    return report;
  }

  /** Runs until {@link #stop} has ended the process; meant for a thread of its own. */
  void watch() {
    try {
      boolean first = true;
      while (!stopRequested()) {
        Optional<ProcessIdentity> adopted = first ? report.livingProcess() : Optional.empty();
        ProcessState during = first ? ProcessState.STARTING : ProcessState.RESTARTING;
        if (adopted.isEmpty() && !needsMet(during)) {
          break;
        }
        wasReady = false;
        String exit = runOnce(adopted, during);
        if (stopRequested()) {
          publish(report.ended(ProcessState.STOPPED, exit, clock.instant()));
          break;
        }
        first = false;
        Duration wait = backoff.after(wasReady);
        publish(
            report
                .ended(ProcessState.CRASHED, exit, clock.instant())
                .in(
                    ProcessState.CRASHED,
                    exit + "; starts again in " + wait.toSeconds() + " s",
                    clock.instant()));
        Instant due = clock.instant().plus(wait);
        removeLeftovers();
        pause(Duration.between(clock.instant(), due));
        if (!stopRequested()) {
          publish(report.restarted().in(ProcessState.RESTARTING, null, clock.instant()));
        }
      }
    } finally {
      if (report.livingProcess().isEmpty() && report.state() != ProcessState.STOPPED) {
        publish(report.in(ProcessState.STOPPED, null, clock.instant()));
      }
      finished.countDown();
    }
  }

  /** Asks the process to end, waits for its bound, then kills it with all below it. */
  void stop() {
    stopping.countDown();
    report.livingProcess().ifPresent(this::end);
    try {
      if (!finished.await(10, TimeUnit.SECONDS)) {
        report.livingProcess().ifPresent(this::end);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void end(ProcessIdentity process) {
    List<ProcessIdentity> all = process.tree();
    process.signal("CONT");
    process.signal(plan.stopSignal());
    if (!gone(process, Duration.ofSeconds(plan.stopSeconds()))) {
      kill(process.tree());
    }
    kill(all);
  }

  private String runOnce(Optional<ProcessIdentity> adopted, ProcessState during) {
    CompletableFuture<String> exit;
    if (adopted.isPresent()) {
      ProcessIdentity process = adopted.get();
      exit = endOf(process);
    } else {
      try {
        exit = start(during);
      } catch (IOException e) {
        return "could not be started: " + e.getMessage();
      }
    }
    @Nullable String early = untilReady(exit, during);
    return early == null ? untilExit(exit) : early;
  }

  private CompletableFuture<String> start(ProcessState during) throws IOException {
    Files.createDirectories(plan.log().getParent());
    rotateLog();
    ProcessBuilder builder =
        new ProcessBuilder(plan.command())
            .directory(plan.directory().toFile())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(plan.log().toFile()));
    builder.environment().putAll(plan.environment());
    Process process = builder.start();
    Optional<ProcessIdentity> identity = ProcessIdentity.of(process.toHandle());
    identity.ifPresent(known -> publish(report.running(known, during, clock.instant())));
    return process.onExit().thenApply(ended -> describe(ended.exitValue()));
  }

  private CompletableFuture<String> endOf(ProcessIdentity process) {
    return process
        .handle()
        .map(handle -> handle.onExit().thenApply(ended -> "ended"))
        .orElseGet(() -> CompletableFuture.completedFuture("ended"));
  }

  /** Returns null once the process is ready, else why the run is over. */
  private @Nullable String untilReady(CompletableFuture<String> exit, ProcessState during) {
    Instant deadline = clock.instant().plusSeconds(plan.startSeconds());
    while (true) {
      if (exit.isDone()) {
        return exit.join();
      }
      switch (plan.readiness().ask()) {
        case Probe.Answer.Ready ready -> {
          wasReady = true;
          publish(report.in(ProcessState.UP, null, clock.instant()));
          return null;
        }
        case Probe.Answer.NotReady notReady -> {
          if (clock.instant().isAfter(deadline) && !answersAtAll()) {
            report.livingProcess().ifPresent(process -> kill(process.tree()));
            return "not ready within " + plan.startSeconds() + " s (" + notReady.why() + ")";
          }
          if (!notReady.why().equals(report.detail())) {
            publish(report.in(during, notReady.why(), clock.instant()));
          }
        }
      }
      await(exit, READY_STEP);
    }
  }

  /** One that answers but is not ready yet waits for something; a new start would not help it. */
  private boolean answersAtAll() {
    return !plan.liveness().equals(plan.readiness())
        && plan.liveness().ask() instanceof Probe.Answer.Ready;
  }

  private String untilExit(CompletableFuture<String> exit) {
    Instant lastAnswer = clock.instant();
    while (true) {
      if (await(exit, LIVE_STEP)) {
        return exit.join();
      }
      report.livingProcess().ifPresent(process -> tree = process.tree());
      rotateLog();
      switch (plan.liveness().ask()) {
        case Probe.Answer.Ready ready -> {
          lastAnswer = clock.instant();
          if (report.detail() != null) {
            publish(report.in(ProcessState.UP, null, clock.instant()));
          }
        }
        case Probe.Answer.NotReady notReady -> {
          if (exit.isDone()) {
            return exit.join();
          }
          if (Duration.between(lastAnswer, clock.instant()).compareTo(HUNG_AFTER) > 0) {
            report.livingProcess().ifPresent(process -> kill(process.tree()));
            return "killed: no answer for " + HUNG_AFTER.toSeconds() + " s";
          }
          if (report.detail() == null) {
            publish(
                report.in(ProcessState.UP, "does not answer: " + notReady.why(), clock.instant()));
          }
        }
      }
    }
  }

  private boolean needsMet(ProcessState during) {
    while (!stopRequested()) {
      List<String> missing = new ArrayList<>(plan.needs());
      missing.removeIf(isUp);
      if (missing.isEmpty()) {
        return true;
      }
      String waiting = "waits for " + String.join(", ", missing);
      if (!waiting.equals(report.detail())) {
        publish(report.in(during, waiting, clock.instant()));
      }
      pause(READY_STEP);
    }
    return false;
  }

  /** Children of a killed process may hold its port and its data a little longer. */
  private void removeLeftovers() {
    for (ProcessIdentity each : tree) {
      if (!gone(each, LEFTOVER_GRACE)) {
        each.signal("KILL");
      }
    }
    tree = List.of();
  }

  private void kill(List<ProcessIdentity> processes) {
    for (ProcessIdentity each : processes) {
      each.signal("KILL");
    }
    for (ProcessIdentity each : processes) {
      gone(each, LEFTOVER_GRACE);
    }
  }

  private static boolean gone(ProcessIdentity process, Duration bound) {
    try {
      Optional<ProcessHandle> handle = process.handle();
      if (handle.isPresent()) {
        handle.get().onExit().get(bound.toMillis(), TimeUnit.MILLISECONDS);
      }
      return true;
    } catch (TimeoutException e) {
      return !process.isAlive();
    } catch (ExecutionException e) {
      return !process.isAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !process.isAlive();
    }
  }

  private void rotateLog() {
    try {
      new LogFile(plan.log()).rotateIfLarge();
    } catch (IOException e) {
      System.getLogger(WatchedProcess.class.getName())
          .log(System.Logger.Level.WARNING, "cannot rotate " + plan.log(), e);
    }
  }

  private void publish(ProcessReport next) {
    report = next;
    changed.run();
  }

  private boolean stopRequested() {
    return stopping.getCount() == 0;
  }

  private void pause(Duration time) {
    try {
      if (!time.isNegative()) {
        stopping.await(time.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopping.countDown();
    }
  }

  private static boolean await(CompletableFuture<String> exit, Duration time) {
    try {
      exit.get(time.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return exit.isDone();
    }
  }

  static String describe(int exitValue) {
    return exitValue > 128 ? "killed by signal " + (exitValue - 128) : "exited with " + exitValue;
  }
}
