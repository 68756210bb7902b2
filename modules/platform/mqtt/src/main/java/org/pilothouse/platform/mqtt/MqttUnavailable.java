package org.pilothouse.platform.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * The broker did not take a message in time, or at all. It may have it all the same where {@link
 * #isUncertain()}: sending it again can double it.
 */
public final class MqttUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean uncertain;

  private MqttUnavailable(String message, boolean uncertain, @Nullable Throwable cause) {
    super(message, cause);
    this.uncertain = uncertain;
  }

  static MqttUnavailable notSent(String message) {
    return new MqttUnavailable(message, false, null);
  }

  static MqttUnavailable unanswered(String message, @Nullable Throwable cause) {
    return new MqttUnavailable(message, true, cause);
  }

  public boolean isUncertain() {
    return uncertain;
  }
}
