package org.pilothouse.datasets.internal;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.Site;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares what object storage holds of a pilot with what the catalogue says. Both are read in the
 * order of keys, side by side, so that it takes no more memory for a million objects than for one.
 * What nobody names is marked, looked at again after the grace time, and only then removed: between
 * the two looks a node may be anywhere in the middle of its work.
 */
public final class Sweeper {
  private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
  private static final int PAGE = 1_000;
  private static final int MOST_TOLD = 500;

  /** A sweep reads the whole catalogue and the whole store of a pilot. */
  private static final int ASKED_AT_ONCE = 2;

  private static final Duration SOON = Duration.ofSeconds(10);

  /** Of each kind in one sweep; the next ones take the rest. */
  private static final int MOST_MARKED = 10_000;

  private final Database database;
  private final Stores stores;
  private final Sites sites;
  private final AuditTrail trail;
  private final Duration grace;
  private final Duration patience;
  private final AtomicLong orphans = new AtomicLong();
  private final AtomicLong missing = new AtomicLong();
  private final Semaphore asking = new Semaphore(ASKED_AT_ONCE);
  private final Map<PilotId, Counts> latest = new ConcurrentHashMap<>();

  Sweeper(
      Database database,
      Stores stores,
      Sites sites,
      AuditTrail trail,
      Duration grace,
      Duration patience,
      MeterRegistry metrics) {
    this.database = database;
    this.stores = stores;
    this.sites = sites;
    this.trail = trail;
    this.grace = grace;
    this.patience = patience;
    Gauge.builder("pilothouse.datasets.orphaned.objects", orphans, AtomicLong::get)
        .description("Objects that no dataset names, at the last sweep")
        .register(metrics);
    Gauge.builder("pilothouse.datasets.missing.objects", missing, AtomicLong::get)
        .description("Datasets whose object is absent or has another size, at the last sweep")
        .register(metrics);
  }

  private record Counts(long orphans, long missing) {}

  /** What may be wrong. */
  public enum Kind {
    /** No dataset names the object. */
    ORPHANED_OBJECT,
    /** A dataset is available and its object is absent, or has another size. */
    MISSING_OBJECT,
    /** Nobody goes on with an upload; it is given up when its time has come. */
    ABANDONED_UPLOAD,
    /** The store has an upload under way that no dataset names. */
    LEFTOVER_UPLOAD
  }

  /** What was done about it. */
  public enum Action {
    NONE,
    MARKED,
    REMOVED,
    ABORTED,
    ALARM
  }

  /**
   * Something that is not as it should be.
   *
   * @param due when it will be removed; null where it will not
   */
  public record Finding(
      Kind kind,
      String objectUri,
      @Nullable String datasetId,
      @Nullable Long size,
      Instant firstSeen,
      @Nullable Instant due,
      Action action) {}

  /** What a look at a pilot's part of the hold has found. */
  public record Swept(Instant at, List<Finding> findings, boolean truncated) {}

  /**
   * What it would do.
   *
   * @throws Problem {@code too_many_requests} while others look
   */
  public Swept look(PilotId pilot) {
    return asked(pilot, false);
  }

  /**
   * Does it, because somebody asked for it.
   *
   * @throws Problem {@code too_many_requests} while others look
   */
  public Swept run(Caller caller, PilotId pilot) {
    Swept swept = asked(pilot, true);
    trail.record(
        AuditEvent.allowed(caller, pilot, "storage.sweep", "pilot:" + pilot)
            .with(Map.of("findings", Integer.toString(swept.findings().size()))));
    return swept;
  }

  private Swept asked(PilotId pilot, boolean act) {
    if (!asking.tryAcquire()) {
      throw Problem.retry(
          ProblemCode.TOO_MANY_REQUESTS, "Others are sweeping; try again soon.", SOON);
    }
    try {
      return sweep(pilot, act);
    } finally {
      asking.release();
    }
  }

  Swept sweep(PilotId pilot, boolean act) {
    Instant now = database.inPilot(pilot, DatasetRows::now);
    Round round = new Round(pilot, now, act);
    new Place(round, stores.centre(), null, pilot + "/").look();
    sites.find(pilot).ifPresent(site -> lookAtOwnPart(round, site));
    round.abandoned();
    round.atSites();
    if (act) {
      round.forgetMarks();
      latest.put(pilot, new Counts(round.orphaned, round.lost));
      orphans.set(latest.values().stream().mapToLong(Counts::orphans).sum());
      missing.set(latest.values().stream().mapToLong(Counts::missing).sum());
    }
    return new Swept(now, round.findings, round.truncated);
  }

