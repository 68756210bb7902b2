package org.pilothouse.mqtt;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.pilothouse.kernel.Settings;

/**
 * What the broker's properties file says.
 *
 * @param host the address to listen on
 * @param metricsPort where Prometheus reads; 0 means nowhere
 * @param dataDir sessions and queues; keep it across restarts
 * @param authUrl answers who a device is
 * @param mostBacklog messages that may wait for the bridge before publishes are refused
 * @param leastFreeMegabytes free space of the data directory below which publishes are refused
 */
record BrokerSettings(
    String host,
    int port,
    int metricsPort,
    Path dataDir,
    URI authUrl,
    String authKey,
    String bridgeUser,
    String bridgePassword,
    int mostBacklog,
    int mostConnections,
    int leastFreeMegabytes) {

  /**
   * @throws Settings.InvalidSetting when the file cannot be read or a key is missing or wrong
   */
  static BrokerSettings read(Path file) {
    // The short keys of this file ("host", "port") must not be overridden by the environment.
    return from(Settings.read(file, Map.of()));
  }

  static BrokerSettings from(Settings settings) {
    return new BrokerSettings(
        settings.text("host", "127.0.0.1"),
        settings.number("port", 1883, 1, 65_535),
        settings.number("metrics-port", 0, 0, 65_535),
        Path.of(settings.required("data-dir")),
        URI.create(settings.required("auth-url")),
        settings.required("auth-key"),
        settings.required("bridge-user"),
        settings.required("bridge-password"),
        settings.number("max-backlog", 1_000_000, 1, 100_000_000),
        settings.number("max-connections", 10_000, 1, 1_000_000),
        settings.number("min-free-mb", 256, 0, 1_000_000));
  }
}
