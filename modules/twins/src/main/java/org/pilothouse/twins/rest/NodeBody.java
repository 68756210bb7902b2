package org.pilothouse.twins.rest;

import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.twins.internal.Graph;
import org.pilothouse.twins.internal.Level;

/** A twin of the graph as callers see it. */
public record NodeBody(
    TwinId twinId, @Nullable String name, @Nullable String model, @Nullable String level) {
  static NodeBody of(Graph.Node node) {
    return new NodeBody(
        node.twin(),
        node.name().orElse(null),
        node.model().orElse(null),
        node.level().map(Level::word).orElse(null));
  }
}
