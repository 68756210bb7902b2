package org.pilothouse.warehouse;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/**
 * A closed day, or one that is being closed.
 *
 * @param revision 1, and one more for each correction
 * @param frozenAt when it was decided what is read; null before
 * @param datasetId null before
 * @param events of the day, each once
 * @param rows of its tables; a twin without a model has a row a value
 * @param late of the events, those that came after the allowed lateness
 * @param parts its files
 * @param step what is being done; null while nobody works on it
 * @param requestedBy who asked for it
 * @param amends null of the day itself
 * @param redriveRejects whether it looks again at what earlier revisions have rejected
 * @param redriven of the events, those that they had rejected
 * @param rejectsLeft records that are still rejected, of this revision and those before it
 */
public record Dump(
    PilotId pilot,
    PilotDay day,
    int revision,
    DumpState state,
    String timeZone,
    @Nullable CloseReason closeReason,
    @Nullable Instant frozenAt,
    @Nullable String datasetId,
    long events,
    long rows,
    long late,
    long rejected,
    long repeats,
    int parts,
    int attempts,
    @Nullable String step,
    @Nullable Failure failure,
    @Nullable Instant createdAt,
    @Nullable Instant finishedAt,
    String requestedBy,
    @Nullable Amends amends,
    boolean redriveRejects,
    long redriven,
    long rejectsLeft) {
  /** The newest revision before it that has a dataset. */
  public record Amends(int revision, String datasetId) {}

  /** Whether it is closed, and so can be corrected. */
  public boolean isClosed() {
    return state == DumpState.COMPLETE || state == DumpState.INCOMPLETE;
  }

  public boolean isCorrection() {
    return revision > 1;
  }

  /** Why the last attempt ended. */
  public record Failure(String code, String detail) {}
}
