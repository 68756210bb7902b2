package org.pilothouse.twins.internal;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.twins.Command;
import org.pilothouse.twins.internal.Commands.Recipient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Devices that ask for their commands and wait for some. Nobody who waits holds a thread: a command
 * that is sent on this node wakes its device at once, one of another node at the next look.
 */
public final class CommandPolls implements AutoCloseable {
  /** Devices that may wait at the same time on one node. */
  static final int MOST = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(CommandPolls.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
  private static final int HANDING = 2;

  /** Where commands are. */
  interface Store {
    /** Of these, those who should fetch something now. */
    Set<Recipient> expected(Collection<Recipient> recipients);

    List<Command> hand(Recipient recipient);
  }

  private record Waiting(
      Recipient recipient, long deadline, CompletableFuture<List<Command>> answer) {}

  private final Store store;
  private final LongSupplier nanoTime;
  private final int most;
  private final Semaphore seats;
  private final Map<Recipient, Waiting> waiting = new ConcurrentHashMap<>();
  // What is queued for them is bounded by the seats.
  private final ScheduledExecutorService executor =
      Executors.newScheduledThreadPool(
          HANDING, Thread.ofPlatform().name("command-polls-", 0).daemon(true).factory());

  CommandPolls(Store store, int most, LongSupplier nanoTime, MeterRegistry metrics) {
    this.store = store;
    this.most = most;
    this.seats = new Semaphore(most);
    this.nanoTime = nanoTime;
    Gauge.builder("pilothouse.commands.polls", seats, free -> most - free.availablePermits())
        .description("Devices that wait for commands over HTTP")
        .register(metrics);
    var scheduled =
        executor.scheduleWithFixedDelay(
            this::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * The open commands of a device: at once when there is one that it has not had or has left
   * without an answer for a while, else when one comes or the time is over. The same device asking
   * a second time ends the first wait, with nothing.
   *
   * @throws Problem {@code too_many_requests} when too many wait already
   */
  public CompletableFuture<List<Command>> poll(Recipient recipient, Duration wait) {
    if (!seats.tryAcquire()) {
      throw Problem.retry(
          ProblemCode.TOO_MANY_REQUESTS,
          most + " devices wait for commands on this node already.",
          RETRY_AFTER);
    }
    CompletableFuture<List<Command>> answer = new CompletableFuture<>();
    var released = answer.whenComplete((commands, failure) -> seats.release());
    Waiting mine = new Waiting(recipient, nanoTime.getAsLong() + wait.toNanos(), answer);
    if (wait.isZero()) {
      hand(mine);
      return answer;
    }
    Waiting before = waiting.put(recipient, mine);
    if (before != null) {
      before.answer().complete(List.of());
    }
    run(
        mine,
        () -> {
          if (!store.expected(List.of(recipient)).isEmpty() && waiting.remove(recipient, mine)) {
            answer.complete(store.hand(recipient));
          }
        });
    return answer;
  }

  /** A new command of this device; comes after the commit. */
  void sent(Recipient recipient) {
    Waiting woken = waiting.remove(recipient);
    if (woken != null) {
      hand(woken);
    }
  }

  private void look() {
    if (waiting.isEmpty()) {
      return;
    }
    long now = nanoTime.getAsLong();
    for (Waiting each : waiting.values()) {
      if (now - each.deadline() >= 0 && waiting.remove(each.recipient(), each)) {
        hand(each);
      }
    }
    try {
      List<Recipient> left = List.copyOf(waiting.keySet());
      if (!left.isEmpty()) {
        store.expected(left).forEach(this::sent);
      }
    } catch (RuntimeException e) {
      LOG.warn("devices wait for the store: {}", e.getMessage());
    }
  }

  private void hand(Waiting woken) {
    run(woken, () -> woken.answer().complete(store.hand(woken.recipient())));
  }

  private void run(Waiting whose, Runnable work) {
    try {
      executor.execute(() -> {
        try {
          work.run();
        } catch (RuntimeException e) {
          fail(whose, e);
        }
      });
    } catch (RejectedExecutionException e) {
      fail(whose, Problem.of(ProblemCode.UNAVAILABLE, "The server stops; ask again."));
    }
  }

  private void fail(Waiting whose, RuntimeException why) {
    waiting.remove(whose.recipient(), whose);
    whose.answer().completeExceptionally(why);
  }

  /** Lets everybody go with nothing. */
  @Override
  public void close() {
    executor.shutdownNow();
    waiting.values().forEach(each -> each.answer().complete(List.of()));
    waiting.clear();
  }
}
