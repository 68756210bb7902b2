package org.pilothouse.twins.internal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One value at one time.
 *
 * @param literal the value as JSON, numbers as they were written
 * @param number the value where it is a number
 * @param time event time
 */
public record Reported(String literal, @Nullable Double number, Instant time) {}
