package org.pilothouse.warehouse.internal;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One partition's part of a dump: what is read, and what came of it.
 *
 * @param to the first offset that is not read
 * @param watermark how far the partition had come when the day was closed
 */
public record Share(
    int partition,
    long from,
    long to,
    @Nullable Instant watermark,
    boolean done,
    long readTo,
    Counts counts,
    List<Missing> missing,
    @Nullable String failure) {
  public Share {
    missing = List.copyOf(missing);
  }

  /**
   * What was read.
   *
   * @param records all that there were in the range
   * @param otherDays records of other days
   * @param events of the day that are in its tables, each once
   * @param rows of the tables
   * @param late of the events, those that came after the allowed lateness
   * @param rejected records that no row could be made of
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

    /** Each record went one way. */
    boolean addUp() {
      return records == otherDays + events + rejected + repeats;
    }
  }
}
