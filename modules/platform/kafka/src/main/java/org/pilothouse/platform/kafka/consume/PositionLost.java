package org.pilothouse.platform.kafka.consume;

/**
 * Thrown by an effect that stores its positions when another one stands there: some other node
 * applied records of this partition meanwhile. The reader goes on from the stored position.
 */
public final class PositionLost extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PositionLost(Partition partition) {
    super("the position of " + partition + " was moved by another", null, false, false);
  }
}
