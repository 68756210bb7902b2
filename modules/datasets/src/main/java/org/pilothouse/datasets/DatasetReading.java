package org.pilothouse.datasets;

import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;

/** The bytes of datasets, for rooms that work on them; they hold it meanwhile. */
public interface DatasetReading {
  /**
   * An object of a dataset.
   *
   * @param path below the dataset; empty where the dataset is this object
   */
  record StoredObject(String key, String path, long size, Checksum checksum) {}

  Optional<Dataset> find(PilotId pilot, DatasetId id);

  /**
   * Available datasets in the order of their ids.
   *
   * @param after null: from the first on
   */
  List<Dataset> available(PilotId pilot, @Nullable DatasetId after, int limit);

  /**
   * What it consists of: itself, or its manifest and the parts that this names.
   *
   * @throws Problem {@code object_missing}, {@code checksum_mismatch} or {@code size_mismatch}
   *     where the manifest is not what it was, {@code conflict} where it is not one, {@code
   *     unavailable}
   */
  List<StoredObject> objects(Dataset dataset);

  /**
   * The bytes from one on. Whoever opens it closes it.
   *
   * @throws Problem {@code object_missing}, {@code unavailable}, or what keeps the pilot's endpoint
   *     from being used
   */
  InputStream open(Dataset dataset, StoredObject object, long from);
}
