package org.pilothouse.pilots;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.web.Caller;

/**
 * Something that must be traceable afterwards. It never holds a secret or a payload.
 *
 * @param actor who did it, for example {@code person:ada}
 * @param pilot whose part of the trail it is; null for the consortium's
 * @param action a word such as {@code device.rotate}
 * @param resource what was touched, for example {@code device:aurora/press-4}
 */
public record AuditEvent(
    String actor,
    @Nullable PilotId pilot,
    String action,
    @Nullable String resource,
    Outcome outcome,
    Map<String, String> detail) {

  public AuditEvent {
    detail = Map.copyOf(detail);
  }

  public static AuditEvent allowed(
      Caller caller, @Nullable PilotId pilot, String action, String resource) {
    return new AuditEvent(caller.actor(), pilot, action, resource, Outcome.ALLOWED, Map.of());
  }

  public AuditEvent with(Map<String, String> more) {
    return new AuditEvent(actor, pilot, action, resource, outcome, more);
  }

  /** How it ended. */
  public enum Outcome {
    ALLOWED,
    DENIED,
    FAILED
  }
}
