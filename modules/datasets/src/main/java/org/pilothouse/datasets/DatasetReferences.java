package org.pilothouse.datasets;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/** Keeps the bytes of a dataset where they are while somebody needs them. */
public interface DatasetReferences {
  /** Who may need a dataset. */
  enum Kind {
    REPLAY,
    JOB,
    DUMP
  }

  /**
   * From here on the dataset cannot be deleted and does not expire. Doing it again changes nothing.
   *
   * @param holder the id of the replay, job or dump
   * @param until when it no longer counts, in case its holder never lets go
   * @return empty when there is no such dataset, or it is not available
   */
  Optional<Dataset> hold(
      PilotId pilot,
      DatasetId dataset,
      Kind kind,
      String holder,
      @Nullable String reason,
      @Nullable Instant until);

  /** Nothing, when there is no such reference. */
  void release(PilotId pilot, DatasetId dataset, Kind kind, String holder);
}
