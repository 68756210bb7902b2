package org.pilothouse.datasets.internal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.pilothouse.contracts.EventType;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the bytes of completed uploads back and says what came of it: {@code available}, and then
 * the pointer goes out in the same transaction, or {@code quarantined}. Any number of nodes may
 * verify: each dataset is leased by one, which may speak only while the lease is its own. What a
 * node leaves behind is taken up when its lease runs out.
 */
final class Verification implements AutoCloseable {
  static final String PLATFORM = "platform";

  private static final Logger LOG = LoggerFactory.getLogger(Verification.class);
  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final Duration TELL = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
  private static final int BUFFER = 256 * 1024;
  private static final int TRIES_AT_ONE_PLACE = 3;

  private final Database database;
  private final ObjectStore store;
  private final Pointers pointers;
  private final AuditTrail trail;
  private final Steps steps;
  private final Semaphore wake = new Semaphore(0);
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final Counter bytesRead;

  Verification(
      Database database,
      ObjectStore store,
      Pointers pointers,
      AuditTrail trail,
      Steps steps,
      MeterRegistry metrics) {
    this.database = database;
    this.store = store;
    this.pointers = pointers;
    this.trail = trail;
    this.steps = steps;
    this.bytesRead =
        Counter.builder("pilothouse.datasets.verified.bytes")
            .description("Bytes read back to verify them")
            .register(metrics);
  }

  void start(int verifiers) {
    for (int i = 0; i < verifiers; i++) {
      threads.add(Thread.ofPlatform().name("verify-" + i).daemon(true).start(this::loop));
    }
  }

  /** Called whenever it is known of a dataset what came of it; must return at once. */
  void onSettled(Runnable listener) {
    listeners.add(listener);
  }

  /** There is something to verify; must return at once. */
  void wake() {
    if (wake.availablePermits() < threads.size()) {
      wake.release();
    }
  }

  private void loop() {
    while (running.get()) {
      Duration pause = POLL;
      try {
        if (verifyNext()) {
          continue;
        }
      } catch (RuntimeException | LinkageError e) {
        // The lease keeps the dataset away for a while; the thread goes on with others.
        LOG.warn("cannot verify, trying again", e);
        pause = AFTER_FAILURE;
      }
      try {
        var unused = wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** A dataset that is this node's to verify. */
  private record Claim(Dataset dataset, long lease) {}

  /** Whether there was one. */
  boolean verifyNext() {
    Optional<Claim> claimed = claim();
    claimed.ifPresent(this::verify);
    return claimed.isPresent();
  }

  private Optional<Claim> claim() {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "UPDATE datasets.dataset d SET lease = lease + 1, lease_until = now() +"
                    + " make_interval(secs => :lease), verified_bytes = 0 FROM (SELECT"
                    + " pilot_id, dataset_id FROM datasets.dataset WHERE state = 'verifying'"
                    + " AND (lease_until IS NULL OR lease_until < now()) ORDER BY lease_until"
                    + " NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED) AS next WHERE (d.pilot_id,"
                    + " d.dataset_id) = (next.pilot_id, next.dataset_id) RETURNING d.lease, "
                    + DatasetRows.COLUMNS)
            .bind("lease", LEASE.toSeconds())
            .map((row, context) -> new Claim(DatasetRows.read(row), row.getLong("lease")))
            .findOne());
  }

  private void verify(Claim claim) {
    steps.reached(Step.VERIFICATION_CLAIMED);
    Dataset dataset = claim.dataset();
    try {
      Digested bytes = new Digested(dataset.size());
      switch (read(claim, bytes)) {
        case WHOLE -> {
          steps.reached(Step.BYTES_VERIFIED);
          settle(claim, verdict(dataset, bytes));
        }
        case ABSENT ->
            settle(
                claim,
                new Verdict.Differs(
                    "object_missing", "Object storage has no bytes of this dataset."));
        case LEASE_LOST -> LOG.info("lease lost dataset={} lease={}", dataset.id(), claim.lease());
        case UNREADABLE -> giveBack(claim);
        case STOPPED -> giveBackAtOnce(claim);
      }
    } catch (Problem e) {
      if (e.code() != ProblemCode.UNAVAILABLE) {
        throw e;
      }
      giveBack(claim);
    }
  }

  /** What is known of bytes. */
  private sealed interface Verdict {
    /** They are what was declared. */
    record Agrees(Checksum checksum, String mediaType) implements Verdict {}

    /** They are not. */
    record Differs(String code, String detail) implements Verdict {}
  }

  private static Verdict verdict(Dataset dataset, Digested bytes) {
    if (bytes.count() != dataset.size()) {
      return new Verdict.Differs(
          ProblemCode.SIZE_MISMATCH.code(),
          "There are " + bytes.count() + " bytes, declared were " + dataset.size() + ".");
    }
    Checksum checksum = bytes.checksum();
    return Stream.of(dataset.declared(), dataset.sent())
        .flatMap(Optional::stream)
        .filter(said -> !said.equals(checksum))
        .findFirst()
        .<Verdict>map(said ->
            new Verdict.Differs(
                ProblemCode.CHECKSUM_MISMATCH.code(),
                "The bytes have " + checksum + ", declared was " + said + "."))
        .orElseGet(() ->
            new Verdict.Agrees(checksum, ContentTypes.of(bytes.head(), dataset.declaredType())));
  }

  private enum Reading {
    WHOLE,
    ABSENT,
    LEASE_LOST,
    UNREADABLE,
    STOPPED
  }

  /** Goes on where a connection broke, a few times at each place. */
  private Reading read(Claim claim, Digested bytes) {
    int tries = 0;
    long before = -1;
    while (true) {
      if (bytes.count() > before) {
        tries = 0;
        before = bytes.count();
      }
      Optional<InputStream> opened = store.open(claim.dataset().key(), bytes.count());
      if (opened.isEmpty()) {
        return Reading.ABSENT;
      }
      try (InputStream in = opened.get()) {
        return readOn(claim, bytes, in);
      } catch (IOException e) {
        LOG.warn(
            "reading broke off dataset={} at={} error={}",
            claim.dataset().id(),
            bytes.count(),
            e.toString());
        if (++tries >= TRIES_AT_ONE_PLACE) {
          return Reading.UNREADABLE;
        }
      }
    }
  }

  private Reading readOn(Claim claim, Digested bytes, InputStream in) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long told = System.nanoTime();
    while (true) {
      int length = in.read(buffer);
      if (length < 0) {
        return Reading.WHOLE;
      }
      bytes.add(buffer, length);
      bytesRead.increment(length);
      // More than was declared is known to differ; it need not be read to its end.
      if (bytes.count() > claim.dataset().size()) {
        return Reading.WHOLE;
      }
      if (System.nanoTime() - told > TELL.toNanos()) {
        told = System.nanoTime();
        if (!running.get()) {
          return Reading.STOPPED;
        }
        if (!renew(claim, bytes.count())) {
          return Reading.LEASE_LOST;
        }
      }
    }
  }

