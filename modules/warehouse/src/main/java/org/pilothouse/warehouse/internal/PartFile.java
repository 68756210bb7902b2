package org.pilothouse.warehouse.internal;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;

/**
 * A file of a dump.
 *
 * @param model null where the table has none
 * @param rows lines, of rejects
 * @param first event time; null of rejects
 */
record PartFile(
    int partition,
    String key,
    Kind kind,
    @Nullable String model,
    long rows,
    long size,
    Checksum checksum,
    @Nullable Instant first,
    @Nullable Instant last) {
  enum Kind {
    TABLE,
    TIDY,
    REJECTS;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Kind of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }
}
