package org.pilothouse.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Caller;

/**
 * What somebody asks for.
 *
 * @param parameters as the type's schema has them
 */
public record Submission(Caller caller, Pilot pilot, JsonNode parameters) {}
