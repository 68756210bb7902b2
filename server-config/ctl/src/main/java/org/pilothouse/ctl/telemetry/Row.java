package org.pilothouse.ctl.telemetry;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a file.
 *
 * @param line where it begins, from 1
 * @param cells none where there is a fault
 * @param fault why it could not be read
 */
record Row(long line, List<String> cells, @Nullable Refusal fault) {
  boolean isBlank() {
    return fault == null && (cells.isEmpty() || (cells.size() == 1 && cells.getFirst().isBlank()));
  }
}
