package org.pilothouse.datasets;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A dataset to be.
 *
 * @param name 1 to 256 characters; never part of a key
 * @param mediaType RFC 6838, at most 127 characters
 * @param size in bytes, 0 to 5 TiB
 * @param tags checked already
 * @param retentionDays 1 to 36,500; null: for ever
 * @param objectUri where the bytes are already; null where they are to be sent
 */
public record NewDataset(
    String name,
    String mediaType,
    long size,
    Optional<Checksum> checksum,
    @Nullable String schemaRef,
    Map<String, Object> tags,
    Dataset.Lineage lineage,
    @Nullable Integer retentionDays,
    @Nullable URI objectUri) {
  /** The largest object of the S3 API. */
  public static final long LARGEST = 5L << 40;
}
