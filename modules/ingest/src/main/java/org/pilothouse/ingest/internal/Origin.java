package org.pilothouse.ingest.internal;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.web.Caller;

/**
 * Where events come from, by the credential and never by the payload.
 *
 * @param source the CloudEvents source
 * @param twins the twins that may be reported for; null means any of the pilot
 */
public record Origin(PilotId pilot, String source, @Nullable Set<String> twins) {
  /**
   * @throws Problem {@code forbidden} when nobody is calling
   */
  public static Origin of(Caller caller, PilotId pilot) {
    return switch (caller) {
      case Caller.Device device -> device(pilot, device.deviceId().value(), device.allowedTwins());
      case Caller.Person person ->
          new Origin(pilot, "/pilots/" + pilot + "/people/" + person.username(), null);
      case Caller.Anonymous anonymous ->
          throw Problem.of(ProblemCode.FORBIDDEN, "Nobody is calling.");
    };
  }

  /** A device, whichever door it came through. */
  public static Origin device(PilotId pilot, String device, Set<TwinId> allowed) {
    Set<String> twins =
        allowed.isEmpty() ? null : Set.copyOf(allowed.stream().map(TwinId::value).toList());
    return new Origin(pilot, "/pilots/" + pilot + "/devices/" + device, twins);
  }

  boolean mayReportFor(String twin) {
    return twins == null || twins.contains(twin);
  }
}
