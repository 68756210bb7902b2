package org.pilothouse.twins.internal;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.models.ModelCatalogue;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Device;
import org.pilothouse.pilots.DeviceDirectory;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.Outbox;

/** The room's stores over a real database, as {@link Wiring} puts them together. */
final class TwinRoom {
  /** The devices there are, by id. */
  final Map<String, Device> known = new HashMap<>();

  final TwinFacts facts;
  final ModelRules rules;
  final Commands commands;
  final Relationships relationships;
  final Twins twins;

  TwinRoom(
      Database database,
      AuditTrail trail,
      ModelCatalogue models,
      GraphRules graphRules,
      Clock clock) {
    this(database, trail, models, graphRules, clock, null);
  }

  /**
   * @param folded where reported states are, if not in the database
   */
  TwinRoom(
      Database database,
      AuditTrail trail,
      ModelCatalogue models,
      GraphRules graphRules,
      Clock clock,
      @Nullable FoldedStates folded) {
    facts = new TwinFacts(new Outbox(), EventIds.system(), clock);
    rules = new ModelRules(models);
    TwinDevices devices = new TwinDevices(database, new Register(), folded);
    commands = new Commands(database, facts, trail, devices, rules, EventIds.system(), clock);
    relationships = new Relationships(database, facts, trail, graphRules, clock);
    twins =
        new Twins(
            database,
            facts,
            trail,
            rules,
            devices,
            commands,
            relationships,
            graphRules,
            clock,
            folded);
  }

  private final class Register implements DeviceDirectory {
    @Override
    public Optional<Device> find(PilotId pilot, DeviceId device) {
      return Optional.ofNullable(known.get(device.value()));
    }

    @Override
    public Optional<Device> boundTo(PilotId pilot, TwinId twin) {
      return known.values().stream().filter(device -> device.twins().contains(twin)).findFirst();
    }
  }

  /** Notes nothing down. */
  static final class NoTrail implements AuditTrail {
    @Override
    public void record(AuditEvent event) {}

    @Override
    public void record(Handle transaction, AuditEvent event) {}
  }
}
