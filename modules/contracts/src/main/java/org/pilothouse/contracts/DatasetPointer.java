package org.pilothouse.contracts;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/**
 * The data of {@link EventType#DATASET_AVAILABLE}, {@link EventType#DATASET_EXPIRED} and {@link
 * EventType#DATASET_DELETED}: what the bytes are and where they rest.
 *
 * @param eventType repeats the envelope's type, for readers of the data alone
 * @param objectUri {@code s3://bucket/key} in the hold
 * @param checksum {@code sha256:} and 64 digits, of the bytes as they were read back
 * @param mediaType what the bytes are
 * @param schemaRef a URI
 * @param tags what governs it; texts, numbers and booleans
 */
public record DatasetPointer(
    String eventType,
    PilotId pilotId,
    String datasetId,
    String objectUri,
    String checksum,
    long sizeBytes,
    String mediaType,
    @Nullable String schemaRef,
    Map<String, Object> tags,
    Lineage lineage) {

  /**
   * What it was made from.
   *
   * @param inputs datasets
   * @param kind upload, registration, job, dump, replay or simulation
   * @param id which job, dump, replay or simulation
   */
  public record Lineage(List<String> inputs, String kind, @Nullable String id) {}
}
