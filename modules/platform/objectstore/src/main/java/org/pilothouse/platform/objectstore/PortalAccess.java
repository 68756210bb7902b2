package org.pilothouse.platform.objectstore;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.pilothouse.kernel.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets browsers at the portal use the bucket, as soon as the store answers. Nothing waits for it,
 * and a store that cannot be told so is left as whoever runs it has set it up.
 */
public final class PortalAccess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PortalAccess.class);
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final ObjectStore store;
  private final PortalOrigins portal;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  private PortalAccess(ObjectStore store, PortalOrigins portal) {
    this.store = store;
    this.portal = portal;
    this.thread = Thread.ofPlatform().name("portal-access").daemon(true).unstarted(this::open);
  }

  /** Begins, where origins are named. */
  public static PortalAccess start(ObjectStore store, PortalOrigins portal) {
    PortalAccess access = new PortalAccess(store, portal);
    if (!portal.origins().isEmpty()) {
      access.thread.start();
    }
    return access;
  }

  private void open() {
    try {
      do {
        if (isDone()) {
          return;
        }
      } while (!closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isDone() {
    try {
      switch (store.allow(portal)) {
        case ALLOWED -> LOG.info("the bucket takes browsers from {}", portal.origins());
        case ALLOWED_BEFORE -> {}
        case NOT_SUPPORTED ->
            LOG.info(
                "object storage cannot be told which origins to take; it does as it is set up");
        case REFUSED ->
            LOG.warn(
                "the credentials may not set which origins the bucket takes; allow PutBucketCors, or"
                    + " set it by hand and leave pilothouse.s3.portal-origins empty");
      }
      return true;
    } catch (Problem e) {
      return false;
    }
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      // Where no origin is named it was never started.
      if (thread.isAlive() && !thread.join(Duration.ofSeconds(5))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
