package org.pilothouse.warehouse.internal;

import java.util.List;

/**
 * What the revisions before a correction hold of one partition.
 *
 * @param tables files whose events are in already
 * @param rejects files of what is still rejected
 * @param redrive whether what is rejected is looked at again
 * @param from the first offset that any of them has read
 */
record Earlier(List<PartFile> tables, List<PartFile> rejects, boolean redrive, long from) {
  Earlier {
    tables = List.copyOf(tables);
    rejects = List.copyOf(rejects);
  }

  /** Of the day itself. */
  static Earlier none(long from) {
    return new Earlier(List.of(), List.of(), false, from);
  }

  boolean isEmpty() {
    return tables.isEmpty() && rejects.isEmpty();
  }
}
