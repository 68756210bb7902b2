package org.pilothouse.local.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pilothouse.local.home.Json;
import org.pilothouse.local.provision.Progress;
import org.pilothouse.local.supervise.ControlClient;
import org.pilothouse.local.supervise.ControlPoint;
import org.pilothouse.local.supervise.ControlRequest;
import org.pilothouse.local.supervise.ProcessIdentity;
import org.pilothouse.local.supervise.ProcessReport;
import org.pilothouse.local.supervise.StackReport;

/**
 * Stops the stack through its supervisor, and without it where it is dead or deaf. Nothing that the
 * state file names is left running.
 */
public record Down(Setting setting) {

  private static final Duration GRACEFUL = Duration.ofSeconds(150);
  private static final Duration EACH = Duration.ofSeconds(40);

  public int run() {
    Optional<StackReport> report = setting.report();
    if (report.isEmpty() || !anythingRuns(report.get())) {
      setting.out().println("nothing runs");
      return 0;
    }
    long start = System.nanoTime();
    ProcessIdentity supervisor = report.get().supervisor();
    if (supervisor.isAlive()) {
      setting.out().println("stopping, the deployable first …");
      if (!askToStop() || !gone(supervisor, GRACEFUL)) {
        supervisor.signal("TERM");
        if (!gone(supervisor, Duration.ofSeconds(5))) {
          supervisor.signal("KILL");
          gone(supervisor, Duration.ofSeconds(5));
        }
      }
    }
    setting.report().ifPresent(this::stopWithoutSupervisor);
    setting
        .out()
        .println(
            "all stopped after "
                + Progress.seconds(Duration.ofNanos(System.nanoTime() - start))
                + "; the data stays in "
                + setting.home().data());
    return 0;
  }

  private boolean askToStop() {
    return Json.read(setting.home().control(), ControlPoint.class)
        .map(point -> new ControlClient(point).send(ControlRequest.STOP))
        .orElse(false);
  }

  private void stopWithoutSupervisor(StackReport report) {
    List<ProcessReport> reversed = new ArrayList<>(report.processes());
    Collections.reverse(reversed);
    for (ProcessReport process : reversed) {
      process
          .livingProcess()
          .ifPresent(living -> {
            setting.out().println("  " + process.name() + " (pid " + living.pid() + ")");
            List<ProcessIdentity> tree = living.tree();
            living.signal("CONT");
            living.signal(process.name().equals("postgres") ? "INT" : "TERM");
            gone(living, EACH);
            tree.forEach(each -> each.signal("KILL"));
            tree.forEach(each -> gone(each, Duration.ofSeconds(5)));
          });
    }
  }

  private static boolean anythingRuns(StackReport report) {
    return report.supervisor().isAlive()
        || report.processes().stream().anyMatch(each -> each.livingProcess().isPresent());
  }

  static boolean gone(ProcessIdentity process, Duration bound) {
    try {
      Optional<ProcessHandle> handle = process.handle();
      if (handle.isPresent()) {
        handle.get().onExit().get(bound.toMillis(), TimeUnit.MILLISECONDS);
      }
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return !process.isAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !process.isAlive();
    }
  }
}
