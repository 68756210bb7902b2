package org.pilothouse.jobs.internal;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/**
 * A job that is asked for again and again.
 *
 * @param parameters JSON, as it was given
 * @param nextAt null where it is not enabled
 * @param error why no job was asked for the last time
 */
public record Schedule(
    PilotId pilot,
    String id,
    String name,
    String type,
    String parameters,
    Timetable timetable,
    Priority priority,
    boolean enabled,
    @Nullable Instant nextAt,
    @Nullable UUID lastJob,
    Job.@Nullable Failure error,
    String requestedBy,
    Instant createdAt,
    Instant updatedAt,
    long revision) {}
