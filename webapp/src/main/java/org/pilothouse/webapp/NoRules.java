package org.pilothouse.webapp;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.twins.TwinRules;

final class NoRules implements TwinRules {
  @Override
  public boolean exists(PilotId pilot, String model) {
    return false;
  }

  @Override
  public @Nullable Fault against(
      PilotId pilot, String model, String property, String literal, @Nullable Double number) {
    return null;
  }

  @Override
  public void checkCommand(PilotId pilot, String model, String action, @Nullable JsonNode input) {}

  @Override
  public @Nullable String unit(PilotId pilot, String model, String property) {
    return null;
  }
}
