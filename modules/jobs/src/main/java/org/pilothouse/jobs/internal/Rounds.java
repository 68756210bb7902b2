package org.pilothouse.jobs.internal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.pilothouse.platform.rabbit.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What workers look after by themselves, now and again. */
final class Rounds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration FORGET = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Recovery recovery;
  private final Schedules schedules;
  private final Topology topology;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private long forgot = System.nanoTime();

  Rounds(Recovery recovery, Schedules schedules, Topology topology) {
    this.recovery = recovery;
    this.schedules = schedules;
    this.topology = topology;
    this.thread = Thread.ofPlatform().name("jobs-rounds").daemon(true).unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  private void loop() {
    try {
      while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
        each(recovery::takeLost);
        each(recovery::endLate);
        each(recovery::sendDue);
        each(() -> recovery.sendUnanswered(topology));
        each(schedules::fire);
        if (System.nanoTime() - forgot > FORGET.toNanos()) {
          forgot = System.nanoTime();
          each(recovery::forget);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One act of a round. */
  private interface Act {
    int run();
  }

  private static void each(Act act) {
    try {
      var unused = act.run();
    } catch (RuntimeException e) {
      // The others do not wait for it.
      LOG.warn("jobs cannot be looked after now, trying again error={}", e.toString());
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      if (thread.isAlive() && !thread.join(PATIENCE)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
