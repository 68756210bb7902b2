package org.pilothouse.twins;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;
import org.pilothouse.kernel.TwinId;

/**
 * A twin as it is.
 *
 * @param attributes what is true of it for long
 * @param desired what its properties should be
 * @param properties the last reported value of each property, as JSON: {@code
 *     {name:{"value":…,"time":…}}}
 * @param revision counts the changes that people made; the entity tag
 * @param reportedAt the newest event time of its properties
 */
public record Twin(
    TwinId id,
    Optional<String> model,
    ObjectNode attributes,
    ObjectNode desired,
    String properties,
    long revision,
    Instant createdAt,
    Instant updatedAt,
    Optional<Instant> reportedAt) {}
