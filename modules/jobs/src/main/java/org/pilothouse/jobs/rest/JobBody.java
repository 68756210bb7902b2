package org.pilothouse.jobs.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pilothouse.jobs.internal.Job;

/** A job as it is shown. */
record JobBody(
    String jobId,
    String type,
    String name,
    String priority,
    String state,
    @JsonRawValue String parameters,
    Job.Progress progress,
    int attempts,
    int maxAttempts,
    @Nullable Instant notBefore,
    @Nullable Instant deadline,
    @Nullable ResultBody result,
    Job.@Nullable Failure error,
    String requestedBy,
    @Nullable String scheduleId,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    boolean cancelRequested,
    long revision) {

  /** What it has come to. */
  record ResultBody(@Nullable String datasetId, @JsonRawValue String summary) {}

  static JobBody of(Job job) {
    Job.Result result = job.result();
    return new JobBody(
        job.id().toString(),
        job.type(),
        job.name(),
        job.priority().word(),
        job.state().word(),
        job.parameters(),
        job.progress(),
        job.attempts(),
        job.maxAttempts(),
        job.notBefore(),
        job.deadline(),
        result == null ? null : new ResultBody(result.datasetId(), result.summary()),
        job.error(),
        job.requestedBy(),
        job.scheduleId(),
        job.createdAt(),
        job.startedAt(),
        job.finishedAt(),
        job.cancelRequested(),
        job.revision());
  }
}
