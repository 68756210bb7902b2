package org.pilothouse.twins.internal;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.Device;
import org.pilothouse.pilots.DeviceDirectory;
import org.pilothouse.platform.postgres.Database;

/** Which device speaks for a twin. Not to be asked within a transaction: it takes its own. */
final class TwinDevices {
  private final Database database;
  private final DeviceDirectory devices;
  private final @Nullable FoldedStates folded;

  /**
   * @param folded where the states are, if not in PostgreSQL
   */
  TwinDevices(Database database, DeviceDirectory devices, @Nullable FoldedStates folded) {
    this.database = database;
    this.devices = devices;
    this.folded = folded;
  }

  /** Who reported for the twin last; else who is bound to it; else who bears its name. */
  Optional<DeviceId> of(PilotId pilot, TwinId twin) {
    return last(pilot, twin)
        .flatMap(id -> devices.find(pilot, id))
        .filter(device -> mayAnswerFor(device, twin))
        .or(() -> devices.boundTo(pilot, twin))
        .or(() -> namesake(pilot, twin))
        .map(Device::id);
  }

  private Optional<DeviceId> last(PilotId pilot, TwinId twin) {
    if (folded != null) {
      return folded.device(pilot, twin.value()).map(DeviceId::new);
    }
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT device FROM twins.state WHERE pilot_id = :pilot AND twin_id = :twin AND device IS NOT NULL")
                .bind("pilot", pilot.value())
                .bind("twin", twin.value())
                .mapTo(String.class)
                .findOne()
                .map(DeviceId::new));
  }

  private Optional<Device> namesake(PilotId pilot, TwinId twin) {
    try {
      return devices
          .find(pilot, new DeviceId(twin.value()))
          .filter(device -> mayAnswerFor(device, twin));
    } catch (Problem notADeviceId) {
      return Optional.empty();
    }
  }

  private static boolean mayAnswerFor(Device device, TwinId twin) {
    return device.twins().isEmpty() || device.twins().contains(twin);
  }
}
