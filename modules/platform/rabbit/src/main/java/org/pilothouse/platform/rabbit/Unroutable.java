package org.pilothouse.platform.rabbit;

/** No queue takes what was published there: a declaration is missing. The broker dropped it. */
public final class Unroutable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Unroutable(String exchange, String routingKey) {
    super("no queue is bound to " + exchange + " with " + routingKey, null, false, false);
  }
}
