package org.pilothouse.datasets.internal;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies chosen datasets from a pilot's endpoint to the centre, one after the other, a part at a
 * time through memory. A copy is an upload of the platform's own: what is stored of it stays when a
 * node ends, another one goes on with the next part, and verification compares all bytes with the
 * checksum of the source before anybody is told.
 */
final class Copier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Copier.class);
  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final Duration TELL = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofSeconds(2);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
  private static final int BUFFER = 256 * 1024;
  private static final int PARTS_ASKED = 100;

  /** With the pauses between them about two hours. */
  private static final int TRIES = 18;

  private final Database database;
  private final Stores stores;
  private final Uploads uploads;
  private final Quotas quotas;
  private final Verification verification;
  private final CopyEnds ends;
  private final EventIds ids;
  private final Steps steps;
  private final Semaphore wake = new Semaphore(0);
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final Thread thread;

  Copier(
      Database database,
      Stores stores,
      Uploads uploads,
      Quotas quotas,
      Verification verification,
      CopyEnds ends,
      EventIds ids,
      Steps steps) {
    this.database = database;
    this.stores = stores;
    this.uploads = uploads;
    this.quotas = quotas;
    this.verification = verification;
    this.ends = ends;
    this.ids = ids;
    this.steps = steps;
    this.thread = Thread.ofPlatform().name("curations").daemon(true).unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  /** There is something to copy; must return at once. */
  void wake() {
    if (wake.availablePermits() == 0) {
      wake.release();
    }
  }

  private void loop() {
    while (running.get()) {
      Duration pause = POLL;
      try {
        if (copyNext()) {
          continue;
        }
      } catch (RuntimeException | LinkageError e) {
        LOG.warn("cannot copy, trying again", e);
        pause = AFTER_FAILURE;
      }
      try {
        var unused = wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** A copy that is this node's to make. */
  private record Claim(
      PilotId pilot,
      String curation,
      DatasetId source,
      @Nullable DatasetId target,
      String actor,
      boolean cancelled,
      long lease,
      int failures) {}

  /** Somebody else has the lease now. */
  private static final class LeaseLost extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Whether there was one. */
  boolean copyNext() {
    Optional<Claim> claimed = claim();
    claimed.ifPresent(this::copy);
    return claimed.isPresent();
  }

  private Optional<Claim> claim() {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "UPDATE datasets.copy c SET lease = c.lease + 1, lease_until = now() +"
                    + " make_interval(secs => :lease) FROM (SELECT pilot_id, curation_id, source_id"
                    + " FROM datasets.copy WHERE state = 'waiting' AND (lease_until IS NULL OR"
                    + " lease_until < now()) AND (copy_after IS NULL OR copy_after <= now()) ORDER"
                    + " BY lease_until NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED) AS next JOIN"
                    + " datasets.curation k ON (k.pilot_id, k.curation_id) = (next.pilot_id,"
                    + " next.curation_id) WHERE (c.pilot_id, c.curation_id, c.source_id) ="
                    + " (next.pilot_id, next.curation_id, next.source_id) RETURNING c.pilot_id,"
                    + " c.curation_id, c.source_id, c.target_id, k.created_by, k.cancelled_at IS"
                    + " NOT NULL AS cancelled, c.lease, c.failures")
            .bind("lease", LEASE.toSeconds())
            .map((row, context) -> {
              String target = row.getString("target_id");
              return new Claim(
                  new PilotId(row.getString("pilot_id")),
                  row.getString("curation_id"),
                  new DatasetId(row.getString("source_id")),
                  target == null ? null : new DatasetId(target),
                  row.getString("created_by"),
                  row.getBoolean("cancelled"),
                  row.getLong("lease"),
                  row.getInt("failures"));
            })
            .findOne());
  }

  private void copy(Claim claim) {
    steps.reached(Step.COPY_CLAIMED);
    if (claim.cancelled()) {
      ends.end(claim.pilot(), claim.curation(), claim.source());
      return;
    }
    try {
      Dataset source = find(claim.pilot(), claim.source());
      Dataset target = target(claim, source);
      if (target.state() == DatasetState.UPLOADING) {
        send(claim, source, target);
        verification.wake();
        steps.reached(Step.COPY_COMPLETED);
      }
      end(claim, "copied", null, source.size());
    } catch (LeaseLost e) {
      LOG.info("lease lost copy of={} lease={}", claim.source(), claim.lease());
    } catch (Stopped e) {
      pause(claim, Duration.ZERO, false);
    } catch (Problem e) {
      later(claim, e);
    } catch (IOException e) {
      later(
          claim,
          Problem.caused(
              ProblemCode.ENDPOINT_UNREACHABLE,
              "The object breaks off while it is read, or comes too slowly.",
              e));
    }
  }

  private Dataset find(PilotId pilot, DatasetId id) {
    return database.inPilot(
        pilot,
        transaction -> DatasetRows.find(transaction, pilot, id).orElseThrow(DatasetRows::notFound));
  }

  /** Declared with the copy's own row: there is never a second one. */
  private Dataset target(Claim claim, Dataset source) {
    if (claim.target() != null) {
      Dataset target = find(claim.pilot(), claim.target());
      if (target.state() == DatasetState.DELETING || target.state() == DatasetState.DELETED) {
        throw Problem.of(ProblemCode.CONFLICT, "The copy was given up meanwhile.");
      }
      return target;
    }
    requireReadable(source);
    DatasetId id = new DatasetId(ids.next().toString());
    Dataset target =
        database.inPilot(claim.pilot(), transaction -> declare(transaction, claim, source, id));
    steps.reached(Step.COPY_DECLARED);
    return target;
  }

  private Dataset declare(Handle transaction, Claim claim, Dataset source, DatasetId id) {
    quotas.add(transaction, claim.pilot(), source.size(), true);
    Declarations.insert(
        transaction,
        caller(claim),
        claim.pilot(),
        id,
        new NewDataset(
            source.name(),
            source.mediaType(),
            source.size(),
            source.checksum(),
            source.schemaRef(),
            source.tags(),
            new Dataset.Lineage(List.of(source.id()), Dataset.Maker.JOB, claim.curation()),
            source.retentionDays(),
            null),
        Declarations.At.UPLOADING);
    if (!change(transaction, claim, "target_id = '" + id + "'")) {
      throw new LeaseLost();
    }
    return DatasetRows.lockExisting(transaction, claim.pilot(), id);
  }

  /** Who asked for it; of the person only the name is known by now. */
  private static Caller caller(Claim claim) {
    String name = claim.actor().substring(claim.actor().indexOf(':') + 1);
    return new Caller.Person(name, Set.of(), claim.pilot(), "curation", false);
  }

  private static void requireReadable(Dataset source) {
    if (source.state() != DatasetState.AVAILABLE) {
      throw Problem.of(ProblemCode.CONFLICT, "It is " + source.state().word() + " by now.");
    }
  }

  private void send(Claim claim, Dataset source, Dataset target) throws IOException {
    // A node may have ended between making the object and saying so; its parts are gone then.
    boolean made =
        stores
            .centre()
            .find(target.key())
            .filter(object -> object.size() == target.size())
            .isPresent();
    List<Uploads.SentPart> sent = made ? List.of() : sendParts(claim, source, target);
    var unused =
        uploads.complete(caller(claim), claim.pilot(), target.id(), sent, Optional.empty());
  }

  private List<Uploads.SentPart> sendParts(Claim claim, Dataset source, Dataset target)
      throws IOException {
    List<Uploads.SentPart> sent = new ArrayList<>();
    Reader reader = new Reader(claim, source, stores.of(source), new Pace.AtLeast());
    try (reader) {
      Integer next = 1;
      while (next != null) {
        Uploads.Upload upload = uploads.look(claim.pilot(), target.id(), next, PARTS_ASKED);
        for (Uploads.Part part : upload.parts()) {
          long offset = (part.number() - 1) * upload.partSize();
          String etag = part.etag();
          if (etag == null) {
            byte[] bytes = reader.read(offset, (int) part.size());
            etag = uploads.putPart(claim.pilot(), target.id(), part.number(), bytes);
            steps.reached(Step.PART_COPIED);
          }
          sent.add(new Uploads.SentPart(part.number(), etag));
          renew(claim, offset + part.size());
        }
        next = upload.nextPart();
      }
    }
    return sent;
  }

  /** The node stops; another goes on. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Reads on where it was, as long as what is wanted comes next. */
  private final class Reader implements AutoCloseable {
    private final Claim claim;
    private final Dataset source;
    private final ObjectStore store;
    private final Pace pace;
    private @Nullable InputStream in;
    private long position;
    private long told = System.nanoTime();
    private long count;

    Reader(Claim claim, Dataset source, ObjectStore store, Pace pace) {
      this.claim = claim;
      this.source = source;
      this.store = store;
      this.pace = pace;
    }

    byte[] read(long offset, int length) throws IOException {
      byte[] bytes = new byte[length];
      InputStream open = at(offset);
      int filled = 0;
      while (filled < length) {
        int read = open.read(bytes, filled, Math.min(BUFFER, length - filled));
        if (read < 0) {
          throw new IOException("the object ends early");
        }
        filled += read;
        position += read;
        count += read;
        tell(offset);
      }
      return bytes;
    }

    private InputStream at(long offset) throws IOException {
      InputStream open = in;
      if (open == null || position != offset) {
        close();
        open =
            store
                .open(source.key(), offset)
                .orElseThrow(() ->
                    Problem.of(ProblemCode.OBJECT_MISSING, "There is no such object any more."));
        in = open;
        position = offset;
      }
      return open;
    }

    private void tell(long offset) throws IOException {
      if (System.nanoTime() - told > TELL.toNanos()) {
        told = System.nanoTime();
        if (!running.get()) {
          throw new Stopped();
        }
        renew(claim, offset);
        if (pace.isLost(count)) {
          throw new IOException("too slow");
        }
      }
    }

    @Override
    public void close() throws IOException {
      if (in != null) {
        in.close();
      }
    }
  }

  private void renew(Claim claim, long copied) {
    boolean mine =
        database.inPilot(
            claim.pilot(),
            transaction ->
                change(
                    transaction,
                    claim,
                    "lease_until = now() + make_interval(secs => "
                        + LEASE.toSeconds()
                        + "), copied_bytes = "
                        + copied));
    if (!mine) {
      throw new LeaseLost();
    }
  }

  /** What cannot become otherwise ends at once. */
  private void later(Claim claim, Problem because) {
    boolean inVain =
        switch (because.code()) {
          case CONFLICT, NOT_FOUND, INVALID_VALUE -> true;
          default -> claim.failures() >= TRIES;
        };
    LOG.info(
        "not copied now dataset={} code={} in_vain={}",
        claim.source(),
        because.code().code(),
        inVain);
    if (inVain) {
      end(claim, "failed", because, 0);
    } else {
      pause(
          claim,
          Duration.ofSeconds(
              Math.min(LONGEST_PAUSE.toSeconds(), AFTER_FAILURE.toSeconds() << claim.failures())),
          true);
    }
  }

  private void pause(Claim claim, Duration pause, boolean failed) {
    database.runInPilot(
        claim.pilot(),
        transaction ->
            change(
                transaction,
                claim,
                "lease_until = NULL, copy_after = now() + make_interval(secs => "
                    + pause.toSeconds()
                    + "), failures = failures + "
                    + (failed ? 1 : 0)));
  }

  private void end(Claim claim, String state, @Nullable Problem because, long copied) {
    database.runInPilot(
        claim.pilot(),
        transaction ->
            transaction
                .createUpdate(
                    "UPDATE datasets.copy SET state = :state, code = :code, detail = :detail,"
                        + " copied_bytes = greatest(copied_bytes, :copied), lease_until ="
                        + " NULL, ended_at = now() WHERE pilot_id = :pilot AND curation_id = :curation AND source_id ="
                        + " :source AND state = 'waiting' AND lease = :lease")
                .bind("state", state)
                .bind("code", because == null ? null : because.code().code())
                .bind("detail", because == null ? null : because.detail())
                .bind("copied", copied)
                .bind("pilot", claim.pilot().value())
                .bind("curation", claim.curation())
                .bind("source", claim.source().value())
                .bind("lease", claim.lease())
                .execute());
  }

  /** Whether the copy is still this node's, which a cancellation ends. */
  private static boolean change(Handle transaction, Claim claim, String change) {
    return transaction
            .createUpdate(
                "UPDATE datasets.copy SET "
                    + change
                    + " WHERE pilot_id = :pilot AND curation_id = :curation AND source_id ="
                    + " :source AND state = 'waiting' AND lease = :lease AND NOT EXISTS (SELECT 1"
                    + " FROM datasets.curation k WHERE k.pilot_id = :pilot AND k.curation_id ="
                    + " :curation AND k.cancelled_at IS NOT NULL)")
            .bind("pilot", claim.pilot().value())
            .bind("curation", claim.curation())
            .bind("source", claim.source().value())
            .bind("lease", claim.lease())
            .execute()
        == 1;
  }

  @Override
  public void close() {
    running.set(false);
    wake.release();
    try {
      if (thread.isAlive() && !thread.join(Duration.ofSeconds(10))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
