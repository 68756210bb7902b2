package org.pilothouse.batch;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waiting that ends. */
final class Waits {
  private Waits() {}

  static void on(CountDownLatch latch) {
    try {
      if (!latch.await(120, TimeUnit.SECONDS)) {
        throw new IllegalStateException("nobody woke it");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
