package org.pilothouse.platform.kafka.consume;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.consume.ReaderStatus.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader of a group on this node. Its loop does nothing but poll, commit and keep the group's
 * membership; workers apply the effects, each partition in its order, so that a slow effect costs
 * no membership. Positions are committed after the effect.
 *
 * <p>A transient failure is tried again for ever, with growing pauses, and holds back only its own
 * partition. A poison record is kept among the rejected and the partition goes on.
 */
public final class Reader implements Steered, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reader.class);

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration CALL = Duration.ofSeconds(5);
  private static final Duration LAG_CALL = Duration.ofSeconds(1);
  private static final long COMMIT_EVERY = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long LAG_EVERY = TimeUnit.SECONDS.toNanos(2);

  /** More failures in a row than this that nobody declared are hardly the records' fault. */
  private static final int UNEXPECTED_IN_A_ROW = 20;

  private final ReaderSpec spec;
  private final LogClients clients;
  private final Rejections rejections;
  private final ThreadPoolExecutor workers;
  private final Thread loop;
  private final Map<Partition, Lane> lanes = new ConcurrentHashMap<>();
  private final Map<Partition, Lane> stragglers = new ConcurrentHashMap<>();
  private final Set<Partition> lost = ConcurrentHashMap.newKeySet();
  private final Map<Partition, Long> ends = new ConcurrentHashMap<>();

  /** Of partitions that stand still behind their ends: what lies before is not kept any more. */
  private final Map<Partition, Long> beginnings = new ConcurrentHashMap<>();

  /** How far the partitions were when their ends were asked for. */
  private final Map<Partition, Long> reachedBefore = new HashMap<>();

  private final Set<Partition> pausedPartitions = new HashSet<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final LongAdder applied = new LongAdder();
  private final RateOverTenSeconds rate;
  private final List<Meter> meters = new ArrayList<>();
  private final MeterRegistry registry;
  private final Timer effectTimer;
  private final Counter rejected;
  private final Counter retries;

  private volatile @Nullable LogClient client;
  private volatile boolean stopping;
  private volatile boolean paused;
  private volatile boolean full;
  private volatile @Nullable String loopFailure;

  Reader(
      ReaderSpec spec,
      LogClients clients,
      Rejections rejections,
      ThreadFactory threads,
      MeterRegistry registry) {
    this.spec = spec;
    this.clients = clients;
    this.rejections = rejections;
    this.registry = registry;
    this.rate = new RateOverTenSeconds(applied::sum);
    // Each lane is in the queue once at most, so the number of partitions bounds it.
    this.workers =
        new ThreadPoolExecutor(
            spec.bounds().workers(),
            spec.bounds().workers(),
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> named(threads.newThread(task), "worker"));
    workers.allowCoreThreadTimeOut(true);
    this.loop = named(threads.newThread(this::run), "loop");
    this.effectTimer =
        keep(
            Timer.builder("pilothouse.reader.effect")
                .tag("reader", spec.name())
                .description("Time to apply one batch")
                .register(registry));
    this.rejected =
        keep(
            Counter.builder("pilothouse.reader.rejected")
                .tag("reader", spec.name())
                .description("Records that could not be taken")
                .register(registry));
    this.retries =
        keep(
            Counter.builder("pilothouse.reader.retries")
                .tag("reader", spec.name())
                .description("Batches tried again after a transient failure")
                .register(registry));
    keep(
        io.micrometer.core.instrument.FunctionCounter.builder(
                "pilothouse.reader.records", applied, LongAdder::sum)
            .tag("reader", spec.name())
            .description("Records applied")
            .register(registry));
    keep(
        Gauge.builder("pilothouse.reader.lag", this, Reader::lagOrNaN)
            .tag("reader", spec.name())
            .description("Records between what was applied and the end of the partitions")
            .register(registry));
    keep(
        Gauge.builder("pilothouse.reader.queued", this, Reader::queued)
            .tag("reader", spec.name())
            .description("Records that wait in memory")
            .register(registry));
    keep(
        Gauge.builder("pilothouse.reader.state", this, reader -> reader.state().ordinal())
            .tag("reader", spec.name())
            .description("0 running, 1 paused, 2 waiting, 3 stopped")
            .register(registry));
  }

  private Thread named(Thread thread, String part) {
    thread.setName("reader-" + spec.name() + "-" + part);
    // A reader can catch up later; what takes events in cannot.
    thread.setPriority(Thread.MIN_PRIORITY);
    return thread;
  }

  private <M extends Meter> M keep(M meter) {
    meters.add(meter);
    return meter;
  }

  void start() {
    loop.start();
  }

  @Override
  public String name() {
    return spec.name();
  }

  /** Begins no batch until {@link #resume}; keeps its partitions and its place. */
  @Override
  public void pause() {
    paused = true;
    wakeLoop();
  }

  @Override
  public void resume() {
    paused = false;
    lanes.values().forEach(this::schedule);
    wakeLoop();
  }

  @Override
  public ReaderStatus status() {
    return new ReaderStatus(
        spec.name(),
        spec.topics().toString(),
        state(),
        lag(),
        rate.perSecond(),
        (long) rejected.count(),
        lanes.size(),
        failure());
  }

  private State state() {
    if (stopping) {
      return State.STOPPED;
    }
    if (paused) {
      return State.PAUSED;
    }
    return failure() == null ? State.RUNNING : State.WAITING;
  }

  private @Nullable String failure() {
    String ofLoop = loopFailure;
    if (ofLoop != null) {
      return ofLoop;
    }
    for (Lane lane : lanes.values()) {
      String ofLane = lane.failure();
      if (ofLane != null) {
        return ofLane;
      }
    }
    return null;
  }

  private @Nullable Long lag() {
    long sum = 0;
    for (Map.Entry<Partition, Lane> entry : lanes.entrySet()) {
      Long end = ends.get(entry.getKey());
      if (end == null) {
        return null;
      }
      long from = Math.max(entry.getValue().reached(), beginning(entry.getKey()));
      sum += Math.max(0, end - from);
    }
    return sum;
  }

  private long beginning(Partition partition) {
    return beginnings.getOrDefault(partition, 0L);
  }

  private double lagOrNaN() {
    Long lag = lag();
    return lag == null ? Double.NaN : lag;
  }

  private double queued() {
    return lanes.values().stream().mapToInt(Lane::queued).sum();
  }

  private void wakeLoop() {
    LogClient present = client;
    if (present != null) {
      present.wakeup();
    }
  }

  // --- the loop -------------------------------------------------------------------------------

  private void run() {
    int failures = 0;
    try {
      while (!stopping) {
        try (LogClient joined = clients.join(spec)) {
          client = joined;
          joined.subscribe(spec.topics(), new Assigned(joined));
          failures = 0;
          read(joined);
          leave(joined);
        } catch (RuntimeException e) {
          failures++;
          loopFailure = shown(e);
          LOG.atWarn()
              .addKeyValue("reader", spec.name())
              .setCause(e)
              .log("reading broke off; joining the group again");
          dropLanes();
          pauseBeforeJoining(failures);
        } finally {
          client = null;
        }
      }
    } finally {
      dropLanes();
      stopped.countDown();
    }
  }

  private void read(LogClient log) {
    long commitAt = System.nanoTime() + COMMIT_EVERY;
    long lagAt = System.nanoTime();
    while (!stopping) {
      steer(log);
      LogClient.Polled polled = log.poll(POLL);
      loopFailure = null;
      for (Map.Entry<Partition, Long> next : polled.next().entrySet()) {
        Lane lane = lanes.get(next.getKey());
        if (lane != null) {
          lane.offer(polled.records().getOrDefault(next.getKey(), List.of()), next.getValue());
          schedule(lane);
        }
      }
      long now = System.nanoTime();
      if (now - commitAt >= 0) {
        commitAt = now + COMMIT_EVERY;
        Map<Partition, Long> positions = toCommit(lanes.values());
        if (!positions.isEmpty()) {
          log.commitLater(positions, () -> lanes.values().forEach(lane -> lane.committed(-1)));
          markCommitted(positions);
        }
        rate.sample();
      }
      if (now - lagAt >= 0) {
        lagAt = now + LAG_EVERY;
        refreshEnds(log);
      }
    }
  }

  /** Tells the log which partitions may bring records now. */
  private void steer(LogClient log) {
    for (Partition partition : lost) {
      lost.remove(partition);
      Lane lane = lanes.get(partition);
      if (lane != null) {
        lane.close(0);
        begin(log, List.of(partition));
      }
    }
    stragglers.values().removeIf(lane -> !lane.isBusy());
    long bytes = 0;
    for (Lane lane : lanes.values()) {
      bytes += lane.queuedBytes();
    }
    full =
        full ? bytes > spec.bounds().maxQueuedBytes() / 2 : bytes > spec.bounds().maxQueuedBytes();
    Set<Partition> toPause = new HashSet<>();
    Set<Partition> toResume = new HashSet<>();
    Set<Partition> waiting = waitingForTheirTurn();
    for (Lane lane : lanes.values()) {
      boolean isPaused = pausedPartitions.contains(lane.partition);
      int queued = lane.queued();
      boolean laneFull =
          isPaused
              ? queued > spec.bounds().maxQueuedRecords() / 2
              : queued >= spec.bounds().maxQueuedRecords();
      schedule(lane);
      boolean hold = paused || laneFull || (full && queued > 0) || waiting.contains(lane.partition);
      lane.held(hold);
      if (hold && !isPaused) {
        toPause.add(lane.partition);
      } else if (!hold && isPaused) {
        toResume.add(lane.partition);
      }
    }
    if (!toPause.isEmpty()) {
      log.pause(toPause);
      pausedPartitions.addAll(toPause);
    }
    if (!toResume.isEmpty()) {
      log.resume(toResume);
      pausedPartitions.removeAll(toResume);
    }
  }

  private Set<Partition> waitingForTheirTurn() {
    if (spec.times().gathering().isNone()) {
      return Set.of();
    }
    long now = System.nanoTime();
    int batch = spec.bounds().maxBatch();
    List<Turns.Place> behind = new ArrayList<>();
    for (Lane lane : lanes.values()) {
      int queued = lane.queued();
      // When memory is full nothing more is brought, so that no lane must wait for it.
      Long end = full ? null : ends.get(lane.partition);
      if (lane.isBehind(end, beginning(lane.partition), batch) && queued < batch) {
        behind.add(new Turns.Place(lane.partition, queued, now - lane.begunAt()));
      }
    }
    return Turns.waiting(behind, spec.bounds().workers() + 1);
  }

  private void refreshEnds(LogClient log) {
    Set<Partition> assigned = Set.copyOf(lanes.keySet());
    if (assigned.isEmpty()) {
      return;
    }
    try {
      ends.putAll(log.ends(assigned, LAG_CALL));
      ends.keySet().retainAll(lanes.keySet());
      refreshBeginnings(log);
    } catch (RuntimeException e) {
      LOG.atDebug().addKeyValue("reader", spec.name()).setCause(e).log("the ends are not known");
    }
  }

  /**
   * Retention may remove what was never read; then nothing comes that would move the position. Only
   * those are asked for that stand still: the answer may wait for a fetch that is under way.
   */
  private void refreshBeginnings(LogClient log) {
    Set<Partition> still = new HashSet<>();
    for (Lane lane : lanes.values()) {
      long reached = lane.reached();
      Long before = reachedBefore.put(lane.partition, reached);
      Long end = ends.get(lane.partition);
      if (end != null && end > reached && before != null && before == reached && !lane.isBusy()) {
        still.add(lane.partition);
      }
    }
    reachedBefore.keySet().retainAll(lanes.keySet());
    beginnings.keySet().retainAll(still);
    if (!still.isEmpty()) {
      beginnings.putAll(log.beginnings(still, LAG_CALL));
    }
  }

  private void leave(LogClient log) {
    closeLanes(log, List.copyOf(lanes.keySet()), spec.times().drain(), true);
  }

  private void dropLanes() {
    lanes.values().forEach(this::keepStraggler);
    lanes.values().forEach(lane -> spec.effect().released(lane.partition));
    lanes.clear();
    pausedPartitions.clear();
  }

  private void keepStraggler(Lane lane) {
    lane.close(0);
    if (lane.isBusy()) {
      stragglers.put(lane.partition, lane);
    }
  }

  private void pauseBeforeJoining(int failures) {
    long millis = backOffMillis(failures);
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    synchronized (stopped) {
      while (!stopping) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return;
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(stopped, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          stopping = true;
        }
      }
    }
  }

  private Map<Partition, Long> toCommit(Collection<Lane> among) {
    Map<Partition, Long> positions = new HashMap<>();
    for (Lane lane : among) {
      Long position = lane.toCommit();
      if (position != null) {
        positions.put(lane.partition, position);
      }
    }
    return positions;
  }

  private void markCommitted(Map<Partition, Long> positions) {
    positions.forEach((partition, position) -> {
      Lane lane = lanes.get(partition);
      if (lane != null) {
        lane.committed(position);
      }
    });
  }

  /** Lets batches under way end, keeps how far they got, and forgets the partitions. */
  private void closeLanes(
      LogClient log, Collection<Partition> partitions, Duration wait, boolean commit) {
    List<Lane> closing = new ArrayList<>();
    for (Partition partition : partitions) {
      Lane lane = lanes.get(partition);
      if (lane != null) {
        lane.stop();
        closing.add(lane);
      }
    }
    long deadline = System.nanoTime() + wait.toNanos();
    for (Lane lane : closing) {
      lane.close(Math.max(0, deadline - System.nanoTime()));
    }
    if (commit) {
      Map<Partition, Long> positions = toCommit(closing);
      if (!positions.isEmpty()) {
        try {
          log.commit(positions, CALL);
        } catch (RuntimeException e) {
          LOG.atWarn()
              .addKeyValue("reader", spec.name())
              .setCause(e)
              .log("positions were not committed; records will be applied again");
        }
      }
    }
    for (Lane lane : closing) {
      if (lane.isBusy()) {
        stragglers.put(lane.partition, lane);
      }
      lanes.remove(lane.partition);
      ends.remove(lane.partition);
      beginnings.remove(lane.partition);
      pausedPartitions.remove(lane.partition);
      spec.effect().released(lane.partition);
    }
  }

  private void begin(LogClient log, Collection<Partition> partitions) {
    Map<Partition, Long> stored = stored(partitions);
    for (Partition partition : partitions) {
      Long at = stored.get(partition);
      long position;
      if (at != null) {
        log.seek(partition, at);
        position = at;
      } else {
        position = log.position(partition, CALL);
      }
      Lane before = lanes.get(partition);
      Lane predecessor = before != null && before.isBusy() ? before : stragglers.get(partition);
      lanes.put(partition, new Lane(partition, position, spec.offsets() != null, predecessor));
    }
  }

  private Map<Partition, Long> stored(Collection<Partition> partitions) {
    OffsetStore store = spec.offsets();
    if (store == null) {
      return Map.of();
    }
    try {
      return store.positions(Set.copyOf(partitions));
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new IllegalStateException("the stored positions cannot be read", e);
    }
  }

  private final class Assigned implements LogClient.Assignments {
    private final LogClient log;

    Assigned(LogClient log) {
      this.log = log;
    }

    @Override
    public void assigned(Collection<Partition> partitions) {
      begin(log, partitions);
    }

    @Override
    public void revoked(Collection<Partition> partitions) {
      closeLanes(log, partitions, spec.times().drain(), true);
    }

    @Override
    public void lost(Collection<Partition> partitions) {
      closeLanes(log, partitions, Duration.ZERO, false);
    }
  }

  // --- the workers ----------------------------------------------------------------------------

  private void schedule(Lane lane) {
    if (!paused && !stopping && lane.claim(spec.bounds(), spec.times().gathering())) {
      try {
        workers.execute(() -> step(lane));
      } catch (RejectedExecutionException e) {
        lane.unclaim();
      }
    }
  }

  private void step(Lane lane) {
    if (paused || stopping) {
      lane.unclaim();
      return;
    }
    Batch batch = lane.begin(spec.bounds().maxBatch(), spec.bounds().maxBatchBytes());
    if (batch == null) {
      return;
    }
    try {
      if (!lane.isPrepared()) {
        spec.effect().assigned(lane.partition, batch.position());
        lane.prepared();
      }
      long start = System.nanoTime();
      spec.effect().apply(batch);
      effectTimer.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
      applied.add(batch.records().size());
      lane.applied(batch);
    } catch (PoisonRecord e) {
      poison(lane, batch, e);
    } catch (PositionLost e) {
      LOG.atInfo().addKeyValue("reader", spec.name()).log(e.getMessage());
      int unused = lane.failed(shown(e));
      lane.stop();
      lost.add(lane.partition);
    } catch (Throwable e) {
      unexpected(lane, batch, e);
      return;
    }
    if (lane.mayBringMore(full ? 0 : spec.bounds().maxQueuedRecords() / 2)) {
      wakeLoop();
    }
    schedule(lane);
  }

  private void poison(Lane lane, Batch batch, PoisonRecord e) {
    int index = 0;
    while (index < batch.records().size() && batch.records().get(index).offset() != e.offset()) {
      index++;
    }
    if (index == batch.records().size()) {
      unexpected(lane, batch, new IllegalStateException("poison that is not in the batch", e));
    } else if (index > 0) {
      lane.splitBefore(index);
    } else {
      reject(lane, batch.records().get(0), e.reason(), e.detail(), false);
    }
  }

  private void unexpected(Lane lane, Batch batch, Throwable e) {
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    boolean interrupted = Thread.currentThread().isInterrupted();
    if (interrupted || batch.records().isEmpty() || spec.transientFailure().test(e)) {
      waitAndRetry(lane, e);
    } else if (batch.records().size() > 1) {
      lane.tryOneByOne();
      schedule(lane);
    } else {
      LOG.atError()
          .addKeyValue("reader", spec.name())
          .addKeyValue("partition", lane.partition)
          .addKeyValue("offset", batch.records().get(0).offset())
          .setCause(e)
          .log("a record broke its effect");
      reject(lane, batch.records().get(0), "effect_failed", e.getClass().getSimpleName(), true);
      if (lane.unexpectedInARow() > UNEXPECTED_IN_A_ROW) {
        lane.rest(spec.times().maxBackOff().toMillis());
      }
      schedule(lane);
    }
  }

  private void reject(
      Lane lane, LogRecord record, String reason, String detail, boolean unexpected) {
    try {
      rejections.keep(record, spec.name(), reason, detail);
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      waitAndRetry(lane, e);
      return;
    }
    rejected.increment();
    LOG.atWarn()
        .addKeyValue("reader", spec.name())
        .addKeyValue("partition", record.partition())
        .addKeyValue("offset", record.offset())
        .addKeyValue("reason", reason)
        .log("record rejected");
    spec.effect().rejected(record);
    lane.rejected(record, unexpected);
  }

  private void waitAndRetry(Lane lane, Throwable e) {
    retries.increment();
    int attempts = lane.failed(shown(e));
    if (attempts == 1) {
      LOG.atWarn()
          .addKeyValue("reader", spec.name())
          .addKeyValue("partition", lane.partition)
          .setCause(e)
          .log("waiting to try again");
    }
    lane.rest(backOffMillis(attempts));
  }

  private long backOffMillis(int attempts) {
    long doubled = spec.times().backOff().toMillis() << Math.min(attempts - 1, 16);
    return Math.min(doubled, spec.times().maxBackOff().toMillis());
  }

  /** A failure's own words may hold a payload; its kind cannot. */
  private static String shown(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return e.getClass().getSimpleName()
        + (cause == e ? "" : " (" + cause.getClass().getSimpleName() + ")");
  }

  /** Lets batches under way end within the drain time, commits and leaves the group. */
  @Override
  public void close() {
    stopping = true;
    synchronized (stopped) {
      stopped.notifyAll();
    }
    wakeLoop();
    if (loop.isAlive()) {
      try {
        Duration most = spec.times().drain().plus(CALL).plus(CALL).plus(CALL);
        if (!stopped.await(most.toMillis(), TimeUnit.MILLISECONDS)) {
          LOG.atWarn().addKeyValue("reader", spec.name()).log("did not stop in time");
          loop.interrupt();
        }
      } catch (InterruptedException e) {
        loop.interrupt();
        Thread.currentThread().interrupt();
      }
    }
    workers.shutdownNow();
    meters.forEach(registry::remove);
  }
}
