package org.pilothouse.warehouse.internal;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One partition's part of a dump: what is read, and what came of it.
 *
 * @param to the first offset that is not read
 * @param watermark how far the partition had come when the day was closed
 * @param startedAt of its last attempt
 */
public record Share(
    int partition,
    long from,
    long to,
    @Nullable Instant watermark,
    boolean done,
    long readTo,
    Counts counts,
    Redrive redrive,
    List<Missing> missing,
    @Nullable String failure,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt) {
  public Share {
    missing = List.copyOf(missing);
  }

  /** A part that nobody has begun. */
  static Share waiting(
      int partition, long from, long to, @Nullable Instant watermark, List<Missing> missing) {
    return new Share(
        partition,
        from,
        to,
        watermark,
        false,
        from,
        Counts.NONE,
        Redrive.NONE,
        missing,
        null,
        null,
        null);
  }

  /** Offsets a second: of the whole where it is done, else so far. */
  public @Nullable Double perSecond(Instant now) {
    Instant start = startedAt;
    if (start == null) {
      return null;
    }
    Instant end = finishedAt == null ? now : finishedAt;
    double seconds = java.time.Duration.between(start, end).toMillis() / 1_000.0;
    return seconds <= 0 || readTo == from ? null : (readTo - from) / seconds;
  }

  /**
   * What became of records that earlier revisions had rejected; the counts of what was read hold
   * the events and the repeats among them too.
   *
   * @param taken all that were looked at again
   * @param events that they became
   * @param rejected those that still are
   */
  public record Redrive(long taken, long events, long rejected) {
    static final Redrive NONE = new Redrive(0, 0, 0);

    Redrive plus(Redrive other) {
      return new Redrive(taken + other.taken, events + other.events, rejected + other.rejected);
    }
  }

  /**
   * What was read.
   *
   * @param records all that there were in the range
   * @param otherDays records of other days
   * @param events of the day that are in its tables, each once
   * @param rows of the tables
   * @param late of the events, those that came after the allowed lateness
   * @param rejected records of the range that no row could be made of
   * @param repeats records of events that are in already
   */
  public record Counts(
      long records,
      long otherDays,
      long events,
      long rows,
      long late,
      long rejected,
      long repeats) {
    static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0);

    Counts plus(Counts other) {
      return new Counts(
          records + other.records,
          otherDays + other.otherDays,
          events + other.events,
          rows + other.rows,
          late + other.late,
          rejected + other.rejected,
          repeats + other.repeats);
    }

    /** Each record went one way, and so did each that was looked at again. */
    boolean addUp(Redrive redrive) {
      return records + redrive.taken()
          == otherDays + events + rejected + repeats + redrive.rejected();
    }
  }
}
