package org.pilothouse.datasets.internal;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the datasets of migrations to the other place, a part at a time through memory, and reads
 * each copy back. Any number of nodes may: each dataset is leased by one, which may speak only
 * while the lease is its own. What is stored of a copy stays when a node ends, and another goes on
 * with the next part. Nobody outside sees anything of it before {@link Switchover}.
 */
final class Mover implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Mover.class);
  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final Duration TELL = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofSeconds(2);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
  private static final int BUFFER = 256 * 1024;
  private static final int TRIES_AT_ONE_PLACE = 3;

  /** With the pauses between them about two hours. */
  private static final int TRIES = 18;

  /** Of what another try rarely mends. */
  private static final int FEW_TRIES = 2;

  private static final int LONGEST_DETAIL = 500;

  private final Database database;
  private final Stores stores;
  private final Quotas quotas;
  private final Switchover switchover;
  private final Steps steps;
  private final Semaphore wake = new Semaphore(0);
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final List<Thread> threads = new ArrayList<>();

  Mover(Database database, Stores stores, Quotas quotas, Switchover switchover, Steps steps) {
    this.database = database;
    this.stores = stores;
    this.quotas = quotas;
    this.switchover = switchover;
    this.steps = steps;
  }

  /**
   * @param movers datasets that this node copies at once
   */
  void start(int movers) {
    for (int i = 0; i < movers; i++) {
      threads.add(
          Thread.ofPlatform()
              .name("migrations-" + i)
              .daemon(true)
              .start(() -> loop(this::workNext)));
    }
    // What leads is in nobody's way, and waits for no copy.
    threads.add(
        Thread.ofPlatform()
            .name("migrations-lead")
            .daemon(true)
            .start(() -> loop(switchover::workNext)));
  }

  /** There is something to do; must return at once. */
  void wake() {
    int asleep = threads.size() - wake.availablePermits();
    if (asleep > 0) {
      wake.release(asleep);
    }
  }

  private interface Work {
    boolean next();
  }

  private void loop(Work work) {
    while (running.get()) {
      Duration pause = POLL;
      try {
        if (work.next()) {
          continue;
        }
      } catch (RuntimeException | LinkageError e) {
        LOG.warn("cannot migrate, trying again", e);
        pause = AFTER_FAILURE;
      }
      try {
        var unused = wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Somebody else has the lease now, or it is not wanted any more. */
  private static final class LeaseLost extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** The node stops; another goes on. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Whether there was one. */
  boolean workNext() {
    Optional<Moves.Move> claimed = claim();
    claimed.ifPresent(this::move);
    return claimed.isPresent();
  }

  private Optional<Moves.Move> claim() {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "UPDATE datasets.move m SET lease = m.lease + 1, lease_until = now() +"
                    + " make_interval(secs => :lease) FROM (SELECT w.pilot_id, w.migration_id,"
                    + " w.dataset_id FROM datasets.move w JOIN datasets.migration g ON g.pilot_id ="
                    + " w.pilot_id AND g.migration_id = w.migration_id AND g.state IN ('copying',"
                    + " 'switching') WHERE w.state = 'waiting' AND (w.lease_until IS NULL OR"
                    + " w.lease_until < now()) AND (w.move_after IS NULL OR w.move_after <= now())"
                    + " ORDER BY w.lease_until NULLS FIRST LIMIT 1 FOR UPDATE OF w SKIP LOCKED) AS"
                    + " next WHERE (m.pilot_id, m.migration_id, m.dataset_id) = (next.pilot_id,"
                    + " next.migration_id, next.dataset_id) RETURNING "
                    + Moves.COLUMNS)
            .bind("lease", LEASE.toSeconds())
            .map((row, context) -> Moves.read(row))
            .findOne());
  }

  private void move(Moves.Move move) {
    steps.reached(Step.MOVE_CLAIMED);
    try {
      Dataset dataset =
          database.inPilot(
              move.pilot(),
              transaction ->
                  DatasetRows.find(transaction, move.pilot(), move.dataset())
                      .orElseThrow(DatasetRows::notFound));
      if (!Moves.isMovable(dataset) || !Moves.Spot.of(dataset).equals(move.from())) {
        drop(move);
        return;
      }
      reserve(move);
      ObjectStore target = stores.of(move.pilot(), move.to().bucket());
      if (!move.adopted()) {
        copy(move, dataset, target);
        steps.reached(Step.MOVE_COMPLETED);
      }
      compare(move, dataset, target);
    } catch (LeaseLost e) {
      LOG.info("lease lost move of={} lease={}", move.dataset(), move.lease());
    } catch (Stopped e) {
      pause(move, Duration.ZERO);
    } catch (Problem e) {
      later(move, e);
    } catch (IOException e) {
      later(
          move,
          Problem.caused(
              ProblemCode.ENDPOINT_UNREACHABLE,
              "The object breaks off while it is read, or comes too slowly.",
              e));
    }
  }

  /** It was withdrawn or removed meanwhile. */
  private void drop(Moves.Move move) {
    var unused =
        change(move, "state = 'dropping', lease_until = NULL, failures = 0, move_after = NULL");
  }

  /** Bytes that the platform did not keep before count from the first of them on. */
  private void reserve(Moves.Move move) {
    long more = move.to().held(move.size()) - move.from().held(move.size());
    if (more <= 0 || move.reserved() > 0) {
      return;
    }
    database.runInPilot(
        move.pilot(),
        transaction -> {
          quotas.reserve(transaction, move.pilot(), more);
          require(Moves.change(transaction, move, "waiting", "reserved_bytes = " + more));
        });
  }

  private static void require(boolean mine) {
    if (!mine) {
      throw new LeaseLost();
    }
  }

  private void copy(Moves.Move move, Dataset dataset, ObjectStore target) throws IOException {
    // A node may have ended between making the object and saying so; its parts are gone then.
    boolean made =
        move.lease() > 1
            && target
                .find(move.to().key())
                .filter(object -> object.size() == move.size())
                .isPresent();
    if (made) {
      return;
    }
    ObjectStore source = stores.of(move.pilot(), move.from().bucket());
    PartPlan plan = new PartPlan(move.size(), move.partSize());
    try (Source bytes = new Source(move, source)) {
      if (plan.count() == 1) {
        target.put(move.to().key(), dataset.mediaType(), bytes.read(0, (int) move.size()));
        steps.reached(Step.PART_MOVED);
        renew(move, move.size(), 0);
      } else {
        copyParts(move, dataset, target, plan, bytes);
      }
    }
  }

  private void copyParts(
      Moves.Move move, Dataset dataset, ObjectStore target, PartPlan plan, Source bytes)
      throws IOException {
    String key = move.to().key();
    String upload = move.uploadId();
    Optional<List<ObjectStore.Part>> known =
        upload == null ? Optional.empty() : target.parts(key, upload);
    if (upload == null || known.isEmpty()) {
      upload = begin(move, dataset, target);
    }
    Map<Integer, ObjectStore.Part> stored = new HashMap<>();
    known.orElse(List.of()).forEach(part -> stored.put(part.number(), part));
    List<ObjectStore.Part> parts = new ArrayList<>(plan.count());
    long done = 0;
    for (int number = 1; number <= plan.count(); number++) {
      long size = plan.sizeOf(number);
      ObjectStore.Part there = stored.get(number);
      if (there == null || there.size() != size) {
        byte[] part = bytes.read(done, (int) size);
        there = new ObjectStore.Part(number, size, target.putPart(key, upload, number, part));
        steps.reached(Step.PART_MOVED);
      }
      parts.add(there);
      done += size;
      renew(move, done, 0);
    }
    switch (target.complete(key, upload, parts)) {
      case COMPLETED -> {}
      case NO_SUCH_UPLOAD, PART_MISMATCH -> {
        // Begun anew at the next try.
        require(change(move, "upload_id = NULL, copied_bytes = 0"));
        target.abort(key, upload);
        throw Problem.of(ProblemCode.PART_MISMATCH, "The place does not keep the parts of a copy.");
      }
    }
  }

  private String begin(Moves.Move move, Dataset dataset, ObjectStore target) {
    String begun = target.begin(move.to().key(), dataset.mediaType());
    steps.reached(Step.MOVE_BEGUN);
    boolean named =
        database.inPilot(
            move.pilot(),
            transaction ->
                transaction
                        .createUpdate(
                            "UPDATE datasets.move SET upload_id = :upload WHERE pilot_id = :pilot"
                                + " AND migration_id = :migration AND dataset_id = :dataset AND"
                                + " state = 'waiting' AND lease = :lease")
                        .bind("upload", begun)
                        .bind("pilot", move.pilot().value())
                        .bind("migration", move.migration())
                        .bind("dataset", move.dataset().value())
                        .bind("lease", move.lease())
                        .execute()
                    == 1);
    if (!named) {
      target.abort(move.to().key(), begun);
      throw new LeaseLost();
    }
    return begun;
  }

  private void compare(Moves.Move move, Dataset dataset, ObjectStore target) throws IOException {
    Checksum wanted =
        dataset
            .checksum()
            .orElseThrow(() -> new IllegalStateException("available and never verified"));
    Digested bytes = readBack(move, target);
    Optional<ObjectStore.Head> head = target.describe(move.to().key(), false);
    steps.reached(Step.MOVE_VERIFIED);
    if (head.isEmpty()) {
      anew(move, dataset, target, missing());
    } else if (head.get().size() != move.size() || bytes.count() != move.size()) {
      anew(
          move,
          dataset,
          target,
          Problem.of(
              ProblemCode.SIZE_MISMATCH,
              "The copy has " + head.get().size() + " bytes, verified were " + move.size() + "."));
    } else {
      Checksum seen = bytes.checksum();
      if (seen.equals(wanted)) {
        copied(move, head.get().etag());
      } else {
        anew(
            move,
            dataset,
            target,
            Problem.of(
                ProblemCode.CHECKSUM_MISMATCH,
                "The copy has "
                    + seen
                    + ", verified was "
                    + wanted
                    + ". If that stays so, the object itself is another one by now."));
      }
    }
  }

  private static Problem missing() {
    return Problem.of(ProblemCode.OBJECT_MISSING, "There is no such object any more.");
  }

  private Digested readBack(Moves.Move move, ObjectStore target) throws IOException {
    Digested bytes = new Digested(move.size());
    Teller teller = new Teller(move, move.to().bucket() != null);
    byte[] buffer = new byte[BUFFER];
    int tries = 0;
    while (bytes.count() < move.size()) {
      Optional<InputStream> opened = target.open(move.to().key(), bytes.count());
      if (opened.isEmpty()) {
        return bytes;
      }
      try (InputStream in = opened.get()) {
        int length = in.read(buffer);
        while (length >= 0 && bytes.count() <= move.size()) {
          bytes.add(buffer, length);
          teller.tell(bytes.count(), move.size(), bytes.count());
          length = in.read(buffer);
        }
        return bytes;
      } catch (IOException e) {
        if (++tries >= TRIES_AT_ONE_PLACE) {
          throw e;
        }
        renew(move, move.size(), bytes.count());
      }
    }
    return bytes;
  }

  private void copied(Moves.Move move, String etag) {
    database.runInPilot(
        move.pilot(),
        transaction ->
            transaction
                .createUpdate(
                    "UPDATE datasets.move SET state = 'copied', copied_bytes = size_bytes,"
                        + " verified_bytes = size_bytes, upload_id = NULL, to_etag = :etag,"
                        + " lease_until = NULL, failures = 0, move_after = NULL, code = NULL,"
                        + " detail = NULL WHERE pilot_id = :pilot AND migration_id = :migration AND"
                        + " dataset_id = :dataset AND state = 'waiting' AND lease = :lease")
                .bind("etag", etag)
                .bind("pilot", move.pilot().value())
                .bind("migration", move.migration())
                .bind("dataset", move.dataset().value())
                .bind("lease", move.lease())
                .execute());
  }

  /** The copy is no good: the next one has another key, and this one goes. */
  private void anew(Moves.Move move, Dataset dataset, ObjectStore target, Problem because) {
    int attempt = move.attempt() + 1;
    String key =
        Moves.key(
            move.pilot(),
            move.dataset(),
            dataset.createdAt(),
            move.to().bucket(),
            move.migration(),
            attempt);
    boolean mine =
        database.inPilot(
            move.pilot(),
            transaction -> {
              if (move.adopted()) {
                Moves.disown(transaction, move);
              }
              return Moves.change(
                  transaction,
                  move,
                  "waiting",
                  "to_key = '"
                      + key
                      + "', to_written = true, adopted = false, attempt = "
                      + attempt
                      + ", upload_id = NULL, copied_bytes = 0, verified_bytes = 0");
            });
    if (!mine) {
      throw new LeaseLost();
    }
    if (!move.adopted()) {
      target.remove(move.to().key());
    }
    later(move, because);
  }

  /** Reads on where it was, as long as what is wanted comes next. */
  private final class Source implements AutoCloseable {
    private final Moves.Move move;
    private final ObjectStore store;
    private final Teller teller;
    private @Nullable InputStream in;
    private long position;
    private long count;

    Source(Moves.Move move, ObjectStore store) {
      this.move = move;
      this.store = store;
      this.teller = new Teller(move, move.from().bucket() != null);
    }

    byte[] read(long offset, int length) throws IOException {
      byte[] bytes = new byte[length];
      if (length == 0) {
        return bytes;
      }
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
        teller.tell(count, offset, 0);
      }
      return bytes;
    }

    private InputStream at(long offset) throws IOException {
      InputStream open = in;
      if (open == null || position != offset) {
        close();
        open = store.open(move.from().key(), offset).orElseThrow(Mover::missing);
        in = open;
        position = offset;
      }
      return open;
    }

    @Override
    public void close() throws IOException {
      if (in != null) {
        in.close();
      }
    }
  }

  /** Says now and then how far it is, and hears whether it is still to go on. */
  private final class Teller {
    private final Moves.Move move;
    private final Pace pace;
    private long told = System.nanoTime();

    Teller(Moves.Move move, boolean atSite) {
      this.move = move;
      this.pace = atSite ? new Pace.AtLeast() : new Pace.Any();
    }

    void tell(long count, long copied, long verified) throws IOException {
      if (System.nanoTime() - told > TELL.toNanos()) {
        told = System.nanoTime();
        if (!running.get()) {
          throw new Stopped();
        }
        renew(move, copied, verified);
        if (pace.isLost(count)) {
          throw new IOException("too slow");
        }
      }
    }
  }

  private void renew(Moves.Move move, long copied, long verified) {
    require(
        change(
            move,
            "lease_until = now() + make_interval(secs => "
                + LEASE.toSeconds()
                + "), copied_bytes = "
                + copied
                + ", verified_bytes = "
                + verified));
  }

  private boolean change(Moves.Move move, String change) {
    return database.inPilot(
        move.pilot(), transaction -> Moves.change(transaction, move, "waiting", change));
  }

  private void pause(Moves.Move move, Duration pause) {
    var unused =
        change(
            move,
            "lease_until = NULL, move_after = now() + make_interval(secs => "
                + pause.toSeconds()
                + ")");
  }

  /** One that is given up holds up the switch until somebody looks at it. */
  private void later(Moves.Move move, Problem because) {
    boolean counts = because.code() != ProblemCode.UNAVAILABLE;
    int most =
        switch (because.code()) {
          case CHECKSUM_MISMATCH, SIZE_MISMATCH, OBJECT_MISSING -> FEW_TRIES;
          default -> TRIES;
        };
    boolean given = counts && move.failures() >= most;
    LOG.info(
        "not moved now dataset={} code={} given_up={}",
        move.dataset(),
        because.code().code(),
        given);
    database.runInPilot(
        move.pilot(), transaction -> note(transaction, move, because, counts, given));
  }

  private static void note(
      Handle transaction, Moves.Move move, Problem because, boolean counts, boolean given) {
    String detail = because.detail();
    transaction
        .createUpdate(
            "UPDATE datasets.move SET state = CASE WHEN :given THEN 'failed' ELSE state END,"
                + " failures = failures + :more, lease_until = NULL, move_after = now() +"
                + " make_interval(secs => :pause), code = :code, detail = :detail WHERE pilot_id ="
                + " :pilot AND migration_id = :migration AND dataset_id = :dataset AND state ="
                + " 'waiting' AND lease = :lease")
        .bind("given", given)
        .bind("more", counts ? 1 : 0)
        .bind("pause", pauseAfter(move.failures()).toSeconds())
        .bind("code", because.code().code())
        .bind("detail", detail.substring(0, Math.min(LONGEST_DETAIL, detail.length())))
        .bind("pilot", move.pilot().value())
        .bind("migration", move.migration())
        .bind("dataset", move.dataset().value())
        .bind("lease", move.lease())
        .execute();
  }

  static Duration pauseAfter(int failures) {
    return Duration.ofSeconds(
        Math.min(LONGEST_PAUSE.toSeconds(), AFTER_FAILURE.toSeconds() << Math.min(failures, 16)));
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