  /**
   * Nothing else there is listed: it is the pilot's. One that is away is looked at another time.
   */
  private void lookAtOwnPart(Round round, Site site) {
    if (!site.takesUploads() && !sites.hasWritten(site.pilot())) {
      return;
    }
    try {
      new Place(round, stores.of(site), site.bucket(), Stores.OWN_PREFIX + site.pilot() + "/")
          .look();
    } catch (Problem e) {
      LOG.warn("a pilot's endpoint is not swept pilot={} code={}", site.pilot(), e.code().code());
      round.truncated = true;
    }
  }

  /** A row of the catalogue, as far as it concerns objects. */
  private record Row(String key, String datasetId, DatasetState state, long size) {}

  /** One look at one pilot. */
  private final class Round {
    private final PilotId pilot;
    private final Instant now;
    private final boolean act;
    private final List<Finding> findings = new ArrayList<>();
    private boolean truncated;
    private long orphaned;
    private long lost;

    Round(PilotId pilot, Instant now, boolean act) {
      this.pilot = pilot;
      this.now = now;
      this.act = act;
    }

    void abandoned() {
      List<Finding> rested =
          database.inPilot(
              pilot,
              transaction ->
                  transaction
                      .createQuery(
                          "SELECT site_bucket, object_key, dataset_id, updated_at FROM datasets.dataset WHERE"
                              + " pilot_id = :pilot AND state = 'uploading' AND updated_at < now()"
                              + " - make_interval(secs => :grace) ORDER BY updated_at LIMIT :most")
                      .bind("pilot", pilot.value())
                      .bind("grace", grace.toSeconds())
                      .bind("most", MOST_TOLD)
                      .map((row, context) -> {
                        Instant since = DatasetRows.instant(row, "updated_at");
                        return new Finding(
                            Kind.ABANDONED_UPLOAD,
                            uriOf(row.getString("site_bucket"), row.getString("object_key")),
                            row.getString("dataset_id"),
                            null,
                            since,
                            since.plus(patience),
                            Action.NONE);
                      })
                      .list());
      rested.forEach(this::tell);
    }

    /**
     * What looks at the pilot's own endpoint have shown. Nothing there is listed: other objects
     * than the registered ones are the pilot's alone.
     */
    void atSites() {
      List<Finding> lost =
          database.inPilot(
              pilot,
              transaction ->
                  transaction
                      .createQuery(
                          "SELECT site_bucket, object_key, dataset_id, seen_at FROM"
                              + " datasets.dataset WHERE pilot_id = :pilot AND site_bucket IS NOT"
                              + " NULL AND NOT site_written AND state = 'available' AND seen_state IN ('object_missing',"
                              + " 'object_changed') ORDER BY seen_at LIMIT :most")
                      .bind("pilot", pilot.value())
                      .bind("most", MOST_TOLD)
                      .map((row, context) ->
                          new Finding(
                              Kind.MISSING_OBJECT,
                              ObjectStore.uriOf(
                                      row.getString("site_bucket"), row.getString("object_key"))
                                  .toString(),
                              row.getString("dataset_id"),
                              null,
                              DatasetRows.instant(row, "seen_at"),
                              null,
                              act ? Action.ALARM : Action.NONE))
                      .list());
      this.lost += lost.size();
      lost.forEach(this::tell);
    }

    /** When it was seen first; a dry run leaves no mark. */
    private Instant mark(Kind kind, String key, String uploadId, @Nullable Long size) {
      return database.inPilot(
          pilot,
          transaction -> {
            if (act) {
              transaction
                  .createUpdate(
                      "INSERT INTO datasets.mark (pilot_id, kind, object_key, upload_id,"
                          + " size_bytes, first_seen_at, last_seen_at) VALUES (:pilot, :kind,"
                          + " :key, :upload, :size, now(), now()) ON CONFLICT (pilot_id, kind,"
                          + " object_key, upload_id) DO UPDATE SET last_seen_at = now(),"
                          + " size_bytes = excluded.size_bytes")
                  .bind("pilot", pilot.value())
                  .bind("kind", word(kind))
                  .bind("key", key)
                  .bind("upload", uploadId)
                  .bind("size", size)
                  .execute();
            }
            return transaction
                .createQuery(
                    "SELECT first_seen_at FROM datasets.mark WHERE pilot_id = :pilot AND kind ="
                        + " :kind AND object_key = :key AND upload_id = :upload")
                .bind("pilot", pilot.value())
                .bind("kind", word(kind))
                .bind("key", key)
                .bind("upload", uploadId)
                .map((row, context) -> DatasetRows.instant(row, "first_seen_at"))
                .findOne()
                .orElse(now);
          });
    }

