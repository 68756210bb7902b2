package org.pilothouse.platform.web;

import java.util.Collections;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;

/** Who makes a request. The tenant stands here and nowhere in the payload. */
public sealed interface Caller {

  /** The pilot that the credential belongs to; null for the consortium's staff and for nobody. */
  @Nullable PilotId pilot();

  /** How the audit trail calls the caller: {@code person:ada}, {@code device:aurora/press-4}. */
  String actor();

  /**
   * @param credential names the stored credential without being it; ends one session of many
   * @param mustEnrol the role needs a one-time-code generator that is not enrolled yet
   */
  record Person(
      String username,
      Set<String> roles,
      @Nullable PilotId pilot,
      String credential,
      boolean mustEnrol)
      implements Caller {
    public Person {
      roles = Set.copyOf(roles);
    }

    public boolean hasAnyRole(Set<String> wanted) {
      return !Collections.disjoint(wanted, roles);
    }

    public boolean hasRole(String role) {
      return roles.contains(role);
    }

    @Override
    public String actor() {
      return "person:" + username;
    }
  }

  /**
   * @param allowedTwins the twins that the device may report for; empty means any of its pilot
   */
  record Device(DeviceId deviceId, PilotId pilot, Set<TwinId> allowedTwins) implements Caller {
    public Device {
      allowedTwins = Set.copyOf(allowedTwins);
    }

    public boolean mayReportFor(TwinId twin) {
      return allowedTwins.isEmpty() || allowedTwins.contains(twin);
    }

    @Override
    public String actor() {
      return "device:" + pilot + "/" + deviceId;
    }
  }

  /** No credential was given, or none was asked for. */
  record Anonymous() implements Caller {
    @Override
    public @Nullable PilotId pilot() {
      return null;
    }

    @Override
    public String actor() {
      return "anonymous";
    }
  }
}
