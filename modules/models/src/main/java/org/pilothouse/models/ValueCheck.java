package org.pilothouse.models;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Holds a structured value against its schema; made ready once, used by many threads. */
@FunctionalInterface
public interface ValueCheck {
  /**
   * What is wrong, at most a handful; empty when nothing is.
   *
   * @param value null where none was sent
   */
  List<Fault> faults(@Nullable JsonNode value);
}
