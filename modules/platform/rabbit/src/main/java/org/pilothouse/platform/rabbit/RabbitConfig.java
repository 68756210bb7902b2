package org.pilothouse.platform.rabbit;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/**
 * How RabbitMQ is reached.
 *
 * @param uri {@code amqp://user:password@host:port/vhost}
 * @param connectTimeout to connect and shake hands
 * @param callTimeout one declaration or other question to the broker
 * @param confirmTimeout from publish to the broker's confirmation
 * @param recoveryInterval between two attempts to connect again
 * @param mostUnconfirmed messages that may wait for their confirmation at the same time
 */
public record RabbitConfig(
    URI uri,
    Duration connectTimeout,
    Duration callTimeout,
    Duration confirmTimeout,
    Duration recoveryInterval,
    int mostUnconfirmed) {

  private static final String PREFIX = "pilothouse.rabbit.";

  public RabbitConfig {
    if (!"amqp".equals(uri.getScheme()) && !"amqps".equals(uri.getScheme())) {
      throw new InvalidSetting(PREFIX + "uri must begin with amqp:// or amqps://");
    }
    within("connect-timeout", connectTimeout);
    within("call-timeout", callTimeout);
    within("confirm-timeout", confirmTimeout);
    within("recovery-interval", recoveryInterval);
  }

  private static void within(String key, Duration value) {
    if (value.compareTo(Duration.ofMillis(100)) < 0 || value.compareTo(Duration.ofMinutes(2)) > 0) {
      throw new InvalidSetting(PREFIX + key + " must be from PT0.1S to PT2M, not " + value);
    }
  }

  /** Nothing when no address is given: then this node sends nothing to RabbitMQ. */
  public static Optional<RabbitConfig> ifGiven(Settings settings) {
    return settings.optional(PREFIX + "uri").map(uri -> from(settings));
  }

  public static RabbitConfig from(Settings settings) {
    URI uri;
    try {
      uri = URI.create(settings.required(PREFIX + "uri"));
    } catch (IllegalArgumentException e) {
      // The cause would repeat the password.
      throw new InvalidSetting(PREFIX + "uri is not a URI");
    }
    return new RabbitConfig(
        uri,
        settings.duration(PREFIX + "connect-timeout", Duration.ofSeconds(5)),
        settings.duration(PREFIX + "call-timeout", Duration.ofSeconds(10)),
        settings.duration(PREFIX + "confirm-timeout", Duration.ofSeconds(10)),
        settings.duration(PREFIX + "recovery-interval", Duration.ofSeconds(1)),
        settings.number(PREFIX + "most-unconfirmed", 1000, 1, 100_000));
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "RabbitConfig[" + uri.getScheme() + "://" + uri.getHost() + ":" + uri.getPort() + "]";
  }
}
