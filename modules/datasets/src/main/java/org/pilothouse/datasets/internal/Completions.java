package org.pilothouse.datasets.internal;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetState;

/** Waits a while for what verification says, for callers that would ask again at once. */
public final class Completions {
  private static final int WAITING_AT_ONCE = 32;

  /** Another node may be the one that verifies it. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

  private final Catalogue catalogue;
  private final Verification verification;
  private final Duration answerWithin;
  private final Semaphore room = new Semaphore(WAITING_AT_ONCE);

  Completions(Catalogue catalogue, Verification verification, Duration answerWithin) {
    this.catalogue = catalogue;
    this.verification = verification;
    this.answerWithin = answerWithin;
    verification.onSettled(this::settled);
  }

  private synchronized void settled() {
    notifyAll();
  }

  private synchronized void pause() throws InterruptedException {
    wait(LOOK_AGAIN.toMillis());
  }

  /** There is something to verify, and nobody waits for it. */
  public void begin() {
    verification.wake();
  }

  /** The dataset when it is verified, or as it is when the time is over or too many wait. */
  public Dataset await(Dataset dataset) {
    verification.wake();
    if (dataset.state() != DatasetState.VERIFYING || !room.tryAcquire()) {
      return dataset;
    }
    try {
      long until = System.nanoTime() + answerWithin.toNanos();
      while (catalogue.stateOf(dataset.pilot(), dataset.id()) == DatasetState.VERIFYING
          && System.nanoTime() < until) {
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      room.release();
    }
    return catalogue.find(dataset.pilot(), dataset.id()).orElse(dataset);
  }
}
