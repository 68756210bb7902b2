package org.pilothouse.warehouse.rest;

import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.warehouse.CloseReason;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.DumpState;
import org.pilothouse.warehouse.PilotDay;
import org.pilothouse.warehouse.internal.Dumps;

/** A revision of a day and what is known of it. */
record DumpBody(
    LocalDate date,
    int revision,
    String kind,
    String state,
    IntervalBody interval,
    String timeZone,
    @Nullable String closeReason,
    @Nullable String requestedBy,
    @Nullable Instant frozenAt,
    Dump.@Nullable Amends amends,
    boolean redriveRejects,
    long events,
    long rows,
    long late,
    long rejected,
    long repeats,
    long redriven,
    int parts,
    @Nullable String datasetId,
    long lateWaiting,
    long rejectsWaiting,
    boolean missed,
    int attempts,
    @Nullable String step,
    @Nullable ProgressBody progress,
    boolean cancellable,
    Dump.@Nullable Failure failure,
    @Nullable Instant createdAt,
    @Nullable Instant finishedAt,
    long dayRows,
    boolean dayIncomplete) {
  private static final String DAY = "day";
  private static final String CORRECTION = "correction";

  /**
   * @param newest whether no revision has come after it
   * @param lateWaiting records of the day that are in no revision
   * @param whole all revisions of the day that can be read
   */
  static DumpBody of(
      Dump dump,
      boolean newest,
      long lateWaiting,
      Dumps.Whole whole,
      @Nullable ProgressBody progress) {
    CloseReason reason = dump.closeReason();
    return new DumpBody(
        dump.day().date(),
        dump.revision(),
        dump.isCorrection() ? CORRECTION : DAY,
        dump.state().word(),
        IntervalBody.of(dump.day()),
        dump.timeZone(),
        reason == null ? null : reason.word(),
        dump.requestedBy(),
        dump.frozenAt(),
        dump.amends(),
        dump.redriveRejects(),
        dump.events(),
        dump.rows(),
        dump.late(),
        dump.rejected(),
        dump.repeats(),
        dump.redriven(),
        dump.parts(),
        dump.datasetId(),
        newest ? lateWaiting : 0,
        newest ? dump.rejectsLeft() : 0,
        false,
        dump.attempts(),
        dump.step(),
        progress,
        dump.state() == DumpState.RUNNING,
        dump.failure(),
        dump.createdAt(),
        dump.finishedAt(),
        whole.rows(),
        whole.incomplete());
  }

  /** A day that nobody has closed. */
  static DumpBody open(Pilot pilot, PilotDay day, boolean missed) {
    return new DumpBody(
        day.date(),
        0,
        DAY,
        DumpState.OPEN.word(),
        IntervalBody.of(day),
        pilot.timeZone().getId(),
        null,
        null,
        null,
        null,
        false,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        null,
        0,
        0,
        missed,
        0,
        null,
        null,
        false,
        null,
        null,
        null,
        0,
        false);
  }
}
