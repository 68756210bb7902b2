package org.pilothouse.warehouse.internal;

import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks through what comes for records of days that are closed. Each partition is one node's for a
 * while; two that look at the same count nothing twice, since only one moves the position.
 */
final class LateScan implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LateScan.class);

  /** Between two looks at a partition that has been looked through. */
  private static final Duration EVERY = Duration.ofSeconds(15);

  /** How long a partition is left to the node that has taken it. */
  private static final Duration TAKEN = Duration.ofMinutes(2);

  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Offsets of a partition that are read before the next has its turn. */
  private static final int CHUNK = 50_000;

  private static final int CHUNKS = 20;

  /** Records of days before these are counted by nobody. */
  static final int MOST_DAYS = 400;

  private final LateEvents rows;
  private final Function<PilotId, KafkaTelemetry> telemetry;
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final Semaphore stop = new Semaphore(0);
  private final Thread thread;

  LateScan(LateEvents rows, Function<PilotId, KafkaTelemetry> telemetry) {
    this.rows = rows;
    this.telemetry = telemetry;
    this.thread = Thread.ofPlatform().name("warehouse-late").daemon(true).unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  private void loop() {
    while (running.get()) {
      Duration pause = PAUSE;
      try {
        Optional<LateEvents.Due> due = rows.next(TAKEN);
        if (due.isPresent()) {
          look(due.get());
          continue;
        }
      } catch (RuntimeException e) {
        LOG.warn("cannot look for late events now, trying again error={}", e.toString());
        pause = AFTER_FAILURE;
      }
      try {
        var unused = stop.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void look(LateEvents.Due due) {
    KafkaTelemetry topic = telemetry.apply(due.pilot());
    Map<Integer, Long> ends = topic.ends();
    List<Integer> known = rows.partitions(due.pilot());
    ends.keySet().stream()
        .filter(partition -> !known.contains(partition))
        .forEach(partition -> rows.add(due.pilot(), partition));
    boolean more = false;
    for (int i = 0; i < CHUNKS && running.get(); i++) {
      more = lookOn(due, topic, ends.getOrDefault(due.partition(), 0L));
      if (!more) {
        break;
      }
    }
    rows.rest(due, more ? Duration.ZERO : EVERY);
  }

  /** Whether there is more before that end. */
  private boolean lookOn(LateEvents.Due due, KafkaTelemetry topic, long end) {
    LateEvents.Position position = rows.position(due, MOST_DAYS).orElse(null);
    if (position == null || position.scannedTo() >= end) {
      return false;
    }
    long to = Math.min(end, position.scannedTo() + CHUNK);
    Counts counts = new Counts(position.days());
    topic.read(due.partition(), position.scannedTo(), to, counts::take);
    boolean unused = rows.note(due, position, to, counts.found());
    return to < end;
  }

  /**
   * Looks through all that has come until now.
   *
   * @return false when that took too long
   */
  boolean catchUp(PilotId pilot, Duration patience) {
    KafkaTelemetry topic = telemetry.apply(pilot);
    long deadline = System.nanoTime() + patience.toNanos();
    for (Map.Entry<Integer, Long> end : topic.ends().entrySet()) {
      LateEvents.Due due = new LateEvents.Due(pilot, end.getKey());
      while (lookOn(due, topic, end.getValue())) {
        if (System.nanoTime() - deadline >= 0) {
          return false;
        }
      }
      // The last look may have been in vain, because a revision was closed meanwhile.
      if (rows.position(due, 0).map(at -> at.scannedTo() < end.getValue()).orElse(false)) {
        return false;
      }
    }
    return true;
  }

  /** What is found in one stretch. */
  static final class Counts {
    private final List<Day> days = new ArrayList<>();
    private final Map<LocalDate, LateEvents.Found> found = new TreeMap<>();
    private long end = Long.MIN_VALUE;

    private record Day(LateEvents.ClosedDay closed, long start, long end) {
      boolean holds(long micros) {
        return micros >= start && micros < end;
      }
    }

    Counts(List<LateEvents.ClosedDay> closed) {
      for (LateEvents.ClosedDay day : closed) {
        Day added = new Day(day, ShareWriter.micros(day.start()), ShareWriter.micros(day.end()));
        days.add(added);
        end = Math.max(end, added.end());
      }
    }

    void take(LogRecord record) {
      String text = record.headers().text(CloudEvents.TIME);
      long time =
          ShareWriter.dayMicros(
              text == null ? Long.MIN_VALUE : ShareWriter.micros(text), record.timestampMillis());
      // Nearly all that comes is of a day that goes on.
      if (time >= end) {
        return;
      }
      for (Day day : days) {
        if (day.holds(time)
            && record.offset() >= day.closed().to()
            && record.offset() >= day.closed().countedTo()) {
          found.merge(
              day.closed().date(),
              new LateEvents.Found(day.closed().date(), 1, record.offset() + 1),
              (before, one) ->
                  new LateEvents.Found(before.date(), before.records() + 1, one.countedTo()));
        }
      }
    }

    List<LateEvents.Found> found() {
      return List.copyOf(found.values());
    }
  }

  @Override
  public void close() {
    running.set(false);
    stop.release();
    try {
      if (thread.isAlive() && !thread.join(PATIENCE)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
