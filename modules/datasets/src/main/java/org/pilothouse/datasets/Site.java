package org.pilothouse.datasets;

import java.net.URI;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/**
 * A pilot's own S3 endpoint. Its secret stands nowhere here.
 *
 * @param trustsStoredChecksums whether a SHA-256 that the store keeps of a whole object is believed
 * @param takesUploads whether the platform may write there, under a prefix of its own
 * @param writable what the newest look showed of that; null where nobody has looked
 * @param writeDetail what keeps it from being written
 * @param seen what the newest look at it showed, or what its dates say
 * @param revision grows with every change that somebody makes; the entity tag
 */
public record Site(
    PilotId pilot,
    URI endpoint,
    String bucket,
    String region,
    String accessKey,
    boolean trustsStoredChecksums,
    boolean takesUploads,
    @Nullable Boolean writable,
    @Nullable String writeDetail,
    @Nullable Instant credentialsExpireAt,
    @Nullable Instant agreementUntil,
    Replayability seen,
    long revision,
    Instant createdAt,
    Instant updatedAt) {

  /** Of one dataset that rests there. */
  public Replayability of(Dataset dataset) {
    boolean answers =
        seen.state() == Replayability.State.REACHABLE
            || seen.state() == Replayability.State.UNKNOWN;
    return answers ? dataset.seen().orElse(seen) : seen;
  }
}
