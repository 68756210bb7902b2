package org.pilothouse.datasets.internal;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.pilothouse.datasets.DatasetsConfig;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the hold does by itself: takes out of offer what has expired, removes what is withdrawn,
 * gives up uploads at rest, and sweeps. Several nodes may do so at once; each act is decided by a
 * row that one of them changes.
 */
final class Rounds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(15);

  private final Lifecycle lifecycle;
  private final Sweeper sweeper;
  private final PilotDirectory pilots;
  private final DatasetsConfig config;
  private final Semaphore wake = new Semaphore(0);
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final Thread thread;
  private long sweptNanos = System.nanoTime();

  Rounds(Lifecycle lifecycle, Sweeper sweeper, PilotDirectory pilots, DatasetsConfig config) {
    this.lifecycle = lifecycle;
    this.sweeper = sweeper;
    this.pilots = pilots;
    this.config = config;
    this.thread = Thread.ofPlatform().name("hold-rounds").daemon(true).unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  private void loop() {
    while (running.get()) {
      Duration pause = PAUSE;
      try {
        boolean more = lifecycle.expireDue();
        more |= lifecycle.removeDue();
        more |= lifecycle.giveUpRested(config.uploadPatience());
        sweepWhenDue();
        if (more) {
          continue;
        }
      } catch (RuntimeException e) {
        LOG.warn("the hold cannot be kept now, trying again error={}", e.toString());
        pause = AFTER_FAILURE;
      }
      try {
        var unused = wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void sweepWhenDue() {
    if (System.nanoTime() - sweptNanos < config.sweepEvery().toNanos()) {
      return;
    }
    sweptNanos = System.nanoTime();
    for (Pilot pilot : pilots.list()) {
      if (!running.get()) {
        return;
      }
      Sweeper.Swept swept = sweeper.sweep(pilot.id(), true);
      swept.findings().stream()
          .filter(finding -> finding.action() == Sweeper.Action.ALARM)
          .forEach(finding ->
              LOG.error(
                  "the object of an available dataset is not as verified dataset={} size={}",
                  finding.datasetId(),
                  finding.size()));
    }
  }

  @Override
  public void close() {
    running.set(false);
    wake.release();
    try {
      // A node that keeps no rounds never started it.
      if (thread.isAlive() && !thread.join(Duration.ofSeconds(10))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