    /** What was not seen again is as it should be, or gone. */
    void forgetMarks() {
      database.runInPilot(
          pilot,
          transaction ->
              transaction
                  .createUpdate(
                      "DELETE FROM datasets.mark WHERE pilot_id = :pilot AND (last_seen_at < :now"
                          + " OR (kind <> 'missing_object' AND first_seen_at <= :removed))")
                  .bind("pilot", pilot.value())
                  .bind("now", now.atOffset(ZoneOffset.UTC))
                  .bind("removed", now.minus(grace).atOffset(ZoneOffset.UTC))
                  .execute());
    }

    private void tell(Finding finding) {
      if (findings.size() < MOST_TOLD) {
        findings.add(finding);
      } else {
        truncated = true;
      }
    }
  }

  /** One of the places where the platform writes for a pilot. */
  private final class Place {
    private final Round round;
    private final ObjectStore store;
    private final @Nullable String siteBucket;
    private final String prefix;
    private final String here;

    Place(Round round, ObjectStore store, @Nullable String siteBucket, String prefix) {
      this.round = round;
      this.store = store;
      this.siteBucket = siteBucket;
      this.prefix = prefix;
      this.here = siteBucket == null ? "site_bucket IS NULL" : "site_written";
    }

    void look() {
      objects();
      uploads();
    }

    /**
     * Migrations have copies that no dataset names yet, and old bytes that none names any more. The
     * dataset stands in the key.
     */
    private boolean isMoving(String key) {
      String[] steps = key.split("/", -1);
      String dataset = steps.length < 2 ? "" : steps[steps.length - 2];
      return database.inPilot(
          round.pilot,
          transaction ->
              transaction
                  .createQuery(
                      "SELECT EXISTS (SELECT 1 FROM datasets.move WHERE pilot_id = :pilot AND"
                          + " dataset_id = :dataset AND ((from_key = :key AND from_bucket IS NOT"
                          + " DISTINCT FROM :bucket AND state IN ('switched', 'removing', 'kept'))"
                          + " OR (to_key = :key AND to_bucket IS NOT DISTINCT FROM :bucket AND state"
                          + " IN ('waiting', 'copied', 'failed', 'dropping'))))")
                  .bind("pilot", round.pilot.value())
                  .bind("dataset", dataset)
                  .bind("key", key)
                  .bind("bucket", siteBucket)
                  .mapTo(Boolean.class)
                  .one());
    }

    private void objects() {
      Ahead<ObjectStore.Stored> objects = new Ahead<>(new Objects());
      Ahead<Row> rows = new Ahead<>(new Rows());
      // Of the bundle whose row came last; its parts come right after it.
      String bundle = "";
      while (objects.has() || rows.has()) {
        int order =
            !objects.has()
                ? 1
                : !rows.has() ? -1 : objects.peek().key().compareTo(rows.peek().key());
        if (order < 0) {
          ObjectStore.Stored object = objects.next();
          if (bundle.isEmpty() || !object.key().startsWith(bundle)) {
            orphan(object);
          }
        } else {
          Row row = rows.next();
          bundle = bundleOf(row);
          if (order > 0) {
            absent(row);
          } else {
            both(objects.next(), row);
          }
        }
      }
    }

    private static String bundleOf(Row row) {
      return Bundles.isManifest(row.key()) && row.state() != DatasetState.DELETED
          ? Bundles.prefix(row.key())
          : "";
    }

    private void both(ObjectStore.Stored object, Row row) {
      switch (row.state()) {
        case DELETED -> orphan(object);
        case AVAILABLE, EXPIRED -> {
          if (object.size() != row.size()) {
            missing(row, object.size());
          }
        }
        // Their bytes come or go.
        case UPLOADING, VERIFYING, QUARANTINED, DELETING -> {}
      }
    }

    private void absent(Row row) {
      if (row.state() == DatasetState.AVAILABLE || row.state() == DatasetState.EXPIRED) {
        missing(row, null);
      }
    }

    private void missing(Row row, @Nullable Long size) {
      if (++round.lost > MOST_MARKED) {
        round.truncated = true;
        return;
      }
      Instant since = round.mark(Kind.MISSING_OBJECT, row.key(), "", size);
      round.tell(
          new Finding(
              Kind.MISSING_OBJECT,
              store.uriOf(row.key()).toString(),
              row.datasetId(),
              size,
              since,
              null,
              round.act ? Action.ALARM : Action.NONE));
    }

    private void orphan(ObjectStore.Stored object) {
      if (isMoving(object.key())) {
        return;
      }
      if (++round.orphaned > MOST_MARKED) {
        round.truncated = true;
        return;
      }
      Instant since = round.mark(Kind.ORPHANED_OBJECT, object.key(), "", object.size());
      Instant due = since.plus(grace);
      boolean remove = round.act && !due.isAfter(round.now);
      if (remove) {
        store.remove(object.key());
        round.orphaned--;
      }
      round.tell(
          new Finding(
              Kind.ORPHANED_OBJECT,
              store.uriOf(object.key()).toString(),
              null,
              object.size(),
              since,
              due,
              !round.act ? Action.NONE : remove ? Action.REMOVED : Action.MARKED));
    }

