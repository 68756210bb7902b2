package org.pilothouse.ingest;

import java.net.URI;
import java.util.Optional;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/**
 * How the MQTT broker is reached.
 *
 * @param inFlight messages taken from the broker and not yet on the backbone, at most; 1 to 65535;
 *     the broker hands out 4096 at a time
 */
public record MqttConfig(String host, int port, String user, String password, int inFlight) {
  public MqttConfig {
    if (port < 1 || port > 65_535) {
      throw new InvalidSetting("pilothouse.mqtt.uri names no port");
    }
  }

  /** Empty where no broker is configured: then there is no MQTT door. */
  public static Optional<MqttConfig> from(Settings settings) {
    Optional<String> uri = settings.optional("pilothouse.mqtt.uri");
    String user = settings.text("pilothouse.mqtt.user", "bridge");
    String password = settings.text("pilothouse.mqtt.password", "");
    int inFlight = settings.number("pilothouse.mqtt.in-flight", 4_096, 1, 65_535);
    return uri.map(URI::create)
        .map(at -> new MqttConfig(at.getHost(), at.getPort(), user, password, inFlight));
  }
}
