package org.pilothouse.platform.kafka.consume;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way of one partition's records through a reader: filled by the loop, emptied by one worker at
 * a time. All fields are guarded by the lane itself.
 */
final class Lane {
  private static final long NOWHERE = -1;

  /** For so long a batch is waited for that is known to come, in the log as it is. */
  private static final long BEHIND_GATHERS = TimeUnit.SECONDS.toNanos(2);

  final Partition partition;
  private final boolean storing;

  /** The lane of the same partition that an earlier assignment left with a batch under way. */
  private @Nullable Lane predecessor;

  private final ArrayDeque<LogRecord> queue = new ArrayDeque<>();
  private List<LogRecord> current = List.of();
  private long queuedBytes;
  private long position;
  private long polledTo;
  private long committed = NOWHERE;

  /** Where the effect has to store its position behind a rejected record. */
  private long advanceTo = NOWHERE;

  private int oneByOne;
  private boolean prepared;
  private boolean busy;
  private boolean scheduled;
  private boolean closed;
  private boolean abandoned;
  private boolean held;
  private boolean behind;
  private int attempts;
  private long notBefore = System.nanoTime();
  private long begunAt = notBefore - TimeUnit.DAYS.toNanos(1);
  private int unexpectedInARow;
  private @Nullable String failure;

  /**
   * @param storing whether the effect keeps its positions itself: then the lane's position is only
   *     moved by a batch
   */
  Lane(Partition partition, long position, boolean storing, @Nullable Lane predecessor) {
    this.partition = partition;
    this.position = position;
    this.polledTo = position;
    this.storing = storing;
    this.predecessor = predecessor;
  }

  synchronized void offer(List<LogRecord> records, long next) {
    if (closed) {
      return;
    }
    for (LogRecord record : records) {
      queue.addLast(record);
      queuedBytes += record.weight();
    }
    if (!records.isEmpty() && records.get(0).offset() < polledTo) {
      // The topic was removed and made anew: its offsets begin again.
      polledTo = next;
      position = storing ? position : Math.min(position, records.get(0).offset());
    }
    polledTo = Math.max(polledTo, next);
    skipHoles();
  }

  /** Offsets that hold no record (markers of transactions, compacted ones) count as applied. */
  private void skipHoles() {
    // A closed lane has forgotten what waited, which is not the same as having applied it.
    if (!storing && !closed && !busy && isIdle()) {
      position = Math.max(position, polledTo);
    }
  }

  private boolean isIdle() {
    return queue.isEmpty() && current.isEmpty() && advanceTo == NOWHERE;
  }

  /** True once for the caller that has to hand this lane to a worker. */
  synchronized boolean claim(ReaderSpec.Bounds bounds, ReaderSpec.Gathering gathering) {
    long now = System.nanoTime();
    if (closed || scheduled || busy || isIdle() || now - notBefore < 0) {
      return false;
    }
    long gathers = gathering.nanos(queue.size());
    long least = behind ? Math.max(gathers, BEHIND_GATHERS) : gathers;
    if (!gathering.isNone() && now - begunAt < least && !hasMoreToDo() && !isBatchFull(bounds)) {
      return false;
    }
    scheduled = true;
    return true;
  }

  /**
   * Notes whether more than a batch is still to be brought, and tells.
   *
   * @param beginning what lies before it is not kept any more
   */
  synchronized boolean isBehind(@Nullable Long end, long beginning, int batch) {
    behind = end != null && end - Math.max(polledTo, beginning) > batch;
    return behind;
  }

  /** When its last batch began, by {@link System#nanoTime}. */
  synchronized long begunAt() {
    return begunAt;
  }

  /** Whether it is in the middle of something, which gathering would only hold up. */
  private boolean hasMoreToDo() {
    return advanceTo != NOWHERE || oneByOne > 0 || !current.isEmpty();
  }

  private boolean isBatchFull(ReaderSpec.Bounds bounds) {
    return queue.size() >= bounds.maxBatch() || queuedBytes >= bounds.maxBatchBytes();
  }

  /** Gives a claim back that no worker took up. */
  synchronized void unclaim() {
    scheduled = false;
  }

