package org.pilothouse.warehouse.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.pilothouse.warehouse.LeaseLost;
import org.pilothouse.warehouse.RunClaim;
import org.pilothouse.warehouse.RunEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node with the side {@code batch} does: it claims runs, has the engine carry them out, says
 * that they are alive, and tells what became of them. Runs of a node that has died, or that says
 * nothing for as long as a lease, are claimed by others.
 */
final class Runs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Runs.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(5);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(10);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Of a node; a run has threads of its own. */
  private static final int AT_ONCE = 1;

  private final Dumps dumps;
  private final RunEngine engine;
  private final Schedule schedule;
  private final Backfills backfills;
  private final String node;
  private final Duration lease;
  private final int attempts;
  private final Steps steps;
  private final Semaphore wake = new Semaphore(0);
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final List<Active> active = new ArrayList<>();
  private final Thread thread;

  Runs(
      Dumps dumps,
      RunEngine engine,
      Schedule schedule,
      Backfills backfills,
      String node,
      Duration lease,
      int attempts,
      Steps steps) {
    this.dumps = dumps;
    this.engine = engine;
    this.schedule = schedule;
    this.backfills = backfills;
    this.node = node;
    this.lease = lease;
    this.attempts = attempts;
    this.steps = steps;
    this.thread = Thread.ofPlatform().name("warehouse-runs").daemon(true).unstarted(this::loop);
  }

  /** A run that this node carries out. */
  private static final class Active {
    private final RunClaim claim;
    private final long execution;
    private long renewed = System.nanoTime();
    private boolean lost;

    Active(RunClaim claim, long execution) {
      this.claim = claim;
      this.execution = execution;
    }
  }

  void start() {
    thread.start();
  }

  /** There may be a run; returns at once. */
  void wake() {
    if (wake.availablePermits() == 0) {
      wake.release();
    }
  }

  private void loop() {
    while (running.get() && turn(null)) {}
  }

  /**
   * Carries out one day's runs in the caller's thread, and nothing else, until it has ended here or
   * elsewhere. Instead of {@link #start}.
   *
   * @return false when it was interrupted
   */
  boolean carryOut(OneDay day, BooleanSupplier ended) {
    while (!ended.getAsBoolean()) {
      if (!turn(day)) {
        return false;
      }
    }
    return true;
  }

  /** False when it was interrupted. */
  private boolean turn(@Nullable OneDay only) {
    Duration pause = PAUSE;
    try {
      active.removeIf(this::isOver);
      if (only == null) {
        schedule.pass();
        backfills.pass();
      }
      if (active.size() < AT_ONCE && claimNext(only)) {
        return true;
      }
    } catch (RuntimeException | LinkageError e) {
      LOG.warn("runs cannot be looked after now, trying again", e);
      pause = AFTER_FAILURE;
    }
    try {
      var unused = wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private boolean claimNext(@Nullable OneDay only) {
    Optional<Dumps.Claimed> claimed = dumps.claim(node, lease, only);
    claimed.ifPresent(found -> {
      RunClaim claim = found.claim();
      LOG.info(
          "claimed pilot={} date={} revision={} fence={}",
          claim.pilot(),
          claim.date(),
          claim.revision(),
          claim.fence());
      steps.reached(Step.RUN_CLAIMED);
      long execution = engine.begin(claim, found.execution());
      active.add(new Active(claim, execution));
      steps.reached(Step.EXECUTION_BEGUN);
      dumps.execution(claim, execution);
    });
    return claimed.isPresent();
  }

  private boolean isOver(Active run) {
    switch (engine.outcome(run.execution)) {
      case RUNNING -> {
        renew(run);
        return false;
      }
      case DONE -> {
        return true;
      }
      case BROKEN -> {
        try {
          dumps.ended(run.claim, attempts, pause(run.claim));
        } catch (LeaseLost e) {
          LOG.info("ended, and another's pilot={} date={}", run.claim.pilot(), run.claim.date());
        }
        return true;
      }
    }
    throw new IllegalStateException();
  }

  private Duration pause(RunClaim claim) {
    int failures = Math.min(10, Math.max(1, dumps.held(claim).attempts()));
    Duration pause = FIRST_RETRY.multipliedBy(1L << (failures - 1));
    return pause.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : pause;
  }

  private void renew(Active run) {
    if (run.lost || System.nanoTime() - run.renewed < lease.toNanos() / 4) {
      return;
    }
    if (dumps.renew(run.claim, lease)) {
      run.renewed = System.nanoTime();
    } else {
      run.lost = true;
      LOG.warn("lease lost pilot={} date={}", run.claim.pilot(), run.claim.date());
      engine.stop(run.execution);
    }
  }

  @Override
  public void close() {
    running.set(false);
    wake.release();
    try {
      if (thread.isAlive() && !thread.join(PATIENCE)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // What is under way ends at its next look at its row, which is another's from here on.
    for (Active run : active) {
      try {
        engine.stop(run.execution);
        dumps.giveBack(run.claim);
      } catch (RuntimeException e) {
        LOG.info("a run goes on when its lease is over error={}", e.toString());
      }
    }
    engine.close();
  }
}
