package org.pilothouse.jobs.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/**
 * Does together what several threads ask for at the same time, so that they share a transaction and
 * its commit. While one lot is under way the next gathers; whoever is first then does it for all.
 */
final class Gathering<I, O> {
  private final int most;
  private final Function<List<I>, List<O>> work;
  private final Queue<Entry<I, O>> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean underWay = new AtomicBoolean();

  /**
   * @param most in one lot
   * @param work an answer for each, in their order
   */
  Gathering(int most, Function<List<I>, List<O>> work) {
    this.most = most;
    this.work = work;
  }

  private static final class Entry<I, O> {
    private final I item;
    private final Thread thread = Thread.currentThread();
    private volatile boolean done;
    private @Nullable O answer;
    private @Nullable RuntimeException failure;

    Entry(I item) {
      this.item = item;
    }
  }

  /** What the work answers, or throws, for this one. */
  O call(I item) {
    Entry<I, O> own = new Entry<>(item);
    waiting.add(own);
    boolean interrupted = false;
    while (!own.done) {
      if (underWay.compareAndSet(false, true)) {
        try {
          if (!own.done) {
            next();
          }
        } finally {
          underWay.set(false);
          wakeNext();
        }
      } else {
        // Each is woken when it is its turn or all is done: a lock would let them through one by
        // one.
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    RuntimeException failure = own.failure;
    if (failure != null) {
      throw failure;
    }
    O answer = own.answer;
    if (answer == null) {
      throw new IllegalStateException("there is no answer");
    }
    return answer;
  }

  /** Whoever has come since finds that nothing is under way. */
  private void wakeNext() {
    Entry<I, O> next = waiting.peek();
    if (next != null) {
      LockSupport.unpark(next.thread);
    }
  }

  private void next() {
    List<Entry<I, O>> lot = new ArrayList<>();
    for (Entry<I, O> entry = waiting.poll(); entry != null; entry = waiting.poll()) {
      lot.add(entry);
      if (lot.size() == most) {
        break;
      }
    }
    try {
      answer(lot);
    } catch (RuntimeException e) {
      if (lot.size() == 1 || isAway(e)) {
        lot.forEach(entry -> entry.failure = e);
      } else {
        // One of them may be the reason; the others are not to pay for it.
        lot.forEach(this::alone);
      }
    } finally {
      for (Entry<I, O> entry : lot) {
        entry.done = true;
        LockSupport.unpark(entry.thread);
      }
    }
  }

  private void alone(Entry<I, O> entry) {
    try {
      answer(List.of(entry));
    } catch (RuntimeException e) {
      entry.failure = e;
    }
  }

  private void answer(List<Entry<I, O>> lot) {
    List<O> answers = work.apply(lot.stream().map(entry -> entry.item).toList());
    for (int i = 0; i < lot.size(); i++) {
      lot.get(i).answer = answers.get(i);
    }
  }

  private static boolean isAway(RuntimeException e) {
    return e instanceof Problem problem && problem.code() == ProblemCode.UNAVAILABLE;
  }
}