  /** The next batch for a worker; null when there is none. */
  synchronized @Nullable Batch begin(int maxBatch, long maxBytes) {
    scheduled = false;
    if (closed || busy || isHeldBack()) {
      return null;
    }
    if (advanceTo != NOWHERE) {
      busy = true;
      return new Batch(partition, List.of(), position, advanceTo);
    }
    if (current.isEmpty()) {
      int most = Math.min(queue.size(), oneByOne > 0 ? 1 : maxBatch);
      List<LogRecord> taken = new ArrayList<>(most);
      long bytes = 0;
      while (taken.size() < most) {
        int weight = queue.getFirst().weight();
        if (!taken.isEmpty() && bytes + weight > maxBytes) {
          break;
        }
        taken.add(queue.removeFirst());
        bytes += weight;
        queuedBytes -= weight;
      }
      current = taken;
    }
    if (current.isEmpty()) {
      return null;
    }
    busy = true;
    begunAt = System.nanoTime();
    long next = queue.isEmpty() ? polledTo : current.getLast().offset() + 1;
    return new Batch(partition, current, position, next);
  }

  /** Whether it has to wait for the batch of an earlier assignment to end. */
  synchronized boolean isHeldBack() {
    Lane before = predecessor;
    if (before == null) {
      return false;
    }
    if (before.isBusy()) {
      return true;
    }
    predecessor = null;
    return false;
  }

  synchronized boolean isPrepared() {
    return prepared;
  }

  synchronized void prepared() {
    prepared = true;
  }

  synchronized void applied(Batch batch) {
    finish();
    if (advanceTo != NOWHERE) {
      advanceTo = NOWHERE;
    } else {
      oneByOne = Math.max(0, oneByOne - batch.records().size());
      current = List.of();
      unexpectedInARow = 0;
    }
    if (!abandoned) {
      position = batch.nextPosition();
    }
    skipHoles();
  }

  /** The first of the current records was kept among the rejected; the lane goes on behind it. */
  synchronized void rejected(LogRecord record, boolean unexpected) {
    finish();
    unexpectedInARow = unexpected ? unexpectedInARow + 1 : 0;
    oneByOne = Math.max(0, oneByOne - 1);
    giveBack(current.subList(1, current.size()));
    current = List.of();
    if (storing) {
      advanceTo = record.offset() + 1;
    } else if (!abandoned) {
      position = record.offset() + 1;
      skipHoles();
    }
  }

  /** Only the current records before the index are to be tried next, the others after them. */
  synchronized void splitBefore(int index) {
    finish();
    giveBack(current.subList(index, current.size()));
    current = List.copyOf(current.subList(0, index));
  }

  /** One of the current records is at fault, nobody knows which: each is to be tried alone. */
  synchronized void tryOneByOne() {
    finish();
    oneByOne = current.size();
    giveBack(current);
    current = List.of();
  }

  private void giveBack(List<LogRecord> records) {
    if (closed) {
      return;
    }
    for (int i = records.size() - 1; i >= 0; i--) {
      queue.addFirst(records.get(i));
      queuedBytes += records.get(i).weight();
    }
  }

  /** Counts a transient failure; how many there were in a row. */
  synchronized int failed(String what) {
    busy = false;
    notifyAll();
    failure = what;
    return ++attempts;
  }

  /** Begins no batch for this long. */
  synchronized void rest(long millis) {
    notBefore = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  synchronized void held(boolean isHeld) {
    held = isHeld;
  }

  /** Whether the loop brings no records because so many wait, and few enough wait now. */
  synchronized boolean mayBringMore(int most) {
    return held && queue.size() <= most;
  }

  private void finish() {
    busy = false;
    attempts = 0;
    failure = null;
    notifyAll();
  }

  synchronized int unexpectedInARow() {
    return unexpectedInARow;
  }

  /**
   * Begins nothing more; what waits is forgotten. When a batch under way does not end in time, it
   * no longer counts: its records will be applied again.
   */
  synchronized void close(long waitNanos) {
    stop();
    long deadline = System.nanoTime() + waitNanos;
    while (busy) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        abandoned = true;
        return;
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        abandoned = true;
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Begins nothing more, and does not wait for a batch under way. */
  synchronized void stop() {
    closed = true;
    queue.clear();
    queuedBytes = 0;
  }

  synchronized boolean isBusy() {
    return busy;
  }

  synchronized @Nullable String failure() {
    return failure;
  }

  /** Before it, every record was applied or rejected; what is known to be no record counts too. */
  synchronized long reached() {
    return !busy && isIdle() ? Math.max(position, polledTo) : position;
  }

  synchronized long position() {
    return position;
  }

  synchronized int queued() {
    return queue.size();
  }

  synchronized long queuedBytes() {
    return queuedBytes;
  }

  /** The position, when it is not the committed one. */
  synchronized @Nullable Long toCommit() {
    return position == committed ? null : Long.valueOf(position);
  }

  synchronized void committed(long offset) {
    committed = offset;
  }
}
