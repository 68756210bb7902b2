package org.pilothouse.platform.kafka.consume;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A record that a reader could not take, without its bytes.
 *
 * @param id where it stands in its topic, as {@code <partition>-<offset>}
 * @param eventId the CloudEvents id of the rejected record, where it has one
 */
public record RejectedRecord(
    String id,
    String reason,
    String detail,
    @Nullable String reader,
    String originTopic,
    @Nullable Long originPartition,
    @Nullable Long originOffset,
    @Nullable String eventId,
    @Nullable String eventType,
    @Nullable String subject,
    Instant rejectedAt) {}
