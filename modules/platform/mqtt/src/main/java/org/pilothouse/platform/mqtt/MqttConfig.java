package org.pilothouse.platform.mqtt;

import java.net.URI;
import java.util.Optional;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/**
 * How the MQTT broker is reached.
 *
 * @param node tells the sessions of two nodes of one installation apart
 * @param inFlight messages that the busiest session may have taken and not yet acknowledged; 1 to
 *     65535; the broker hands out 4096 at a time
 */
public record MqttConfig(
    String host, int port, String user, String password, String node, int inFlight) {
  private static final String URI_KEY = "pilothouse.mqtt.uri";
  private static final String NODE_KEY = "pilothouse.node";

  public MqttConfig {
    if (host.isEmpty()) {
      throw new InvalidSetting(URI_KEY + " names no host");
    }
    if (port < 1 || port > 65_535) {
      throw new InvalidSetting(URI_KEY + " names no port");
    }
    if (!Names.isId(node)) {
      throw new InvalidSetting(NODE_KEY + " must match [a-z0-9][a-z0-9-]{0,62}");
    }
  }

  /** Empty where no broker is configured: then there is no MQTT door. */
  public static Optional<MqttConfig> from(Settings settings) {
    Optional<String> uri = settings.optional(URI_KEY);
    String user = settings.text("pilothouse.mqtt.user", "bridge");
    String password = settings.text("pilothouse.mqtt.password", "");
    String node = settings.text(NODE_KEY, "0");
    int inFlight = settings.number("pilothouse.mqtt.in-flight", 4_096, 1, 65_535);
    return uri.map(MqttConfig::uri)
        .map(at ->
            new MqttConfig(
                at.getHost() == null ? "" : at.getHost(),
                at.getPort(),
                user,
                password,
                node,
                inFlight));
  }

  private static URI uri(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      // The cause would repeat what may hold a password.
      throw new InvalidSetting(URI_KEY + " is not a URI");
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "MqttConfig[" + user + "@" + host + ":" + port + ", node " + node + "]";
  }
}
