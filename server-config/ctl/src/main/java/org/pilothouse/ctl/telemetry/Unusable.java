package org.pilothouse.ctl.telemetry;

/** A file, a mapping or an option that cannot be used; nothing of it was reported. */
public final class Unusable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Unusable(String sentence) {
    super(sentence);
  }
}
