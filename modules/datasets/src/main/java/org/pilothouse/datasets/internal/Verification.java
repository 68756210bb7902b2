package org.pilothouse.datasets.internal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
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

  /** With the pauses between them about two hours. */
  private static final int TRIES_AT_A_SITE = 18;

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
  private static final String UNREADABLE_OBJECT =
      "The object breaks off while it is read, or comes too slowly.";

  private final Database database;
  private final Stores stores;
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
      Stores stores,
      Pointers pointers,
      AuditTrail trail,
      Steps steps,
      MeterRegistry metrics) {
    this.database = database;
    this.stores = stores;
    this.pointers = pointers;
    this.trail = trail;
    this.steps = steps;
    this.bytesRead =
        Counter.builder("pilothouse.datasets.verified.bytes")
            .description("Bytes read back to verify them")
            .register(metrics);
  }

  /**
   * Which bytes a thread reads: those of pilots' endpoints may come slowly, and hold up no other.
   */
  private enum Lane {
    CENTRE("site_bucket IS NULL"),
    /** One of a pilot at a time, so that none keeps the others from their turn. */
    SITES(
        "site_bucket IS NOT NULL AND (verify_after IS NULL OR verify_after <= now()) AND NOT EXISTS"
            + " (SELECT 1 FROM datasets.dataset other WHERE other.pilot_id = dataset.pilot_id AND"
            + " other.site_bucket IS NOT NULL AND other.state = 'verifying' AND other.lease_until >"
            + " now())");

    private final String condition;

    Lane(String condition) {
      this.condition = condition;
    }
  }

  void start(int verifiers) {
    for (Lane lane : Lane.values()) {
      for (int i = 0; i < verifiers; i++) {
        threads.add(
            Thread.ofPlatform()
                .name("verify-" + lane.name().toLowerCase(Locale.ROOT) + "-" + i)
                .daemon(true)
                .start(() -> loop(lane)));
      }
    }
  }

  /** Called whenever it is known of a dataset what came of it; must return at once. */
  void onSettled(Runnable listener) {
    listeners.add(listener);
  }

  /** There is something to verify; must return at once. */
  void wake() {
    // All of them: which of them may read it, it is not known here.
    int asleep = threads.size() - wake.availablePermits();
    if (asleep > 0) {
      wake.release(asleep);
    }
  }

  private void loop(Lane lane) {
    while (running.get()) {
      Duration pause = POLL;
      try {
        if (verifyNext(lane)) {
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
    return verifyNext(Lane.CENTRE) || verifyNext(Lane.SITES);
  }

  private boolean verifyNext(Lane lane) {
    Optional<Claim> claimed = claim(lane);
    claimed.ifPresent(this::verify);
    return claimed.isPresent();
  }

  private Optional<Claim> claim(Lane lane) {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "UPDATE datasets.dataset d SET lease = lease + 1, lease_until = now() +"
                    + " make_interval(secs => :lease), verified_bytes = 0 FROM (SELECT"
                    + " pilot_id, dataset_id FROM datasets.dataset WHERE state = 'verifying'"
                    + " AND (lease_until IS NULL OR lease_until < now()) AND "
                    + lane.condition
                    + " ORDER BY lease_until"
                    + " NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED) AS next WHERE (d.pilot_id,"
                    + " d.dataset_id) = (next.pilot_id, next.dataset_id) RETURNING d.lease, "
                    + DatasetRows.COLUMNS)
            .bind("lease", LEASE.toSeconds())
            .map((row, context) -> new Claim(DatasetRows.read(row), row.getLong("lease")))
            .findOne());
  }

  private void verify(Claim claim) {
    steps.reached(Step.VERIFICATION_CLAIMED);
    try {
      switch (claim.dataset().place()) {
        case Dataset.Place.Centre centre -> verifyWhole(claim, stores.centre(), Optional.empty());
        case Dataset.Place.AtSite site -> verifyAtSite(claim, stores.of(claim.dataset()));
      }
    } catch (Problem e) {
      if (!isOfAStore(e)) {
        throw e;
      }
      later(claim, e);
    }
  }

  private static boolean isOfAStore(Problem problem) {
    return switch (problem.code()) {
      case UNAVAILABLE,
          ENDPOINT_NOT_ALLOWED,
          ENDPOINT_UNREACHABLE,
          CREDENTIALS_REFUSED,
          AGREEMENT_ENDED,
          CONFLICT ->
          true;
      default -> false;
    };
  }

  /** Whoever owns the object may put another one at any time: it is described before and after. */
  private void verifyAtSite(Claim claim, ObjectStore store) {
    Dataset dataset = claim.dataset();
    boolean trusted = stores.trustsStoredChecksums(dataset);
    Optional<ObjectStore.Head> head = store.describe(dataset.key(), trusted);
    if (head.isEmpty()) {
      settle(claim, missing());
      return;
    }
    if (head.get().size() != dataset.size()) {
      settle(claim, otherSize(dataset, head.get().size()));
      return;
    }
    Optional<Checksum> stored = head.get().sha256().map(Checksum::new);
    if (stored.isPresent()) {
      verifyHead(claim, store, head.get(), stored.get());
    } else {
      verifyWhole(claim, store, head);
    }
  }

  /** The store's word stands for the bytes; only the first are read, for their type. */
  private void verifyHead(Claim claim, ObjectStore store, ObjectStore.Head head, Checksum stored) {
    Dataset dataset = claim.dataset();
    Digested bytes = new Digested(Math.min(dataset.size(), Digested.HEAD));
    try (InputStream in = store.open(dataset.key(), 0).orElse(InputStream.nullInputStream())) {
      bytes.add(in.readNBytes(bytes.room()));
    } catch (IOException e) {
      later(claim, slow(e));
      return;
    }
    steps.reached(Step.BYTES_VERIFIED);
    settle(claim, compared(dataset, stored, bytes.head(), head.etag()));
  }

  private void verifyWhole(Claim claim, ObjectStore store, Optional<ObjectStore.Head> head) {
    Dataset dataset = claim.dataset();
    Digested bytes = new Digested(dataset.size());
    switch (read(claim, store, bytes)) {
      case WHOLE -> {
        if (head.isPresent() && !isStill(store, dataset, head.get())) {
          later(
              claim,
              Problem.of(
                  ProblemCode.ENDPOINT_UNREACHABLE, "The object was put again while it was read."));
          return;
        }
        steps.reached(Step.BYTES_VERIFIED);
        settle(claim, verdict(dataset, bytes, head.map(ObjectStore.Head::etag).orElse(null)));
      }
      case ABSENT -> settle(claim, missing());
      case LEASE_LOST -> LOG.info("lease lost dataset={} lease={}", dataset.id(), claim.lease());
      case UNREADABLE -> later(claim, slow(null));
      case STOPPED -> giveBackAtOnce(claim);
    }
  }

  private static boolean isStill(ObjectStore store, Dataset dataset, ObjectStore.Head before) {
    return store
        .describe(dataset.key(), false)
        .filter(now -> now.size() == before.size() && now.etag().equals(before.etag()))
        .isPresent();
  }

  private static Problem slow(@Nullable IOException cause) {
    return cause == null
        ? Problem.of(ProblemCode.ENDPOINT_UNREACHABLE, UNREADABLE_OBJECT)
        : Problem.caused(ProblemCode.ENDPOINT_UNREACHABLE, UNREADABLE_OBJECT, cause);
  }

  private static Verdict missing() {
    return new Verdict.Differs(
        ProblemCode.OBJECT_MISSING.code(), "Object storage has no bytes of this dataset.");
  }

  /** What is known of bytes. */
  private sealed interface Verdict {
    /** They are what was declared. */
    record Agrees(Checksum checksum, String mediaType, @Nullable String etag) implements Verdict {}

    /** They are not. */
    record Differs(String code, String detail) implements Verdict {}
  }

  private static Verdict verdict(Dataset dataset, Digested bytes, @Nullable String etag) {
    return bytes.count() == dataset.size()
        ? compared(dataset, bytes.checksum(), bytes.head(), etag)
        : otherSize(dataset, bytes.count());
  }

  private static Verdict otherSize(Dataset dataset, long size) {
    return new Verdict.Differs(
        ProblemCode.SIZE_MISMATCH.code(),
        "There are " + size + " bytes, declared were " + dataset.size() + ".");
  }

  private static Verdict compared(
      Dataset dataset, Checksum checksum, byte[] head, @Nullable String etag) {
    return Stream.of(dataset.declared(), dataset.sent())
        .flatMap(Optional::stream)
        .filter(said -> !said.equals(checksum))
        .findFirst()
        .<Verdict>map(said ->
            new Verdict.Differs(
                ProblemCode.CHECKSUM_MISMATCH.code(),
                "The bytes have " + checksum + ", declared was " + said + "."))
        .orElseGet(() ->
            new Verdict.Agrees(checksum, ContentTypes.of(head, dataset.declaredType()), etag));
  }

  private enum Reading {
    WHOLE,
    ABSENT,
    LEASE_LOST,
    UNREADABLE,
    STOPPED
  }

  /** Goes on where a connection broke, a few times at each place. */
  private Reading read(Claim claim, ObjectStore store, Digested bytes) {
    Pace pace = claim.dataset().atSite() ? new Pace.AtLeast() : new Pace.Any();
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
        return readOn(claim, bytes, in, pace);
      } catch (IOException e) {
        LOG.warn(
            "reading broke off dataset={} at={} error={}",
            claim.dataset().id(),
            bytes.count(),
            e.toString());
        if (++tries >= TRIES_AT_ONE_PLACE || pace.isLost(bytes.count())) {
          return Reading.UNREADABLE;
        }
        // Who breaks off again and again is read for as long as who does not.
        if (!renew(claim, bytes.count())) {
          return Reading.LEASE_LOST;
        }
      }
    }
  }

  private Reading readOn(Claim claim, Digested bytes, InputStream in, Pace pace)
      throws IOException {
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
        if (pace.isLost(bytes.count())) {
          return Reading.UNREADABLE;
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

  /**
   * The consortium's store is asked for ever; a pilot's endpoint until it is clear that it is in
   * vain.
   */
  private void later(Claim claim, Problem because) {
    if (!claim.dataset().atSite()) {
      var unused =
          changeUnderLease(
              claim, "lease_until = now() + make_interval(secs => :value)", AFTER_FAILURE);
      return;
    }
    int failures = failuresOf(claim.dataset());
    if (failures >= TRIES_AT_A_SITE) {
      settle(claim, new Verdict.Differs(because.code().code(), because.detail()));
      return;
    }
    long pause = Math.min(LONGEST_PAUSE.toSeconds(), AFTER_FAILURE.toSeconds() << failures);
    var unused =
        changeUnderLease(
            claim,
            "lease_until = NULL, verify_failures = verify_failures + 1, verify_after = now() +"
                + " make_interval(secs => :value)",
            Duration.ofSeconds(pause));
  }

  private int failuresOf(Dataset dataset) {
    return database.inPilot(
        dataset.pilot(),
        transaction ->
            transaction
                .createQuery(
                    "SELECT verify_failures FROM datasets.dataset WHERE pilot_id = :pilot AND"
                        + " dataset_id = :id")
                .bind("pilot", dataset.pilot().value())
                .bind("id", dataset.id().value())
                .mapTo(Integer.class)
                .one());
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
                "UPDATE datasets.dataset SET state = 'available', checksum = :checksum, object_etag ="
                    + " :etag, seen_state = CASE WHEN site_bucket IS NULL THEN NULL ELSE"
                    + " 'reachable' END, seen_at = CASE WHEN site_bucket IS NULL THEN NULL ELSE"
                    + " now() END, media_type = :type, verified_bytes = size_bytes, lease_until = NULL, revision ="
                    + " revision + 1, updated_at = now(), available_at = now(), expires_at = now()"
                    + " + make_interval(days => retention_days) WHERE pilot_id = :pilot AND"
                    + " dataset_id = :id AND state = 'verifying' AND lease = :lease")
            .bind("checksum", agrees.checksum().digest())
            .bind("type", agrees.mediaType())
            .bind("etag", agrees.etag())
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
