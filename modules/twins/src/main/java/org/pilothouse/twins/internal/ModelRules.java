package org.pilothouse.twins.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.models.ActionModel;
import org.pilothouse.models.Fault;
import org.pilothouse.models.ModelCatalogue;
import org.pilothouse.models.PropertyModel;
import org.pilothouse.platform.web.Json;

/** What the models say of twins. */
public final class ModelRules {
  private final ModelCatalogue models;

  ModelRules(ModelCatalogue models) {
    this.models = models;
  }

  /** Whether the pilot has such a model. */
  boolean exists(PilotId pilot, String model) {
    return models.find(pilot, model).isPresent();
  }

  /** Null when the value may be; always so where there is no such model or property. */
  @Nullable Fault against(PilotId pilot, String model, String property, Reported value) {
    PropertyModel rule = property(pilot, model, property);
    if (rule == null) {
      return null;
    }
    Double number = value.number();
    return switch (value.literal()) {
      case "true" -> rule.check(true);
      case "false" -> rule.check(false);
      default -> number != null ? rule.check(number) : rule.check(text(value.literal()));
    };
  }

  /** The reading without the values that its twin's model refuses. */
  Reading counting(PilotId pilot, String model, Reading reading) {
    Map<String, Reported> counting = new LinkedHashMap<>(reading.values());
    counting
        .entrySet()
        .removeIf(value -> against(pilot, model, value.getKey(), value.getValue()) != null);
    return counting.size() == reading.values().size() ? reading : reading.with(counting);
  }

  private static String text(String literal) {
    try {
      return Json.mapper().readValue(literal, String.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a value that is no JSON", e);
    }
  }

  /**
   * @param input null where none was given
   * @throws Problem when the model has no such action, or the input is not what it takes
   */
  void checkCommand(PilotId pilot, String model, String action, @Nullable JsonNode input) {
    Optional<ActionModel> rule =
        models.find(pilot, model).flatMap(known -> Optional.ofNullable(known.action(action)));
    if (rule.isEmpty()) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE, "/name", "The model " + model + " has no such action.");
    }
    List<Fault> faults = rule.get().checkInput(input);
    if (!faults.isEmpty()) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          "/input" + faults.getFirst().path(),
          faults.getFirst().sentence());
    }
  }

  /**
   * @param wanted the desired properties to be checked; null stands for none
   * @throws Problem when people cannot wish for one of them, or not for this value
   */
  void checkDesired(PilotId pilot, String model, ObjectNode wanted) {
    for (Map.Entry<String, JsonNode> each : wanted.properties()) {
      PropertyModel rule = property(pilot, model, each.getKey());
      if (rule == null || each.getValue().isNull()) {
        continue;
      }
      String at = "/desired/" + each.getKey().replace("~", "~0").replace("/", "~1");
      if (rule.readOnly()) {
        throw Problem.at(
            ProblemCode.INVALID_VALUE,
            at,
            rule.name() + " is read-only in the model: nobody can wish for a value of it.");
      }
      Fault fault = rule.check(each.getValue());
      if (fault != null) {
        throw Problem.at(ProblemCode.INVALID_VALUE, at + fault.path(), fault.sentence());
      }
    }
  }

  /** The unit of a property, where the model names one. */
  public @Nullable String unit(PilotId pilot, String model, String property) {
    PropertyModel rule = property(pilot, model, property);
    return rule == null ? null : rule.unit();
  }

  private @Nullable PropertyModel property(PilotId pilot, String model, String property) {
    return models.find(pilot, model).map(known -> known.property(property)).orElse(null);
  }
}
