package org.pilothouse.jobs.internal;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/**
 * A job as it stands in the store.
 *
 * @param parameters JSON, as it was given
 * @param attempts since it was asked for or retried by somebody
 * @param error why it ended; of one that waits again, why the last attempt failed
 */
public record Job(
    PilotId pilot,
    UUID id,
    String type,
    String name,
    Priority priority,
    JobState state,
    String parameters,
    Progress progress,
    int attempts,
    int maxAttempts,
    @Nullable Instant notBefore,
    @Nullable Instant deadline,
    @Nullable Result result,
    @Nullable Failure error,
    String requestedBy,
    @Nullable String scheduleId,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    boolean cancelRequested,
    long revision) {

  /**
   * @param total 0 where it is not known
   */
  public record Progress(long done, long total, String message) {
    static final Progress NONE = new Progress(0, 0, "");
  }

  /**
   * @param summary JSON
   */
  public record Result(@Nullable String datasetId, String summary) {}

  /** Why something did not come about; for people. */
  public record Failure(String code, String detail) {
    private static final int LONGEST = 1_000;

    public Failure {
      if (detail.length() > LONGEST) {
        detail = detail.substring(0, LONGEST);
      }
    }
  }
}