  private boolean renew(Claim claim, long verified) {
    return changeUnderLease(
        claim,
        "lease_until = now() + make_interval(secs => :value), verified_bytes = " + verified,
        LEASE);
  }

  private void giveBack(Claim claim) {
    var unused =
        changeUnderLease(
            claim, "lease_until = now() + make_interval(secs => :value)", AFTER_FAILURE);
  }

  private void giveBackAtOnce(Claim claim) {
    var unused =
        changeUnderLease(
            claim, "lease_until = now() + make_interval(secs => :value)", Duration.ZERO);
  }

  private boolean changeUnderLease(Claim claim, String change, Duration value) {
    return database.inPilot(
            claim.dataset().pilot(),
            transaction ->
                transaction
                    .createUpdate(
                        "UPDATE datasets.dataset SET "
                            + change
                            + " WHERE pilot_id = :pilot AND dataset_id = :id AND state ="
                            + " 'verifying' AND lease = :lease")
                    .bind("pilot", claim.dataset().pilot().value())
                    .bind("id", claim.dataset().id().value())
                    .bind("lease", claim.lease())
                    .bind("value", value.toSeconds())
                    .execute())
        == 1;
  }

  private void settle(Claim claim, Verdict verdict) {
    boolean spoke =
        database.inPilot(
            claim.dataset().pilot(),
            transaction ->
                switch (verdict) {
                  case Verdict.Agrees agrees -> publish(transaction, claim, agrees);
                  case Verdict.Differs differs -> quarantine(transaction, claim, differs);
                });
    listeners.forEach(Runnable::run);
    LOG.info(
        "verified dataset={} verdict={} spoke={}",
        claim.dataset().id(),
        verdict.getClass().getSimpleName(),
        spoke);
  }

  private boolean publish(Handle transaction, Claim claim, Verdict.Agrees agrees) {
    Dataset dataset = claim.dataset();
    int changed =
        transaction
            .createUpdate(
                "UPDATE datasets.dataset SET state = 'available', checksum = :checksum, media_type"
                    + " = :type, verified_bytes = size_bytes, lease_until = NULL, revision ="
                    + " revision + 1, updated_at = now(), available_at = now(), expires_at = now()"
                    + " + make_interval(days => retention_days) WHERE pilot_id = :pilot AND"
                    + " dataset_id = :id AND state = 'verifying' AND lease = :lease")
            .bind("checksum", agrees.checksum().digest())
            .bind("type", agrees.mediaType())
            .bind("pilot", dataset.pilot().value())
            .bind("id", dataset.id().value())
            .bind("lease", claim.lease())
            .execute();
    if (changed == 0) {
      return false;
    }
    Dataset available = DatasetRows.lockExisting(transaction, dataset.pilot(), dataset.id());
    pointers.tell(
        transaction, EventType.DATASET_AVAILABLE, available, DatasetRows.now(transaction));
    trail.record(
        transaction,
        event(available, "dataset.available", AuditEvent.Outcome.ALLOWED)
            .with(Map.of("checksum", agrees.checksum().toString())));
    return true;
  }

  private boolean quarantine(Handle transaction, Claim claim, Verdict.Differs differs) {
    Dataset dataset = claim.dataset();
    int changed =
        transaction
            .createUpdate(
                "UPDATE datasets.dataset SET state = 'quarantined', failure_code = :code,"
                    + " failure_detail = :detail, lease_until = NULL, revision = revision + 1,"
                    + " updated_at = now() WHERE pilot_id = :pilot AND dataset_id = :id AND state"
                    + " = 'verifying' AND lease = :lease")
            .bind("code", differs.code())
            .bind("detail", differs.detail())
            .bind("pilot", dataset.pilot().value())
            .bind("id", dataset.id().value())
            .bind("lease", claim.lease())
            .execute();
    if (changed == 0) {
      return false;
    }
    trail.record(
        transaction,
        event(dataset, "dataset.quarantine", AuditEvent.Outcome.FAILED)
            .with(Map.of("code", differs.code())));
    return true;
  }

  static AuditEvent event(Dataset dataset, String action, AuditEvent.Outcome outcome) {
    return new AuditEvent(
        PLATFORM, dataset.pilot(), action, Uploads.resource(dataset), outcome, Map.of());
  }

  @Override
  public void close() {
    running.set(false);
    wake.release(Math.max(1, threads.size()));
    for (Thread thread : threads) {
      try {
        if (!thread.join(Duration.ofSeconds(10))) {
          thread.interrupt();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
