package org.pilothouse.jobs.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/** Reads rows of the room's tables. */
final class JobRows {
  static final String COLUMNS =
      "pilot_id, job_id, type, name, priority, state, parameters, progress_done, progress_total,"
          + " progress_message, attempts, max_attempts, not_before, deadline, result_dataset,"
          + " result_summary, error_code, error_detail, requested_by, schedule_id, created_at,"
          + " started_at, finished_at, cancel_requested, revision";

  private JobRows() {}

  static Job job(ResultSet row) throws SQLException {
    String summary = row.getString("result_summary");
    return new Job(
        new PilotId(row.getString("pilot_id")),
        row.getObject("job_id", UUID.class),
        row.getString("type"),
        row.getString("name"),
        Priority.of(row.getString("priority")).orElseThrow(),
        JobState.of(row.getString("state")).orElseThrow(),
        row.getString("parameters"),
        new Job.Progress(
            row.getLong("progress_done"),
            row.getLong("progress_total"),
            row.getString("progress_message")),
        row.getInt("attempts"),
        row.getInt("max_attempts"),
        optionalInstant(row, "not_before"),
        optionalInstant(row, "deadline"),
        summary == null ? null : new Job.Result(row.getString("result_dataset"), summary),
        failure(row),
        row.getString("requested_by"),
        row.getString("schedule_id"),
        instant(row, "created_at"),
        optionalInstant(row, "started_at"),
        optionalInstant(row, "finished_at"),
        row.getBoolean("cancel_requested"),
        row.getLong("revision"));
  }

  static Job.@Nullable Failure failure(ResultSet row) throws SQLException {
    String code = row.getString("error_code");
    return code == null ? null : new Job.Failure(code, row.getString("error_detail"));
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  static @Nullable Instant optionalInstant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
