package org.pilothouse.datasets.internal;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.Replayability;
import org.pilothouse.datasets.Replayability.State;
import org.pilothouse.datasets.Site;
import org.pilothouse.kernel.EventIds;
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
 * Looks every few minutes whether pilots' endpoints answer, and whether the objects there are those
 * that were verified. Each site is leased by one node; of its objects some are looked at in each
 * round, those first that nobody has looked at for the longest.
 */
public final class SiteProbes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SiteProbes.class);
  private static final Duration EVERY = Duration.ofMinutes(5);
  private static final Duration LEASE = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofSeconds(5);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);

  /** Of one round, after which the lease must still hold. */
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private static final Duration LONGEST_ASKED = Duration.ofSeconds(8);
  private static final int OBJECTS = 200;
  private static final int OBJECTS_ASKED = 25;
  private static final int ASKED_AT_ONCE = 4;
  private static final Duration SOON = Duration.ofSeconds(10);

  private final Database database;
  private final Sites sites;
  private final Stores stores;
  private final AuditTrail trail;
  private final EventIds ids;
  private final Steps steps;
  private final Semaphore asking = new Semaphore(ASKED_AT_ONCE);
  private final Semaphore wake = new Semaphore(0);
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final Thread thread;

  SiteProbes(
      Database database, Sites sites, Stores stores, AuditTrail trail, EventIds ids, Steps steps) {
    this.database = database;
    this.sites = sites;
    this.stores = stores;
    this.trail = trail;
    this.ids = ids;
    this.steps = steps;
    this.thread = Thread.ofPlatform().name("site-probes").daemon(true).unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  private void loop() {
    while (running.get()) {
      Duration pause = POLL;
      try {
        if (probeNext()) {
          continue;
        }
      } catch (RuntimeException e) {
        LOG.warn("cannot look at pilots' endpoints now error={}", e.toString());
        pause = AFTER_FAILURE;
      }
      try {
        var unused = wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** A site that is this node's to look at. */
  private record Claim(Site site, long lease) {}

  /** Whether there was one. */
  boolean probeNext() {
    Optional<Claim> claimed =
        claim(
            "(SELECT pilot_id FROM datasets.site WHERE (probed_at IS NULL OR probed_at < now() -"
                + " make_interval(secs => "
                + EVERY.toSeconds()
                + ")) AND (probe_lease_until IS NULL OR probe_lease_until < now()) ORDER BY"
                + " probed_at NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED)",
            null);
    claimed.ifPresent(claim -> probe(claim, OBJECTS, LONGEST));
    return claimed.isPresent();
  }

  /**
   * Looks now, because somebody asked.
   *
   * @throws Problem {@code not_found}, {@code too_many_requests}
   */
  public Site probe(Caller caller, PilotId pilot) {
    var unused = sites.require(pilot);
    if (!asking.tryAcquire()) {
      throw Problem.retry(
          ProblemCode.TOO_MANY_REQUESTS, "Others are looking; try again soon.", SOON);
    }
    try {
      // A look that goes on elsewhere is overtaken: what it says then is not heard.
      claim("(SELECT :pilot)", pilot)
          .ifPresent(claim -> probe(claim, OBJECTS_ASKED, LONGEST_ASKED));
      Site seen = sites.require(pilot);
      trail.record(
          AuditEvent.allowed(caller, pilot, "site.probe", Sites.resource(pilot))
              .with(java.util.Map.of("state", seen.seen().state().word())));
      return seen;
    } finally {
      asking.release();
    }
  }

  private Optional<Claim> claim(String which, @Nullable PilotId pilot) {
    return database.asPlatform(transaction -> {
      var update =
          transaction.createQuery(
              "UPDATE datasets.site s SET probe_lease = s.probe_lease + 1, probe_lease_until = now()"
                  + " + make_interval(secs => :lease) WHERE s.pilot_id = "
                  + which
                  + " RETURNING s.probe_lease, "
                  + Sites.COLUMNS);
      if (pilot != null) {
        update.bind("pilot", pilot.value());
      }
      return update
          .bind("lease", LEASE.toSeconds())
          .map((row, context) -> new Claim(Sites.read(row), row.getLong("probe_lease")))
          .findOne();
    });
  }

  private void probe(Claim claim, int objects, Duration longest) {
    long until = System.nanoTime() + longest.toNanos();
    steps.reached(Step.PROBE_CLAIMED);
    Replayability seen = look(claim.site());
    Optional<Problem> unwritable = Optional.empty();
    if (seen.state() == State.REACHABLE) {
      unwritable = tryWriting(claim.site());
      seen = lookAtObjects(claim.site(), objects, until);
    }
    steps.reached(Step.SITE_SEEN);
    note(claim, seen);
    if (seen.state() == State.REACHABLE && claim.site().takesUploads()) {
      noteWritable(claim, unwritable);
    }
  }

  /** Nothing is written where nobody said that the platform may. */
  private Optional<Problem> tryWriting(Site site) {
    if (!site.takesUploads()) {
      return Optional.empty();
    }
    try {
      var unused =
          new Trial(stores.of(site), Stores.OWN_PREFIX + site.pilot() + "/trial/" + ids.next())
              .run(1);
      return Optional.empty();
    } catch (Problem e) {
      return Optional.of(e);
    }
  }

  private void noteWritable(Claim claim, Optional<Problem> unwritable) {
    Site site = claim.site();
    database.runInPilot(
        site.pilot(),
        transaction ->
            transaction
                .createUpdate(
                    "UPDATE datasets.site SET writable = :writable, write_detail = :detail WHERE"
                        + " pilot_id = :pilot AND probe_lease = :lease AND revision = :revision")
                .bind("writable", unwritable.isEmpty())
                .bind("detail", unwritable.map(Problem::detail).orElse(null))
                .bind("pilot", site.pilot().value())
                .bind("lease", claim.lease())
                .bind("revision", site.revision())
                .execute());
  }

  private Replayability look(Site site) {
    try {
      stores.of(site).reach();
      return new Replayability(State.REACHABLE, null, null);
    } catch (Problem e) {
      return of(e);
    }
  }

  /** What a problem with an endpoint says about what rests there. */
  static Replayability of(Problem problem) {
    State state =
        switch (problem.code()) {
          case CREDENTIALS_REFUSED -> State.CREDENTIALS_EXPIRED;
          case AGREEMENT_ENDED -> State.AGREEMENT_ENDED;
          default -> State.UNREACHABLE;
        };
    return new Replayability(state, problem.detail(), null);
  }

  /** Stops where the endpoint stops to answer: then that is what is to be said. */
  private Replayability lookAtObjects(Site site, int most, long until) {
    try {
      ObjectStore store = stores.of(site);
      for (Dataset dataset : longestUnseen(site, most)) {
        if (System.nanoTime() > until || !running.get()) {
          break;
        }
        note(dataset, seen(store, dataset));
      }
      return new Replayability(State.REACHABLE, null, null);
    } catch (Problem e) {
      return of(e);
    }
  }

  private static Replayability seen(ObjectStore store, Dataset dataset) {
    Optional<ObjectStore.Head> head = store.describe(dataset.key(), false);
    if (head.isEmpty()) {
      return new Replayability(State.OBJECT_MISSING, "There is no such object.", null);
    }
    if (head.get().size() != dataset.size()) {
      return new Replayability(
          State.OBJECT_CHANGED,
          "It has " + head.get().size() + " bytes, verified were " + dataset.size() + ".",
          null);
    }
    String verified =
        dataset.place() instanceof Dataset.Place.AtSite site && site.etag() != null
            ? site.etag()
            : "";
    return verified.equals(head.get().etag())
        ? new Replayability(State.REACHABLE, null, null)
        : new Replayability(State.OBJECT_CHANGED, "It was put again after it was verified.", null);
  }

  private List<Dataset> longestUnseen(Site site, int most) {
    return database.inPilot(
        site.pilot(),
        transaction ->
            transaction
                .createQuery(
                    "SELECT "
                        + DatasetRows.COLUMNS
                        + " FROM datasets.dataset d WHERE d.pilot_id = :pilot AND d.site_bucket IS"
                        + " NOT NULL AND d.site_bucket = :bucket AND d.state = 'available' ORDER"
                        + " BY d.seen_at NULLS FIRST LIMIT :most")
                .bind("pilot", site.pilot().value())
                .bind("bucket", site.bucket())
                .bind("most", most)
                .map((row, context) -> DatasetRows.read(row))
                .list());
  }

  /** The revision stays: nobody has changed the dataset. */
  private void note(Dataset dataset, Replayability seen) {
    State before = dataset.seen().map(Replayability::state).orElse(State.REACHABLE);
    if (before != seen.state()) {
      LOG.warn(
          "an object at a pilot's endpoint pilot={} dataset={} before={} now={}",
          dataset.pilot(),
          dataset.id(),
          before.word(),
          seen.state().word());
    }
    database.runInPilot(
        dataset.pilot(),
        transaction ->
            transaction
                .createUpdate(
                    "UPDATE datasets.dataset SET seen_state = :state, seen_detail = :detail,"
                        + " seen_at = now() WHERE pilot_id = :pilot AND dataset_id = :id AND state"
                        + " = 'available' AND site_bucket IS NOT NULL")
                .bind("state", seen.state().word())
                .bind("detail", seen.detail())
                .bind("pilot", dataset.pilot().value())
                .bind("id", dataset.id().value())
                .execute());
  }

  private void note(Claim claim, Replayability seen) {
    Site site = claim.site();
    if (site.seen().state() != seen.state()) {
      LOG.info(
          "a pilot's endpoint pilot={} before={} now={}",
          site.pilot(),
          site.seen().state().word(),
          seen.state().word());
    }
    // That the agreement has ended follows from its date; the look only ends here.
    boolean noted = Sites.NOTED.contains(seen.state());
    database.runInPilot(
        site.pilot(),
        transaction ->
            transaction
                .createUpdate(
                    "UPDATE datasets.site SET state = CASE WHEN :noted THEN :state ELSE state END,"
                        + " detail = CASE WHEN :noted THEN :detail ELSE detail END, probed_at ="
                        + " now(), probe_lease_until = NULL WHERE pilot_id = :pilot AND probe_lease"
                        + " = :lease AND revision = :revision")
                .bind("noted", noted)
                .bind("state", seen.state().word())
                .bind("detail", seen.detail())
                .bind("pilot", site.pilot().value())
                .bind("lease", claim.lease())
                .bind("revision", site.revision())
                .execute());
  }

  /** There is a new endpoint to look at; must return at once. */
  public void wake() {
    if (wake.availablePermits() == 0) {
      wake.release();
    }
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
