package org.pilothouse.twins.internal;

import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.web.Caller;

/**
 * What a device is told of one change of its twin, within the change's transaction and after it.
 */
final class DesiredTelling {
  private final ModelRules rules;
  private final Commands commands;
  private final PilotId pilot;
  private final Optional<DeviceId> device;
  private boolean told;

  /**
   * @param device who speaks for the twin; empty when nobody does, then nobody is told
   */
  DesiredTelling(ModelRules rules, Commands commands, PilotId pilot, Optional<DeviceId> device) {
    this.rules = rules;
    this.commands = commands;
    this.pilot = pilot;
    this.device = device;
  }

  /**
   * @return how to tell the backbone, later in the transaction
   * @throws Problem when the model refuses what is desired now; what was desired before, under the
   *     same model, is not held against anybody
   */
  Consumer<Handle> desire(
      Handle transaction,
      Caller caller,
      TwinId twin,
      Twins.Definition old,
      Twins.Definition wanted,
      long revision) {
    DesiredChange change = DesiredChange.between(old.desired(), wanted.desired(), revision);
    boolean newModel = !wanted.model().equals(old.model());
    wanted
        .model()
        .ifPresent(model ->
            rules.checkDesired(pilot, model, newModel ? wanted.desired() : change.properties()));
    told = !change.isEmpty() && device.isPresent();
    return told
        ? commands.desire(transaction, caller, pilot, twin, device.orElseThrow(), change)
        : nothing -> {};
  }

  /** To be called after the commit. */
  void announce() {
    if (told) {
      device.ifPresent(to -> commands.announce(pilot, to));
    }
  }
}
