package org.pilothouse.twins;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.pilothouse.kernel.TwinId;

/**
 * An edge of the graph: its source does to its target what the type says.
 *
 * @param id unique among the relationships of the source
 * @param revision counts the changes; the entity tag
 */
public record Relationship(
    String id,
    TwinId source,
    String type,
    TwinId target,
    ObjectNode attributes,
    long revision,
    Instant createdAt,
    Instant updatedAt) {}
