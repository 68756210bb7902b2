package org.pilothouse.twins;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;

/** What the models say of twins. */
public interface TwinRules {
  /** Why a value is not one that the model allows: a stable code and a sentence. */
  record Fault(String reason, String detail) {}

  /** Whether the pilot has such a model. */
  boolean exists(PilotId pilot, String model);

  /**
   * Null when the value may be; always so where there is no such model or property.
   *
   * @param literal the value as JSON
   * @param number the value where it is a number
   */
  @Nullable Fault against(
      PilotId pilot, String model, String property, String literal, @Nullable Double number);

  /**
   * @param input null where none was given
   * @throws Problem when the model has no such action, or the input is not what it takes
   */
  void checkCommand(PilotId pilot, String model, String action, @Nullable JsonNode input);

  /** The unit of a property, where the model names one. */
  @Nullable String unit(PilotId pilot, String model, String property);
}
