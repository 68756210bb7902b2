package org.pilothouse.datasets.internal.preview;

import java.util.Locale;

/** There is nothing to show of a file, and why. */
public final class NotPreviewable extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why; the word is part of the API. */
  public enum Reason {
    /** It has no bytes. */
    EMPTY,
    /** It is of another format, or uses a part of its format that is not read here. */
    UNSUPPORTED,
    ENCRYPTED,
    /** It is not what its format asks for. */
    MALFORMED,
    /** It asks for more than a preview may cost. */
    BEYOND_LIMITS,
    TOOK_TOO_LONG;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  NotPreviewable(Reason reason, String detail) {
    // Hostile files meet this often; where in here it was found out helps nobody.
    super(detail, null, false, false);
    this.reason = reason;
  }

  static NotPreviewable malformed(String detail) {
    return new NotPreviewable(Reason.MALFORMED, detail);
  }

  static NotPreviewable beyond(String detail) {
    return new NotPreviewable(Reason.BEYOND_LIMITS, detail);
  }

  static NotPreviewable unsupported(String detail) {
    return new NotPreviewable(Reason.UNSUPPORTED, detail);
  }

  public Reason reason() {
    return reason;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }
}
