package org.pilothouse.platform.mqtt;

import java.util.List;

/**
 * What a session was handed. The broker keeps it until {@link #acknowledge()}, and hands it out
 * again after a connection that was lost before.
 *
 * @param levels of its topic
 * @param receipt tells the broker; a second call does nothing
 */
public record MqttMessage(List<String> levels, byte[] payload, Runnable receipt) {

  /** To be called when the effect is durable. */
  public void acknowledge() {
    receipt.run();
  }
}
