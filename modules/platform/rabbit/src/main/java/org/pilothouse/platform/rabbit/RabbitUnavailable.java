package org.pilothouse.platform.rabbit;

/** The broker does not answer or did not confirm; it is worth trying again. */
public final class RabbitUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RabbitUnavailable(String message) {
    super(message, null, false, false);
  }

  public RabbitUnavailable(String message, Throwable cause) {
    super(message, cause, false, false);
  }
}
