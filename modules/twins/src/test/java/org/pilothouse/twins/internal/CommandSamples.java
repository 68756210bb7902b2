package org.pilothouse.twins.internal;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.twins.Command;
import org.pilothouse.twins.internal.Commands.Recipient;

/** Commands as the store would give them. */
final class CommandSamples {
  static final PilotId AURORA = new PilotId("aurora");
  static final Instant NOW = Instant.parse("2026-01-21T10:00:00Z");

  private CommandSamples() {}

  static String id(int number) {
    return new UUID(0x0190_0000_0000_7000L, 0x8000_0000_0000_0000L + number).toString();
  }

  static Recipient recipient(String device) {
    return new Recipient(AURORA, new DeviceId(device));
  }

  static Command command(int number, String device) {
    return new Command(
        id(number),
        new TwinId("press-1"),
        new DeviceId(device),
        "stop",
        Optional.empty(),
        Command.State.PENDING,
        Optional.empty(),
        Optional.empty(),
        "person:ada",
        NOW,
        Optional.empty(),
        Optional.empty(),
        NOW.plusSeconds(60));
  }
}
