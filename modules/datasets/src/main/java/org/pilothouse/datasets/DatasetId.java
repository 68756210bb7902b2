package org.pilothouse.datasets;

import org.pilothouse.kernel.Names;

/** A dataset of a pilot; the platform makes it. */
public record DatasetId(String value) {
  public DatasetId {
    if (!Names.isId(value)) {
      throw new IllegalArgumentException("not the id of a dataset");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
