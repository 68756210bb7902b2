package org.pilothouse.pilots.internal;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.pilots.PilotProvisioning;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings pilots to the engines: every one at start, and each that was added or changed, for as long
 * as it takes. The store remembers what is still to do.
 */
final class Provisioner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Provisioner.class);
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final Pilots pilots;
  private final PilotDirectory directory;
  private final PilotProvisioning engines;
  private final Runnable housekeeping;
  private final Semaphore wake = new Semaphore(0);
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final Set<PilotId> seen = new HashSet<>();
  private final Thread thread;

  /**
   * @param housekeeping run between rounds, at most every few seconds
   */
  Provisioner(
      Pilots pilots, PilotDirectory directory, PilotProvisioning engines, Runnable housekeeping) {
    this.pilots = pilots;
    this.directory = directory;
    this.engines = engines;
    this.housekeeping = housekeeping;
    this.thread = Thread.ofPlatform().name("pilot-provisioning").daemon(true).unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  void wake() {
    if (wake.availablePermits() == 0) {
      wake.release();
    }
  }

  private void loop() {
    while (running.get()) {
      try {
        // What a node has not seen itself may have been lost on the engines: it is idempotent.
        for (Pilot pilot : directory.list()) {
          if (!seen.contains(pilot.id())) {
            provision(pilot);
          }
        }
        List<Pilot> waiting = pilots.unprovisioned();
        waiting.forEach(this::provision);
        housekeeping.run();
      } catch (RuntimeException e) {
        LOG.warn("pilots cannot be brought to the engines yet error={}", e.toString());
      }
      try {
        if (wake.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void provision(Pilot pilot) {
    if (!running.get()) {
      return;
    }
    try {
      engines.provision(pilot);
      pilots.markProvisioned(pilot);
      seen.add(pilot.id());
      LOG.info("provisioned pilot={} revision={}", pilot.id(), pilot.revision());
    } catch (RuntimeException e) {
      LOG.warn("not provisioned yet pilot={} error={}", pilot.id(), e.toString());
    }
  }

  @Override
  public void close() {
    running.set(false);
    wake.release();
    try {
      if (!thread.join(Duration.ofSeconds(10))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
