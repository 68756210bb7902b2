package org.pilothouse.datasets;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/**
 * A dataset as the catalogue knows it.
 *
 * @param version counts the datasets of its name
 * @param key of the object that holds the bytes
 * @param declaredType what it was said to be
 * @param mediaType what its bytes are, as far as they tell; as declared before they were read
 * @param declared the checksum that its sender gave before it was sent
 * @param sent the checksum that its sender gave afterwards
 * @param checksum of the bytes as they were read back
 * @param retentionDays counted from when it was available; null: for ever
 * @param revision grows with every change that callers can see; the entity tag
 * @param removedAfter when the bytes of an expired or withdrawn dataset go
 * @param seen what the newest look at an object at a pilot's endpoint showed
 */
public record Dataset(
    PilotId pilot,
    DatasetId id,
    String name,
    int version,
    DatasetState state,
    String key,
    long size,
    String declaredType,
    String mediaType,
    Optional<Checksum> declared,
    Optional<Checksum> sent,
    Optional<Checksum> checksum,
    @Nullable String schemaRef,
    Map<String, Object> tags,
    Lineage lineage,
    @Nullable Integer retentionDays,
    long verifiedBytes,
    Optional<Failure> failure,
    long revision,
    Instant createdAt,
    String createdBy,
    @Nullable Instant availableAt,
    @Nullable Instant expiresAt,
    @Nullable Instant removedAfter,
    Place place,
    Optional<Replayability> seen) {

  public static final String LEGAL_HOLD = "legal_hold";

  /** Where its bytes rest. */
  public sealed interface Place {
    /** In the consortium's bucket. */
    record Centre() implements Place {}

    /**
     * At the pilot's own endpoint.
     *
     * @param etag of the object that was verified; null before
     * @param written whether the platform put it there, and so may remove it; all others it only
     *     reads
     */
    record AtSite(String bucket, @Nullable String etag, boolean written) implements Place {}
  }

  /** What made it. */
  public enum Maker {
    UPLOAD,
    REGISTRATION,
    JOB,
    DUMP,
    REPLAY,
    SIMULATION
  }

  /**
   * What it was made from.
   *
   * @param id which job, dump, replay or simulation
   */
  public record Lineage(List<DatasetId> inputs, Maker maker, @Nullable String id) {
    public Lineage {
      inputs = List.copyOf(inputs);
    }
  }

  /** Why it is in quarantine. */
  public record Failure(String code, String detail) {}

  public boolean atSite() {
    return place instanceof Place.AtSite;
  }

  /** What counts against the quota: bytes that the platform wrote, wherever they rest. */
  public long bytesHeld() {
    return switch (place) {
      case Place.Centre centre -> size;
      case Place.AtSite site -> site.written() ? size : 0;
    };
  }

  public boolean underLegalHold() {
    return Boolean.TRUE.equals(tags.get(LEGAL_HOLD));
  }
}
