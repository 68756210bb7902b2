package org.pilothouse.twins.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.models.Fault;

/**
 * The fold of telemetry into states, one batch of one pilot. The reader of the backbone and a
 * rebuild both come here, so that a stretch of the log is the same bytes for both, however it is
 * cut into batches.
 */
final class Folds {
  private static final Refusal FULL =
      new Refusal(
          "too_large",
          "the twin has %,d properties or %,d characters of them already"
              .formatted(ReportedState.MOST_PROPERTIES, ReportedState.MOST_CHARACTERS));

  private final PilotId pilot;
  private final ModelRules rules;
  private final Map<String, StateStore.Stored> stored;
  private final Map<String, Fold> folds = new LinkedHashMap<>();

  /**
   * @param stored what the twins of the batch had before it
   */
  Folds(PilotId pilot, ModelRules rules, Map<String, StateStore.Stored> stored) {
    this.pilot = pilot;
    this.rules = rules;
    this.stored = stored;
  }

  /**
   * Takes the next reading, or nothing of it when this throws.
   *
   * @return which of its values do not count
   */
  List<Refusal> take(Reading reading) {
    return folds
        .computeIfAbsent(
            reading.twin(), twin -> new Fold(stored.getOrDefault(twin, StateStore.Stored.NOTHING)))
        .take(reading);
  }

  /** What is another than before. */
  List<StateStore.Folded> changed() {
    List<StateStore.Folded> changed = new ArrayList<>(folds.size());
    folds.forEach((twin, fold) -> {
      if (fold.state.changed()) {
        changed.add(new StateStore.Folded(twin, fold.state, fold.device, fold.before));
      }
    });
    return changed;
  }

  /** One twin in one batch. */
  private final class Fold {
    private final StateStore.Stored before;
    private final ReportedState state;
    private @Nullable String device;

    Fold(StateStore.Stored before) {
      this.before = before;
      String properties = before.properties();
      this.state = properties == null ? ReportedState.empty() : ReportedState.of(properties);
    }

    List<Refusal> take(Reading reading) {
      if (Retirement.ends(before.retiredAt(), reading)) {
        return List.of();
      }
      Map<String, Fault> faults = judge(reading);
      List<Refusal> refused = new ArrayList<>(0);
      int changes = state.changes();
      for (Map.Entry<String, Reported> value : reading.values().entrySet()) {
        Fault fault = faults.get(value.getKey());
        if (fault != null) {
          refused.add(new Refusal(fault.reason().code(), fault.sentence()));
        } else if (!state.take(value.getKey(), value.getValue())) {
          refused.add(FULL);
        }
      }
      // Only with a change: else it would depend on what else was in the batch.
      if (reading.device() != null && state.changes() > changes) {
        device = reading.device();
      }
      return refused;
    }

    /** All values before the first is taken: a model that cannot be asked leaves no half. */
    private Map<String, Fault> judge(Reading reading) {
      String model = before.model();
      if (model == null) {
        return Map.of();
      }
      Map<String, Fault> faults = new HashMap<>();
      reading
          .values()
          .forEach((property, value) -> {
            Fault fault = rules.against(pilot, model, property, value);
            if (fault != null) {
              faults.put(property, fault);
            }
          });
      return faults;
    }
  }
}
