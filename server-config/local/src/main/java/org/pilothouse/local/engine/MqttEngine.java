package org.pilothouse.local.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.pilothouse.local.home.Endpoints;
import org.pilothouse.local.home.Json;
import org.pilothouse.local.provision.ModuleProgram;
import org.pilothouse.local.supervise.Probe;
import org.pilothouse.local.supervise.ProcessPlan;

/**
 * The MQTT broker: a module of this repository that asks the deployable who a device is.
 *
 * @param build whether a broker older than its sources is built again
 */
public record MqttEngine(ModuleProgram program, boolean build) implements Engine {

  public static final String MODULE = "server-config/mqtt";

  @Override
  public String name() {
    return "mqtt";
  }

  @Override
  public List<ProcessPlan> prepare(Site site) {
    if (build || !program.isBuilt()) {
      program.buildIfStale();
    }
    String classPath = program.classPathCopiedTo(site.home().run().resolve("mqtt"));
    Path data = Site.directory(site.data(name()));
    Path properties = site.configDirectory(name()).resolve("broker.properties");
    Json.writePrivately(properties, properties(site, data));
    int port = site.ports().mqtt();
    Probe probe = new Probe.Mqtt(port);
    return List.of(
        new ProcessPlan(
            name(),
            "2025.5",
            port,
            List.of(
                site.java(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                "-cp",
                classPath,
                "org.pilothouse.mqtt.Broker",
                properties.toString()),
            Map.of(),
            data,
            site.home().log(name()),
            List.of(),
            probe,
            probe,
            300,
            "TERM",
            15));
  }

  private static String properties(Site site, Path data) {
    return """
    host=127.0.0.1
    port=%d
    data-dir=%s
    auth-url=%s/internal/mqtt/authenticate
    auth-key=%s
    bridge-user=%s
    bridge-password=%s
    metrics-port=%d
    """
        .formatted(
            site.ports().mqtt(),
            data,
            site.endpoints().http(),
            site.secrets().mqttAuthKey(),
            Endpoints.MQTT_BRIDGE,
            site.secrets().mqttBridge(),
            site.ports().mqttMetrics());
  }
}
