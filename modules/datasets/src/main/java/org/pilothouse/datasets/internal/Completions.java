package org.pilothouse.datasets.internal;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetState;

/** Waits a while for what verification says, for callers that would ask again at once. */
public final class Completions {
  private static final int WAITING_AT_ONCE = 32;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(250);

  private final Catalogue catalogue;
  private final Verification verification;
  private final Duration answerWithin;
  private final Semaphore room = new Semaphore(WAITING_AT_ONCE);

  Completions(Catalogue catalogue, Verification verification, Duration answerWithin) {
    this.catalogue = catalogue;
    this.verification = verification;
    this.answerWithin = answerWithin;
  }

  /** The dataset when it is verified, or as it is when the time is over or too many wait. */
  public Dataset await(Dataset dataset) {
    verification.wake();
    if (dataset.state() != DatasetState.VERIFYING || !room.tryAcquire()) {
      return dataset;
    }
    try {
      long until = System.nanoTime() + answerWithin.toNanos();
      long pause = FIRST_PAUSE.toMillis();
      while (System.nanoTime() < until
          && catalogue.stateOf(dataset.pilot(), dataset.id()) == DatasetState.VERIFYING) {
        TimeUnit.MILLISECONDS.sleep(pause);
        pause = Math.min(LONGEST_PAUSE.toMillis(), pause * 2);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      room.release();
    }
    return catalogue.find(dataset.pilot(), dataset.id()).orElse(dataset);
  }
}
