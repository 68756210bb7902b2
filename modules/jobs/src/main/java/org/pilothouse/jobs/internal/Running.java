package org.pilothouse.jobs.internal;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.pilothouse.jobs.JobType;
import org.pilothouse.jobs.JobsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attempts that this node makes just now, in a pool of the room's own, and the watch over them:
 * it extends their leases, hears who is to be cancelled, and stops what takes too much.
 */
final class Running implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Running.class);
  private static final Duration BEAT = Duration.ofMillis(500);

  /** What does not ask whether it may go on is interrupted, and then ended over its head. */
  private static final Duration UNTIL_INTERRUPTED = Duration.ofSeconds(1);

  private static final Duration UNTIL_GIVEN_UP = Duration.ofSeconds(10);
  private static final Duration AFTER_STOP = Duration.ofSeconds(5);

  private final Claims claims;
  private final LogLines logLines;
  private final Clock clock;
  private final JobsConfig config;
  private final Path home;
  private final Map<String, Slots> slots = new ConcurrentHashMap<>();
  private final Map<UUID, Attempt> attempts = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor pool;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread watch;
  private final Runnable freed;

  /**
   * @param home the attempts' directories lie in it
   * @param freed is called when one more job can be taken; returns at once
   */
  Running(
      Claims claims,
      LogLines logLines,
      Clock clock,
      JobsConfig config,
      Collection<JobTypes.Known> types,
      Path home,
      Runnable freed) {
    this.claims = claims;
    this.logLines = logLines;
    this.clock = clock;
    this.config = config;
    this.home = home;
    this.freed = freed;
    for (JobTypes.Known known : types) {
      int atOnce = config.atOnce().getOrDefault(known.name(), known.type().limits().atOnce());
      slots.put(known.name(), new Slots(atOnce));
    }
    AtomicInteger number = new AtomicInteger();
    this.pool =
        new ThreadPoolExecutor(
            0,
            // The slots are the bound: a thread may be a moment later back than its slot.
            Integer.MAX_VALUE,
            60,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task ->
                Thread.ofPlatform()
                    .name("job-" + number.incrementAndGet())
                    .daemon(true)
                    .unstarted(task));
    this.watch = Thread.ofPlatform().name("jobs-watch").daemon(true).unstarted(this::loop);
  }

  /** How many of a type there may be at once, and are. */
  private static final class Slots {
    private final int capacity;
    private final AtomicInteger taken = new AtomicInteger();

    Slots(int capacity) {
      this.capacity = capacity;
    }
  }

  void start() {
    Directories.remove(home);
    watch.start();
  }

  int capacity(String type) {
    Slots of = slots.get(type);
    return of == null ? 0 : of.capacity;
  }

  int free(String type) {
    Slots of = slots.get(type);
    return of == null ? 0 : Math.max(0, of.capacity - of.taken.get());
  }

  /** Begins an attempt; there must be room for it. */
  void begin(Claims.Claim claim, JobType type) {
    Slots of = slots.get(claim.type());
    if (of == null) {
      throw new IllegalStateException("no room for " + claim.type());
    }
    Attempt attempt = new Attempt(claim, type, home, claims, logLines, clock, config);
    var unused = of.taken.incrementAndGet();
    Attempt before = attempts.put(claim.job(), attempt);
    if (before != null) {
      // Its lease ran out, and nobody else looks after it any more.
      before.stop(Attempt.Stop.FENCED);
    }
    try {
      pool.execute(() -> {
        try {
          attempt.run();
        } finally {
          end(of, attempt);
        }
      });
    } catch (RuntimeException | Error e) {
      end(of, attempt);
      throw e;
    }
  }

  private void end(Slots of, Attempt attempt) {
    boolean removed = attempts.remove(attempt.claim().job(), attempt);
    var left = of.taken.decrementAndGet();
    freed.run();
  }

  private void loop() {
    while (true) {
      try {
        if (closed.await(BEAT.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
        look();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("attempts cannot be looked after now, trying again error={}", e.toString());
      }
    }
  }

  /** Once over all attempts. */
  void look() {
    List<Attempt> all = List.copyOf(attempts.values());
    try {
      renew(all);
    } finally {
      all.forEach(Running::bound);
    }
    List<LogLines.Told> told = new ArrayList<>();
    for (Attempt attempt : all) {
      LogLines.Told lines = attempt.told();
      if (!lines.lines().isEmpty()) {
        told.add(lines);
      }
    }
    logLines.add(told);
  }

  private void renew(List<Attempt> all) {
    // What is being ended holds its row for as long as that takes: the others must not wait for it.
    List<Attempt> atWork = all.stream().filter(attempt -> !attempt.isEnding()).toList();
    Map<UUID, Claims.Standing> standings =
        claims.renew(atWork.stream().map(Attempt::beat).toList());
    for (Attempt attempt : atWork) {
      Claims.Standing standing = standings.get(attempt.claim().job());
      if (standing == null) {
        // One that has just ended is missing too; then nobody hears this.
        attempt.stop(Attempt.Stop.FENCED);
      } else if (standing.cancelRequested()) {
        attempt.stop(Attempt.Stop.CANCELLED);
      } else if (standing.late()) {
        attempt.stop(Attempt.Stop.DEADLINE_PASSED);
      }
    }
  }

  private static void bound(Attempt attempt) {
    if (attempt.hasRunFor(attempt.longestRun())) {
      attempt.stop(Attempt.Stop.TIMED_OUT);
    }
    if (attempt.isOverItsBound()) {
      attempt.stop(Attempt.Stop.DIRECTORY_FULL);
    }
    if (attempt.lingers(UNTIL_GIVEN_UP)) {
      try {
        attempt.endOverItsHead();
      } catch (RuntimeException e) {
        LOG.warn("an attempt cannot be ended now, trying again error={}", e.toString());
      }
    } else if (attempt.lingers(UNTIL_INTERRUPTED)) {
      attempt.interrupt();
    }
  }

  int size() {
    return attempts.size();
  }

  /** Lets attempts go on for the drain, then stops them; what they were at waits again. */
  @Override
  public void close() {
    pool.shutdown();
    try {
      boolean drained = pool.awaitTermination(config.drain().toMillis(), TimeUnit.MILLISECONDS);
      if (!drained) {
        LOG.info("attempts are given back number={}", attempts.size());
        attempts.values().forEach(attempt -> attempt.stop(Attempt.Stop.RELEASED));
        if (!pool.awaitTermination(UNTIL_INTERRUPTED.toMillis(), TimeUnit.MILLISECONDS)) {
          attempts.values().forEach(Attempt::interrupt);
          if (!pool.awaitTermination(AFTER_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
            attempts.values().forEach(Attempt::endOverItsHead);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.info("an attempt goes on elsewhere when its lease is over error={}", e.toString());
    }
    closed.countDown();
  }
}
