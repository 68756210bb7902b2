package org.pilothouse.twins.internal;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.kafka.BackboneUnavailable;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.consume.PoisonRecord;
import org.pilothouse.platform.kafka.consume.TransientFailures;
import org.pilothouse.platform.postgres.Database;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rebuilds states from the backbone, aside, and puts them in place at once: the work of one node's
 * only rebuilding thread. Each step is one transaction and leaves the rebuild where another node,
 * or this one after a crash, goes on.
 */
final class Rebuilder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rebuilder.class);
  private static final long EVERY_SECONDS = 1;

  /** As many records as the reader of states folds at once. */
  static final int BATCH = 10_000;

  /** What may be left to fold while the reader of states is held: a second's work. */
  static final int LAST_STRETCH = 5_000;

  /** With growing pauses, an engine may be away for about eight minutes. */
  private static final int MOST_FAILURES = 20;

  private static final long LONGEST_PAUSE_SECONDS = 30;
  private static final int MOST_RESTARTS = 5;

  /** Longer than any backlog takes; a rebuild that goes on for ever would help nobody. */
  private static final Duration LONGEST = Duration.ofDays(3);

  /** An event is the state and at most this much around it. */
  private static final int AROUND_A_STATE = 512;

  private final Database database;
  private final RebuildStore store;
  private final StateStore states;
  private final Backlog backlog;
  private final ModelRules rules;
  private final AuditTrail trail;
  private final Clock clock;
  private final Predicate<Throwable> passing = new TransientFailures();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform()
              .name("twins-rebuild")
              .priority(Thread.MIN_PRIORITY)
              .daemon(true)
              .factory());

  Rebuilder(
      Database database,
      RebuildStore store,
      StateStore states,
      Backlog backlog,
      ModelRules rules,
      AuditTrail trail,
      Clock clock) {
    this.database = database;
    this.store = store;
    this.states = states;
    this.backlog = backlog;
    this.rules = rules;
    this.trail = trail;
    this.clock = clock;
  }

  void start() {
    var scheduled =
        thread.scheduleWithFixedDelay(
            this::workOff, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
  }

  private void workOff() {
    try {
      boolean more = true;
      while (more && !thread.isShutdown()) {
        more = work();
      }
    } catch (RuntimeException e) {
      LOG.warn("rebuilding waits: {}", said(e));
    }
  }

  /** Retention has removed records that were still to be read. */
  private static final class Removed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Removed(Partition partition) {
      super("retention has removed records of " + partition, null, false, false);
    }
  }

  /** It may work later. */
  private static final class NotYet extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotYet(String sentence) {
      super(sentence, null, false, false);
    }
  }

  /** Trying again cannot help. */
  private static final class Impossible extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Impossible(String sentence) {
      super(sentence, null, false, false);
    }
  }

  /** The next step of some rebuild; false when there is nothing to do now. */
  boolean work() {
    Optional<RebuildStore.Claim> claimed = store.claim();
    if (claimed.isEmpty()) {
      return store.clearEnded();
    }
    RebuildStore.Claim claim = claimed.get();
    if (claim.createdAt().plus(LONGEST).isBefore(clock.instant())) {
      fail(claim, "the rebuild was not done within " + LONGEST.toDays() + " days");
      return true;
    }
    try {
      step(claim);
    } catch (RebuildStore.Superseded e) {
      LOG.info("rebuild={} pilot={} {}", claim.id(), claim.pilot(), e.getMessage());
    } catch (Removed e) {
      again(claim, e);
    } catch (Impossible e) {
      fail(claim, said(e));
    } catch (RuntimeException e) {
      waitOrFail(claim, e);
    }
    return true;
  }

  private void again(RebuildStore.Claim claim, Removed e) {
    if (claim.restarts() >= MOST_RESTARTS) {
      fail(claim, said(e) + " faster than they were read");
    } else {
      LOG.info("rebuild={} pilot={} begins anew: {}", claim.id(), claim.pilot(), e.getMessage());
      store.restart(claim);
    }
  }

  private void waitOrFail(RebuildStore.Claim claim, RuntimeException e) {
    if (thread.isShutdown()) {
      return;
    }
    if (claim.failures() >= MOST_FAILURES) {
      fail(claim, said(e));
      return;
    }
    long pause = Math.min(LONGEST_PAUSE_SECONDS, 1L << Math.min(claim.failures(), 5));
    LOG.warn("rebuild={} pilot={} waits {} s", claim.id(), claim.pilot(), pause, e);
    store.failed(claim, Duration.ofSeconds(pause));
  }

  private void fail(RebuildStore.Claim claim, String error) {
    LOG.warn("rebuild={} pilot={} failed: {}", claim.id(), claim.pilot(), error);
    store.fail(claim, error);
  }

  /** Our own sentences; another failure's words may hold a payload, its kind cannot. */
  private static String said(RuntimeException e) {
    return e instanceof Problem
            || e instanceof BackboneUnavailable
            || e instanceof Impossible
            || e instanceof NotYet
            || e instanceof Removed
        ? String.valueOf(e.getMessage())
        : e.getClass().getSimpleName();
  }

  private void step(RebuildStore.Claim claim) {
    switch (claim.stage()) {
      case PREPARING -> prepare(claim);
      case BASE -> seed(claim);
      case TELEMETRY -> fold(claim);
    }
  }

  // --- what there is ----------------------------------------------------------------------------

  private void prepare(RebuildStore.Claim claim) {
    if (store.clear(claim)) {
      return;
    }
    String telemetry = TopicKind.TELEMETRY.of(claim.pilot());
    // In front of the ends: what comes in between would else look like something that was lost.
    SortedMap<Integer, Long> live = store.livePositions(claim.pilot());
    SortedMap<Integer, Long> begins = backlog.beginnings(telemetry);
    SortedMap<Integer, Long> ends = backlog.ends(telemetry);
    if (begins.isEmpty()) {
      throw new NotYet("there is no topic " + telemetry);
    }
    Map<Partition, RebuildStore.Position> positions = new LinkedHashMap<>();
    Instant removedUntil = null;
    for (Map.Entry<Integer, Long> each : begins.entrySet()) {
      Partition partition = new Partition(telemetry, each.getKey());
      long first = each.getValue();
      long end = ends.getOrDefault(each.getKey(), 0L);
      long folded = live.getOrDefault(each.getKey(), first);
      if (folded > end) {
        throw lost(partition, end, folded);
      }
      positions.put(partition, new RebuildStore.Position(first, first, Math.max(first, folded)));
      if (first > 0) {
        Instant until = removedUntil(partition, first, end);
        removedUntil = removedUntil == null || until.isAfter(removedUntil) ? until : removedUntil;
      }
    }
    if (removedUntil != null) {
      String known = TopicKind.TWIN_STATE.of(claim.pilot());
      SortedMap<Integer, Long> stateEnds = backlog.ends(known);
      backlog
          .beginnings(known)
          .forEach((number, first) ->
              positions.put(
                  new Partition(known, number),
                  new RebuildStore.Position(
                      first, first, Math.max(first, stateEnds.getOrDefault(number, first)))));
    }
    store.begin(claim, positions, removedUntil);
    LOG.info(
        "rebuild={} pilot={} partitions={} removed-until={}",
        claim.id(),
        claim.pilot(),
        positions.size(),
        removedUntil);
  }

  private static Impossible lost(Partition partition, long end, long folded) {
    return new Impossible(
        partition
            + " ends at "
            + end
            + ", but was folded up to "
            + folded
            + " before: the backbone has lost records, and the stored states know more than it does");
  }

  /** Of one partition: nothing that was removed came after the first record that is left. */
  private Instant removedUntil(Partition partition, long first, long end) {
    if (first >= end) {
      return clock.instant();
    }
    List<LogRecord> left = backlog.read(partition, first, end, 1).records();
    return left.isEmpty()
        ? clock.instant()
        : Instant.ofEpochMilli(left.getFirst().timestampMillis());
  }

  // --- what retention has removed ---------------------------------------------------------------

  private void seed(RebuildStore.Claim claim) {
    Instant removedUntil = claim.removedUntil();
    Bases bases = new Bases(removedUntil == null ? Instant.EPOCH : removedUntil);
    String topic = TopicKind.TWIN_STATE.of(claim.pilot());
    for (var each : store.positions(claim, topic).entrySet()) {
      RebuildStore.Position at = each.getValue();
      if (at.position() < at.ends()) {
        seed(claim, bases, new Partition(topic, each.getKey()), at);
        return;
      }
    }
    store.largeStates(
        claim,
        StateReader.LARGEST - AROUND_A_STATE,
        (properties, retiredAt) -> stored(bases, properties, retiredAt));
  }

  private static ReportedState stored(Bases bases, String properties, @Nullable Instant retiredAt) {
    try {
      return bases.of(ReportedState.of(properties), retiredAt);
    } catch (java.io.UncheckedIOException | java.time.DateTimeException e) {
      // A stored state that is none; what the backbone has of the twin is all there is.
      return ReportedState.empty();
    }
  }

  private void seed(
      RebuildStore.Claim claim, Bases bases, Partition partition, RebuildStore.Position at) {
    Backlog.Stretch stretch = backlog.read(partition, at.position(), at.ends(), BATCH);
    if (stretch.next() <= at.position()) {
      throw lost(partition, stretch.next(), at.ends());
    }
    Map<String, LogRecord> last = new LinkedHashMap<>();
    for (LogRecord record : stretch.records()) {
      byte[] key = record.key();
      if (key != null) {
        last.put(new String(key, java.nio.charset.StandardCharsets.UTF_8), record);
      }
    }
    Map<String, StateStore.Stored> stored = store.read(claim, last.keySet());
    List<StateStore.Folded> seeds = new ArrayList<>(last.size());
    last.forEach((twin, record) -> {
      StateStore.Stored before = stored.getOrDefault(twin, StateStore.Stored.NOTHING);
      seeds.add(new StateStore.Folded(twin, bases.of(record, before.retiredAt()), null, before));
    });
    store.write(claim, partition, at.position(), stretch.next(), at.ends(), seeds);
  }

  // --- what is left -----------------------------------------------------------------------------

  private void fold(RebuildStore.Claim claim) {
    String topic = TopicKind.TELEMETRY.of(claim.pilot());
    SortedMap<Integer, Long> begins = backlog.beginnings(topic);
    if (addPartitions(claim, topic, begins)) {
      return;
    }
    SortedMap<Integer, Long> live = store.livePositions(claim.pilot());
    boolean folded = foldTo(claim, topic, begins, live, 1);
    SortedMap<Integer, Long> now = store.livePositions(claim.pilot());
    // Where the reader moves on meanwhile, there is always something left: little is enough then.
    if (!folded || (!now.equals(live) && left(claim, topic, now) <= LAST_STRETCH)) {
      putInPlace(claim, topic, begins);
    }
  }

  private boolean addPartitions(
      RebuildStore.Claim claim, String topic, SortedMap<Integer, Long> begins) {
    Set<Integer> known = store.positions(claim, topic).keySet();
    Map<Partition, RebuildStore.Position> grown = new HashMap<>();
    begins.forEach((number, first) -> {
      if (!known.contains(number)) {
        if (first > 0) {
          throw new Removed(new Partition(topic, number));
        }
        grown.put(new Partition(topic, number), new RebuildStore.Position(0, 0, 0));
      }
    });
    if (!grown.isEmpty()) {
      store.add(claim, grown);
    }
    return !grown.isEmpty();
  }

  /**
   * Folds up to where the reader of states is.
   *
   * @param batches at most
   * @return whether anything was folded
   */
  private boolean foldTo(
      RebuildStore.Claim claim,
      String topic,
      SortedMap<Integer, Long> begins,
      SortedMap<Integer, Long> live,
      int batches) {
    int folded = 0;
    for (var each : store.positions(claim, topic).entrySet()) {
      Partition partition = new Partition(topic, each.getKey());
      long first = begins.getOrDefault(each.getKey(), 0L);
      long position = each.getValue().position();
      if (first > position) {
        throw new Removed(partition);
      }
      long to = live.getOrDefault(each.getKey(), first);
      if (to < position) {
        throw new NotYet(
            "the reader "
                + StateReader.NAME
                + " is behind what the backbone still has of "
                + partition);
      }
      while (position < to && folded < batches) {
        position = foldOne(claim, partition, position, to);
        folded++;
      }
    }
    return folded > 0;
  }

  private long foldOne(RebuildStore.Claim claim, Partition partition, long position, long to) {
    Backlog.Stretch stretch = backlog.read(partition, position, to, BATCH);
    List<LogRecord> records = stretch.records();
    if (records.isEmpty() || records.getFirst().offset() > position) {
      refuseIfRemoved(partition, position);
    }
    if (stretch.next() <= position) {
      throw lost(partition, stretch.next(), to);
    }
    List<Reading> readings = readings(records);
    Set<String> twins = new LinkedHashSet<>();
    readings.forEach(reading -> twins.add(reading.twin()));
    Folds folds = new Folds(claim.pilot(), rules, store.read(claim, twins));
    for (Reading reading : readings) {
      take(folds, reading);
    }
    store.write(claim, partition, position, stretch.next(), to, folds.changed());
    return stretch.next();
  }

  private void refuseIfRemoved(Partition partition, long position) {
    if (backlog.beginnings(partition.topic()).getOrDefault(partition.number(), 0L) > position) {
      throw new Removed(partition);
    }
  }

  /** Without those that the reader of states has rejected; they were told of then. */
  private static List<Reading> readings(List<LogRecord> records) {
    List<Reading> readings = new ArrayList<>(records.size());
    for (LogRecord record : records) {
      try {
        readings.add(Reading.of(record));
      } catch (PoisonRecord e) {
        LOG.trace("passed over offset={} reason={}", record.offset(), e.reason());
      }
    }
    return readings;
  }

  private void take(Folds folds, Reading reading) {
    try {
      var refused = folds.take(reading);
    } catch (RuntimeException e) {
      // What breaks the fold of a record by itself was rejected by the reader of states, too.
      if (passing.test(e)) {
        throw e;
      }
      LOG.debug("passed over twin={} error={}", reading.twin(), e.getClass().getSimpleName());
    }
  }

  // --- in place ---------------------------------------------------------------------------------

  /**
   * Holds the reader of states, folds what it has done since, and puts the states in place. The
   * last folds are transactions of their own, as all others: what they leave is right also when the
   * end is not reached.
   */
  private void putInPlace(RebuildStore.Claim claim, String topic, SortedMap<Integer, Long> begins) {
    Swap.@Nullable Outcome outcome =
        database.<Swap.@Nullable Outcome>asPlatform(transaction -> {
          SortedMap<Integer, Long> live =
              RebuildStore.holdReader(transaction, claim.pilot(), begins);
          if (left(claim, topic, live) > LAST_STRETCH) {
            return null;
          }
          var folded = foldTo(claim, topic, begins, live, LAST_STRETCH);
          return swap(transaction, claim, topic);
        });
    if (outcome != null) {
      LOG.info(
          "rebuild={} pilot={} apply={} twins={} differing={} digest={}",
          claim.id(),
          claim.pilot(),
          claim.apply(),
          outcome.twins(),
          outcome.differing(),
          outcome.digestAfter());
    }
  }

  private long left(RebuildStore.Claim claim, String topic, SortedMap<Integer, Long> live) {
    long left = 0;
    for (var each : store.positions(claim, topic).entrySet()) {
      long position = each.getValue().position();
      left += Math.max(0, live.getOrDefault(each.getKey(), position) - position);
    }
    return left;
  }

  private Swap.Outcome swap(Handle transaction, RebuildStore.Claim claim, String topic) {
    PilotId pilot = claim.pilot();
    store.hold(transaction, claim);
    Retirement.holdOff(transaction, pilot);
    Swap.Outcome outcome = new Swap(transaction, claim, states, new Partition(topic, 0)).run();
    store.succeed(transaction, claim, outcome);
    if (claim.apply()) {
      trail.record(
          transaction,
          new AuditEvent(
              claim.startedBy(),
              pilot,
              "twins.rebuild.apply",
              Rebuilds.resource(pilot, claim.id()),
              AuditEvent.Outcome.ALLOWED,
              Map.of(
                  "differing",
                  Long.toString(outcome.differing()),
                  "digest",
                  outcome.digestAfter())));
    }
    return outcome;
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      store.release();
    } catch (RuntimeException e) {
      LOG.debug("the lease runs out by itself: {}", said(e));
    }
  }
}
