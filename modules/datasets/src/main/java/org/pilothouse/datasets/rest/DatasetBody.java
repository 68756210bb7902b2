package org.pilothouse.datasets.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.Site;
import org.pilothouse.datasets.internal.Uploads;

/**
 * A dataset as callers see it.
 *
 * @param objectUri null while there is nothing to point to
 * @param checksum of the bytes once they are verified, as declared before
 * @param replayability of bytes at the pilot's own endpoint; null for the consortium's
 * @param upload only where one was asked for
 */
record DatasetBody(
    String datasetId,
    String name,
    int version,
    String state,
    @Nullable String objectUri,
    @Nullable String checksum,
    long sizeBytes,
    String mediaType,
    String declaredMediaType,
    @Nullable String schemaRef,
    Map<String, Object> tags,
    LineageBody lineage,
    @Nullable Integer retentionDays,
    Instant createdAt,
    String createdBy,
    @Nullable Instant availableAt,
    @Nullable Instant expiresAt,
    @Nullable Instant removedAfter,
    long verifiedBytes,
    Dataset.@Nullable Failure failure,
    @Nullable ReplayabilityBody replayability,
    @JsonInclude(JsonInclude.Include.NON_NULL) Uploads.@Nullable Upload upload) {

  /** What it was made from. */
  record LineageBody(List<String> inputs, String kind, @Nullable String id) {}

  /** Says where the bytes of a dataset are. */
  @FunctionalInterface
  interface Place {
    String of(Dataset dataset);
  }

  /**
   * @param site the pilot's own endpoint; null where it has none
   */
  static DatasetBody of(
      Dataset dataset, Place place, @Nullable Site site, Uploads.@Nullable Upload upload) {
    boolean pointed = dataset.availableAt() != null && dataset.state() != DatasetState.DELETED;
    return new DatasetBody(
        dataset.id().value(),
        dataset.name(),
        dataset.version(),
        dataset.state().word(),
        pointed ? place.of(dataset) : null,
        dataset
            .checksum()
            .or(dataset::sent)
            .or(dataset::declared)
            .map(Checksum::toString)
            .orElse(null),
        dataset.size(),
        dataset.mediaType(),
        dataset.declaredType(),
        dataset.schemaRef(),
        dataset.tags(),
        new LineageBody(
            dataset.lineage().inputs().stream().map(DatasetId::value).toList(),
            dataset.lineage().maker().name().toLowerCase(Locale.ROOT),
            dataset.lineage().id()),
        dataset.retentionDays(),
        dataset.createdAt(),
        dataset.createdBy(),
        dataset.availableAt(),
        dataset.expiresAt(),
        dataset.removedAfter(),
        dataset.verifiedBytes(),
        dataset.failure().orElse(null),
        site == null || !dataset.atSite() || !pointed
            ? null
            : ReplayabilityBody.of(site.of(dataset)),
        upload);
  }
}
