package org.pilothouse.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An open model of reads: each is due at a random moment (a Poisson process), whether or not the
 * ones before were answered, and its latency counts from then to the last byte of the answer. What
 * warms up is over before the measured reads begin: a server that has just started falls behind.
 */
final class OpenReads {
  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int MOST_WAITING = 100_000;

  /** What has not been sent so long after the last was due is given up, and counts as failed. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /**
   * What was measured after warming up.
   *
   * @param lateness of this program itself: from when a read was due until it was handed to the
   *     connections; it is part of the latencies
   * @param failed reads that were given up or not answered 200
   * @param achieved answers a second
   * @param bytes of a mean answer
   */
  record Result(
      Latencies latencies, Latencies lateness, long failed, double achieved, long bytes) {}

  private record Due(String path, long nanos, boolean counts) {}

  private final URI base;
  private final String token;
  private final Latencies latencies = new Latencies();
  private final Latencies lateness = new Latencies();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final BlockingQueue<Due> queue = new ArrayBlockingQueue<>(MOST_WAITING);

  private OpenReads(URI base, String token) {
    this.base = base;
    this.token = token;
  }

  static Result run(
      URI base,
      String token,
      int connections,
      double perSecond,
      Duration warm,
      Duration measured,
      Function<SplittableRandom, String> path)
      throws InterruptedException {
    return new OpenReads(base, token).run(connections, perSecond, warm, measured, path);
  }

  private Result run(
      int connections,
      double perSecond,
      Duration warm,
      Duration measured,
      Function<SplittableRandom, String> path)
      throws InterruptedException {
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      senders.add(Thread.ofPlatform().name("reads-" + i).start(this::send));
    }
    SplittableRandom random = new SplittableRandom(System.nanoTime());
    offer(random, perSecond, warm, path, false);
    untilSent();
    failed.addAndGet(queue.drainTo(new ArrayList<>()));
    long from = System.nanoTime();
    offer(random, perSecond, measured, path, true);
    untilSent();
    failed.addAndGet(queue.drainTo(new ArrayList<>()));
    for (int i = 0; i < connections; i++) {
      queue.put(new Due("", 0, false));
    }
    for (Thread sender : senders) {
      sender.join();
    }
    double seconds = (System.nanoTime() - from) / 1e9;
    long answered = latencies.count();
    return new Result(
        latencies, lateness, failed.get(), answered / seconds, bytes.get() / Math.max(1, answered));
  }

  private void offer(
      SplittableRandom random,
      double perSecond,
      Duration time,
      Function<SplittableRandom, String> path,
      boolean counts)
      throws InterruptedException {
    double at = System.nanoTime();
    double end = at + time.toNanos();
    while (at < end) {
      Due due = new Due(path.apply(random), (long) at, counts);
      long left = due.nanos() - System.nanoTime();
      if (left > 0) {
        TimeUnit.NANOSECONDS.sleep(left);
      }
      if (counts) {
        lateness.since(due.nanos());
      }
      // Where the queue is full, hundreds of seconds are waiting already: the run is spoilt.
      queue.add(due);
      at += -Math.log(1 - random.nextDouble()) / perSecond * 1e9;
    }
  }

  private void untilSent() throws InterruptedException {
    long patience = System.nanoTime() + PATIENCE.toNanos();
    while (!queue.isEmpty() && System.nanoTime() < patience) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private void send() {
    @Nullable HttpConnection connection = null;
    try {
      for (Due due = queue.take(); !due.path().isEmpty(); due = queue.take()) {
        try {
          if (connection == null) {
            connection = new HttpConnection(base, TIMEOUT_MILLIS);
          }
          HttpConnection.Answer answer = connection.get(due.path(), token);
          if (answer.status() != 200) {
            failed.incrementAndGet();
          } else if (due.counts()) {
            latencies.since(due.nanos());
            bytes.addAndGet(answer.body().length());
          }
          if (connection.isClosing()) {
            connection.close();
            connection = null;
          }
        } catch (IOException e) {
          failed.incrementAndGet();
          if (connection != null) {
            connection.close();
            connection = null;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (connection != null) {
        connection.close();
      }
    }
  }
}
