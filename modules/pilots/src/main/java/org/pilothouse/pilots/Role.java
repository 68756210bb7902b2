package org.pilothouse.pilots;

import java.util.Arrays;
import java.util.Optional;

/** What a person may do. A person has roles of a pilot or of the consortium's staff, not both. */
public enum Role {
  PILOT_OPERATOR("pilot-operator", false),
  PILOT_ADMIN("pilot-admin", false),
  DATA_STEWARD("data-steward", false),
  SUPPORT_AGENT("support-agent", true),
  PLATFORM_ADMIN("platform-admin", true);

  private final String word;
  private final boolean staff;

  Role(String word, boolean staff) {
    this.word = word;
    this.staff = staff;
  }

  public static Optional<Role> of(String word) {
    return Arrays.stream(values()).filter(role -> role.word.equals(word)).findFirst();
  }

  /** As it stands in the API and in {@code @Access}. */
  public String word() {
    return word;
  }

  /** The role reaches over pilots; its holders belong to none. */
  public boolean staff() {
    return staff;
  }

  /** The roles that {@code pilothouse.auth.totp=required} makes enrol a one-time-code generator. */
  public boolean needsSecondFactor() {
    return staff || this == DATA_STEWARD;
  }
}
