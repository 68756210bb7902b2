package org.pilothouse.twins.internal;

import com.fasterxml.jackson.core.io.NumberInput;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One value at one time.
 *
 * @param literal the value as JSON, numbers as they were written
 * @param time event time
 */
public record Reported(String literal, Instant time) {
  /** The value where it is a finite number. Worked out when asked for: the fold never does. */
  public @Nullable Double number() {
    char first = literal.charAt(0);
    if (first != '-' && (first < '0' || first > '9')) {
      return null;
    }
    double number = NumberInput.parseDouble(literal, true);
    return Double.isFinite(number) ? number : null;
  }
}
