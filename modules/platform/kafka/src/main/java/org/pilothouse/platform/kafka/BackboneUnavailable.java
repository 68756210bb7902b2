package org.pilothouse.platform.kafka;

/** The brokers did not answer in time; it is worth trying again. */
public final class BackboneUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BackboneUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}