    private void uploads() {
      ObjectStore.Listing<ObjectStore.OpenUpload> open = store.uploads(prefix);
      round.truncated |= open.more();
      Set<String> known = knownUploads();
      for (ObjectStore.OpenUpload upload : open.items()) {
        if (!known.contains(upload.uploadId())) {
          leftover(upload);
        }
      }
    }

    private void leftover(ObjectStore.OpenUpload upload) {
      Instant since = round.mark(Kind.LEFTOVER_UPLOAD, upload.key(), upload.uploadId(), null);
      Instant due = since.plus(grace);
      boolean abort = round.act && !due.isAfter(round.now);
      if (abort) {
        store.abort(upload.key(), upload.uploadId());
      }
      round.tell(
          new Finding(
              Kind.LEFTOVER_UPLOAD,
              store.uriOf(upload.key()).toString(),
              null,
              null,
              since,
              due,
              !round.act ? Action.NONE : abort ? Action.ABORTED : Action.MARKED));
    }

    private Set<String> knownUploads() {
      return database.inPilot(
          round.pilot,
          transaction ->
              new HashSet<>(
                  transaction
                      .createQuery(
                          "SELECT upload_id FROM datasets.dataset WHERE pilot_id = :pilot AND"
                              + " upload_id IS NOT NULL AND state IN ('uploading', 'deleting')"
                              + " UNION ALL SELECT upload_id FROM datasets.move WHERE pilot_id ="
                              + " :pilot AND upload_id IS NOT NULL AND state IN ('waiting',"
                              + " 'failed', 'dropping')")
                      .bind("pilot", round.pilot.value())
                      .mapTo(String.class)
                      .list()));
    }

    /** Objects by key. */
    private final class Objects extends Paged<ObjectStore.Stored> {
      @Override
      List<ObjectStore.Stored> page(String after) {
        return store.list(prefix, after, PAGE).items();
      }

      @Override
      String keyOf(ObjectStore.Stored object) {
        return object.key();
      }
    }

    /** The catalogue by key. */
    private final class Rows extends Paged<Row> {
      @Override
      List<Row> page(String after) {
        return database.inPilot(round.pilot, transaction -> rows(transaction, after));
      }

      @Override
      String keyOf(Row row) {
        return row.key();
      }

      private List<Row> rows(Handle transaction, String after) {
        return transaction
            .createQuery(
                "SELECT object_key, dataset_id, state, size_bytes FROM datasets.dataset WHERE pilot_id = :pilot AND "
                    + here
                    + " AND object_key > :after ORDER BY"
                    + " object_key LIMIT :page")
            .bind("pilot", round.pilot.value())
            .bind("after", after)
            .bind("page", PAGE)
            .map((row, context) ->
                new Row(
                    row.getString(1),
                    row.getString(2),
                    DatasetState.of(row.getString(3)).orElseThrow(),
                    row.getLong(4)))
            .list();
      }
    }
  }

  private String uriOf(@Nullable String siteBucket, String key) {
    return siteBucket == null
        ? stores.centre().uriOf(key).toString()
        : ObjectStore.uriOf(siteBucket, key).toString();
  }

  private static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** Page after page, by key. */
  private abstract static class Paged<T> implements Iterator<T> {
    private Iterator<T> page = List.<T>of().iterator();
    private String after = "";
    private boolean ended;

    abstract List<T> page(String after);

    abstract String keyOf(T item);

    @Override
    public boolean hasNext() {
      if (!page.hasNext() && !ended) {
        List<T> next = page(after);
        if (!next.isEmpty() && keyOf(next.getFirst()).compareTo(after) <= 0) {
          throw new IllegalStateException("a listing that does not go on behind " + after);
        }
        ended = next.size() < PAGE;
        page = next.iterator();
      }
      return page.hasNext();
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      T item = page.next();
      after = keyOf(item);
      return item;
    }
  }

  /** Lets the next one be looked at before it is taken. */
  private static final class Ahead<T> {
    private final Iterator<T> items;
    private Optional<T> next = Optional.empty();

    Ahead(Iterator<T> items) {
      this.items = items;
    }

    boolean has() {
      if (next.isEmpty() && items.hasNext()) {
        next = Optional.of(items.next());
      }
      return next.isPresent();
    }

    T peek() {
      if (!has()) {
        throw new NoSuchElementException();
      }
      return next.orElseThrow();
    }

    T next() {
      T item = peek();
      next = Optional.empty();
      return item;
    }
  }
}
