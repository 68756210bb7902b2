package org.pilothouse.local.home;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The settings file that the deployable reads at its start. */
public record PlatformSettings(Map<String, String> entries) {

  public static PlatformSettings of(Home home, Endpoints endpoints, Secrets secrets) {
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put("pilothouse.sides", "web,ingest,stream,worker,batch");
    entries.put("pilothouse.http.base-url", endpoints.http());
    entries.put("pilothouse.kafka.bootstrap-servers", endpoints.kafka());
    entries.put("pilothouse.postgres.url", endpoints.jdbc().url());
    entries.put("pilothouse.postgres.owner-user", Endpoints.OWNER_ROLE);
    entries.put("pilothouse.postgres.owner-password", secrets.postgresOwner());
    entries.put("pilothouse.postgres.app-user", Endpoints.APP_ROLE);
    entries.put("pilothouse.postgres.app-password", secrets.postgresApp());
    entries.put("pilothouse.rabbit.uri", endpoints.amqp());
    entries.put("pilothouse.elastic.url", endpoints.elasticsearch());
    entries.put("pilothouse.s3.endpoint", endpoints.s3().endpoint());
    entries.put("pilothouse.s3.region", endpoints.s3().region());
    entries.put("pilothouse.s3.access-key", endpoints.s3().accessKey());
    entries.put("pilothouse.s3.secret-key", endpoints.s3().secretKey());
    entries.put("pilothouse.s3.bucket", endpoints.s3().bucket());
    // The local server of a pilot is the same one, with another bucket.
    entries.put(
        "pilothouse.s3.federated-endpoints", URI.create(endpoints.s3().endpoint()).getAuthority());
    entries.put("pilothouse.mqtt.uri", endpoints.mqtt());
    entries.put("pilothouse.mqtt.user", Endpoints.MQTT_BRIDGE);
    entries.put("pilothouse.mqtt.password", secrets.mqttBridge());
    entries.put("pilothouse.mqtt.auth-key", secrets.mqttAuthKey());
    entries.put("pilothouse.people.first-start-file", home.credentials().toString());
    entries.put("pilothouse.secrets.key", secrets.secretsKey());
    return new PlatformSettings(entries);
  }

  public String render() {
    return entries.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue().replace("\\", "\\\\") + "\n")
        .collect(Collectors.joining());
  }
}
