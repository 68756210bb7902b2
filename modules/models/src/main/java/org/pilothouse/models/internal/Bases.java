package org.pilothouse.models.internal;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** The other models of the pilot, as far as a model builds on them. */
@FunctionalInterface
interface Bases {
  /** Null when the pilot has no such model. */
  @Nullable Base find(String modelId);

  /**
   * @param resolved with all that it takes from others
   * @param base the model that it extends itself
   */
  record Base(JsonNode resolved, @Nullable String base) {}
}
