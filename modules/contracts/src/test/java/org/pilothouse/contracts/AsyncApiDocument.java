package org.pilothouse.contracts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** The AsyncAPI 3 document of the backbone, made from the catalogue. */
final class AsyncApiDocument {
  private static final ObjectMapper JSON = new ObjectMapper();

  private AsyncApiDocument() {}

  static String yaml() {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setWidth(120);
    options.setSplitLines(true);
    return "# Made from the catalogue by AsyncApiDocument; the build refuses a copy that differs.\n"
        + new Yaml(options).dump(document());
  }

  static Map<String, Object> document() {
    Map<String, Object> channels = new LinkedHashMap<>();
    Map<String, Object> operations = new LinkedHashMap<>();
    Map<String, Object> messages = new LinkedHashMap<>();
    for (TopicKind kind : TopicKind.values()) {
      channels.put(camel(kind.segment()), channel(kind));
      operations.put("read" + capital(camel(kind.segment())), read(kind));
    }
    for (EventType type : EventType.values()) {
      messages.put(name(type), message(type));
    }
    Map<String, Object> components = new LinkedHashMap<>();
    components.put("messages", messages);
    components.put("schemas", Map.of("Envelope", schema("/schemas/envelope/v1.json")));

    Map<String, Object> document = new LinkedHashMap<>();
    document.put("asyncapi", "3.0.0");
    document.put("info", info());
    document.put("defaultContentType", CloudEvents.JSON);
    document.put(
        "servers",
        Map.of(
            "backbone",
            ordered(
                "host", "{host}",
                "protocol", "kafka",
                "description", "The event backbone",
                "variables",
                    Map.of(
                        "host",
                        ordered(
                            "default", "127.0.0.1:17000",
                            "description", "A bootstrap server; the local stack's by default")))));
    document.put("channels", channels);
    document.put("operations", operations);
    document.put("components", components);
    return document;
  }

  private static Map<String, Object> info() {
    return ordered(
        "title", "Pilothouse: the event backbone",
        "version", "1.0.0",
        "description",
            "Every pilot has one topic of each kind; replay has one for every run. Events are"
                + " CloudEvents 1.0 in the Kafka binary binding; id and source identify an event"
                + " for ever. Delivery is at least once: a repeat of the pair is the same event.");
  }

  private static Map<String, Object> channel(TopicKind kind) {
    Map<String, Object> messages = new LinkedHashMap<>();
    for (EventType type : kind.types()) {
      messages.put(name(type), Map.of("$ref", "#/components/messages/" + name(type)));
    }
    boolean isReplay = kind == TopicKind.REPLAY;
    if (isReplay) {
      messages.put(
          name(EventType.TELEMETRY_REPORTED),
          Map.of("$ref", "#/components/messages/" + name(EventType.TELEMETRY_REPORTED)));
    }
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("pilot", Map.of("description", "The id of the pilot"));
    if (isReplay) {
      parameters.put("run", Map.of("description", "The id of the replay run"));
    }
    Map<String, Object> channel = new LinkedHashMap<>();
    channel.put("address", "pilot.{pilot}." + kind.segment() + (isReplay ? ".{run}" : ""));
    channel.put("title", kind.title());
    channel.put(
        "description",
        "Keyed by "
            + kind.key()
            + ". "
            + kept(kind.keep())
            + " Written by "
            + kind.owner()
            + " only.");
    channel.put("parameters", parameters);
    channel.put("messages", messages);
    channel.put("bindings", Map.of("kafka", kafka(kind)));
    channel.put("x-owner", kind.owner());
    channel.put("x-classification", kind.classification().name().toLowerCase(Locale.ROOT));
    return channel;
  }

  private static String kept(Keep keep) {
    return switch (keep) {
      case Keep.For time ->
          "Kept for " + time.time().toDays() + " days where the pilot asked for nothing else.";
      case Keep.LastOfEachKey last -> "The last event of every key is kept.";
      case Keep.UntilRemoved until -> "Kept until the topic is removed.";
    };
  }

  private static Map<String, Object> kafka(TopicKind kind) {
    Map<String, Object> configuration =
        switch (kind.keep()) {
          case Keep.For time ->
              ordered("cleanup.policy", List.of("delete"), "retention.ms", time.time().toMillis());
          case Keep.LastOfEachKey last -> ordered("cleanup.policy", List.of("compact"));
          case Keep.UntilRemoved until ->
              ordered("cleanup.policy", List.of("delete"), "retention.ms", -1);
        };
    return ordered(
        "partitions",
        kind.partitions(),
        "topicConfiguration",
        configuration,
        "bindingVersion",
        "0.5.0");
  }

  private static Map<String, Object> read(TopicKind kind) {
    return ordered(
        "action",
        "receive",
        "channel",
        Map.of("$ref", "#/channels/" + camel(kind.segment())),
        "summary",
        "Read: " + kind.title());
  }

  private static Map<String, Object> message(EventType type) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("name", type.type());
    message.put("title", name(type));
    message.put("summary", type.title());
    message.put("contentType", type.isOpaque() ? "application/octet-stream" : CloudEvents.JSON);
    Map<String, Object> envelope = Map.of("$ref", "#/components/schemas/Envelope");
    if (type.isOpaque()) {
      message.put("headers", Map.of("allOf", List.of(envelope, schema(type.schemaResource()))));
    } else {
      message.put("headers", envelope);
      message.put("payload", schema(type.schemaResource()));
    }
    message.put(
        "bindings",
        Map.of(
            "kafka",
            ordered(
                "key",
                ordered("type", "string", "description", type.topic().key()),
                "bindingVersion",
                "0.5.0")));
    return message;
  }

  private static Map<String, Object> schema(String resource) {
    try (InputStream in = AsyncApiDocument.class.getResourceAsStream(resource)) {
      Map<String, Object> schema =
          JSON.readValue(in, new TypeReference<LinkedHashMap<String, Object>>() {});
      // AsyncAPI's own dialect is understood without it; some tools stumble over it.
      schema.remove("$schema");
      return schema;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(resource + " is not JSON", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code telemetry.reported} is {@code TelemetryReported}. */
  private static String name(EventType type) {
    return capital(camel(type.type()));
  }

  private static String camel(String words) {
    StringBuilder camel = new StringBuilder();
    boolean upper = false;
    for (char c : words.toCharArray()) {
      if (c == '-' || c == '.') {
        upper = true;
      } else {
        camel.append(upper ? Character.toUpperCase(c) : c);
        upper = false;
      }
    }
    return camel.toString();
  }

  private static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }

  private static Map<String, Object> ordered(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }
}
