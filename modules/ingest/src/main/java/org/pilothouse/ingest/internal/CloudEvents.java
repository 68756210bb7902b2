package org.pilothouse.ingest.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.kafka.EventHeaders;

/**
 * Reads CloudEvents 1.0 in the JSON format (structured and batch) and in the HTTP binary mode. From
 * outside only {@code telemetry.reported} is taken; its data is a telemetry line in which {@code
 * twin} and {@code time} may be left to {@code subject} and {@code time} of the envelope.
 */
public final class CloudEvents {
  /** Events in a batch at most. */
  public static final int MOST_EVENTS = 10_000;

  private static final int MOST_EXTENSIONS = 16;
  private static final int MOST_ATTRIBUTE = 256;

  /** What the server says itself; a sender's word on it is passed over. */
  private static final Set<String> SERVERS = Set.of("source", "pilot", "partitionkey");

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(64)
                          .maxNumberLength(100)
                          .maxNameLength(1_024)
                          .maxStringLength(64 * 1024)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(com.fasterxml.jackson.core.JsonFactory.Feature.INTERN_FIELD_NAMES)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private CloudEvents() {}

  /** An envelope that was read: good, or refused with its reason. */
  public sealed interface Envelope {}

  /**
   * @param data a telemetry line without its own id
   * @param extensions further {@code ce_} headers
   */
  public record Accepted(String id, ObjectNode data, EventHeaders extensions) implements Envelope {}

  public record Refused(ProblemCode code, String detail) implements Envelope {}

  /**
   * @throws Problem {@code malformed_json} or {@code duplicate_key} when the body as a whole cannot
   *     be read
   */
  static JsonNode tree(byte[] body, int length) {
    try {
      JsonNode tree = MAPPER.readTree(body, 0, length);
      if (tree == null || tree.isMissingNode()) {
        throw Problem.of(ProblemCode.MALFORMED_JSON, "the body is empty");
      }
      return tree;
    } catch (JsonProcessingException e) {
      String said = String.valueOf(e.getOriginalMessage());
      if (said.startsWith("Duplicate field")) {
        throw Problem.caused(ProblemCode.DUPLICATE_KEY, "a JSON object names one key twice", e);
      }
      throw Problem.caused(
          ProblemCode.MALFORMED_JSON,
          "the body is not JSON, or is nested too deeply, or holds a number or string that is too long",
          e);
    } catch (IOException e) {
      throw Problem.caused(ProblemCode.MALFORMED_JSON, "the body is not JSON", e);
    }
  }

  static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what was read as JSON can be written as JSON", e);
    }
  }

  /** {@code application/cloudevents+json}. */
  public static List<Envelope> structured(byte[] body, int length) {
    return List.of(envelope(tree(body, length)));
  }

  /** {@code application/cloudevents-batch+json}. */
  public static List<Envelope> batch(byte[] body, int length) {
    JsonNode tree = tree(body, length);
    if (!tree.isArray()) {
      throw Problem.of(ProblemCode.MALFORMED_REQUEST, "a batch is a JSON array of events");
    }
    if (tree.size() > MOST_EVENTS) {
      throw Problem.of(ProblemCode.TOO_LARGE, "a batch has at most " + MOST_EVENTS + " events");
    }
    List<Envelope> events = new ArrayList<>(tree.size());
    tree.forEach(event -> events.add(envelope(event)));
    return events;
  }

  /** HTTP binary mode: the attributes are {@code ce-} headers, the body is the data. */
  public static List<Envelope> binary(Map<String, String> attributes, byte[] body, int length) {
    ObjectNode event = MAPPER.createObjectNode();
    attributes.forEach(event::put);
    event.set("data", tree(body, length));
    return List.of(envelope(event));
  }

  private static Envelope envelope(JsonNode event) {
    if (!event.isObject()) {
      return new Refused(ProblemCode.MALFORMED_REQUEST, "an event is a JSON object");
    }
    if (!event.path("specversion").asText().equals("1.0")) {
      return new Refused(ProblemCode.INVALID_VALUE, "/specversion must be 1.0");
    }
    if (!event.path("type").isTextual()) {
      return new Refused(ProblemCode.MISSING_FIELD, "/type is required");
    }
    if (!event.path("type").textValue().equals("telemetry.reported")) {
      return new Refused(
          ProblemCode.INVALID_VALUE,
          "/type "
              + Names.shown(event.path("type").textValue())
              + " is not taken from outside; telemetry.reported is");
    }
    String id = event.path("id").asText();
    if (!event.path("id").isTextual() || !LineReader.isEventId(id)) {
      return new Refused(
          ProblemCode.INVALID_ID, "/id has 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -");
    }
    if (event.has("replayrun")) {
      return new Refused(ProblemCode.FORBIDDEN, "/replayrun: nothing replayed may come in as live");
    }
    String contentType = event.path("datacontenttype").asText("application/json");
    if (!contentType.equals("application/json")) {
      return new Refused(
          ProblemCode.UNSUPPORTED_MEDIA_TYPE, "/datacontenttype must be application/json");
    }
    if (!(event.get("data") instanceof ObjectNode data)) {
      return new Refused(ProblemCode.INVALID_VALUE, "/data must be a JSON object");
    }
    if (data.has("id") && !data.path("id").asText().equals(id)) {
      return new Refused(ProblemCode.INVALID_VALUE, "/data/id differs from /id");
    }
    data.remove("id");
    for (var pair : Map.of("subject", "twin", "time", "time").entrySet()) {
      JsonNode outer = event.get(pair.getKey());
      if (outer != null && outer.isTextual()) {
        JsonNode inner = data.get(pair.getValue());
        if (inner == null) {
          data.set(pair.getValue(), outer);
        } else if (!inner.equals(outer)) {
          return new Refused(
              ProblemCode.INVALID_VALUE,
              "/" + pair.getKey() + " differs from /data/" + pair.getValue());
        }
      }
    }
    return extensions(id, event, data);
  }

  private static Envelope extensions(String id, JsonNode event, ObjectNode data) {
    EventHeaders extensions = new EventHeaders();
    for (var field : event.properties()) {
      String name = field.getKey();
      switch (name) {
        case "specversion", "type", "id", "subject", "time", "datacontenttype", "data" -> {}
        default -> {
          if (SERVERS.contains(name)) {
            continue;
          }
          JsonNode value = field.getValue();
          if (!isExtensionName(name)
              || !value.isValueNode()
              || value.isNull()
              || !isPlain(value.asText())) {
            return new Refused(
                ProblemCode.UNKNOWN_FIELD,
                "/"
                    + Names.shown(name)
                    + " is neither an attribute of CloudEvents nor an extension ([a-z0-9]{1,20}, a plain value of at most "
                    + MOST_ATTRIBUTE
                    + " characters)");
          }
          if (extensions.size() == MOST_EXTENSIONS) {
            return new Refused(
                ProblemCode.TOO_LARGE, "an event has at most " + MOST_EXTENSIONS + " extensions");
          }
          extensions.add("ce_" + name, value.asText());
        }
      }
    }
    return new Accepted(id, data, extensions);
  }

  private static boolean isExtensionName(String name) {
    return !name.isEmpty()
        && name.length() <= 20
        && name.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
  }

  private static boolean isPlain(String text) {
    return text.length() <= MOST_ATTRIBUTE && text.chars().noneMatch(c -> c < 0x20 || c == 0x7f);
  }
}
