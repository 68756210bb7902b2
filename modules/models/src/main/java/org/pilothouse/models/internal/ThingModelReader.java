package org.pilothouse.models.internal;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.models.ActionModel;
import org.pilothouse.models.Fault;
import org.pilothouse.models.PropertyModel;
import org.pilothouse.models.ThingModel;
import org.pilothouse.models.ValueCheck;
import org.pilothouse.platform.web.Json;

/**
 * Reads a Thing Model (Thing Description 1.1, section 10) and says at its first fault where and
 * what it is. May be used by many threads.
 */
final class ThingModelReader {
  static final int LARGEST = 256 * 1024;

  private static final int DEEPEST = 64;

  /** More than a document of the largest size takes. */
  private static final long STEPS = 20_000_000;

  private static final String SCHEMA = "/org/pilothouse/models/thing-model.schema.json";
  private static final List<String> EVENT_SCHEMAS =
      List.of("subscription", "data", "dataResponse", "cancellation");

  private final CompiledSchema schema = CompiledSchema.of(text(SCHEMA), STEPS);

  /**
   * A document without a fault.
   *
   * @param resolved with what it takes from others
   * @param base the model that it extends
   * @param digest of what it says, its bases included
   */
  record Sound(
      JsonNode document,
      JsonNode resolved,
      @Nullable String base,
      byte[] digest,
      ThingModel model) {}

  /**
   * @param revision the one that the document will have
   * @throws Problem {@code too_large}, or {@code invalid_value} and its kin with the path of the
   *     first fault
   */
  Sound read(String modelId, long revision, JsonNode document, Bases bases) {
    if (!(document instanceof ObjectNode whole)) {
      throw Problem.at(ProblemCode.INVALID_VALUE, "", "A Thing Model is a JSON object.");
    }
    checkTexts(document, "", 1);
    checkSize(document, "");
    checkNames(document);
    checkForm(References.withoutRemovals(document));
    References.Resolved resolved = References.resolve(modelId, whole, bases);
    if (resolved.base() != null || document.toString().contains("\"tm:ref\"")) {
      checkTexts(resolved.document(), "", 1);
      checkSize(resolved.document(), " with what it takes from others");
      checkForm(resolved.document());
    }
    checkSchemas(resolved.document());
    checkPointers(resolved.document());
    return new Sound(
        document,
        resolved.document(),
        resolved.base(),
        Canonical.digest(document, resolved.document()),
        model(modelId, revision, document, resolved.document()));
  }

  /** From documents that were read before. */
  static ThingModel model(String modelId, long revision, JsonNode document, JsonNode resolved) {
    Map<String, PropertyModel> properties = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> one : resolved.path("properties").properties()) {
      properties.put(one.getKey(), property(one.getKey(), one.getValue()));
    }
    Map<String, ActionModel> actions = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> one : resolved.path("actions").properties()) {
      actions.put(one.getKey(), action(one.getKey(), one.getValue()));
    }
    Set<String> events = new LinkedHashSet<>();
    resolved.path("events").fieldNames().forEachRemaining(events::add);
    String title = textOf(resolved, "title");
    return new ThingModel(
        modelId,
        revision,
        title == null || title.isBlank() ? modelId : title,
        textOf(resolved, "description"),
        textOf(resolved.path("version"), "model"),
        properties,
        actions,
        events,
        document,
        resolved);
  }

  private static PropertyModel property(String name, JsonNode schema) {
    PropertyModel.Type type = DataSchemas.type(schema);
    boolean structured =
        type == PropertyModel.Type.OBJECT
            || type == PropertyModel.Type.ARRAY
            || type == PropertyModel.Type.ANY;
    List<Object> allowed = new ArrayList<>();
    for (JsonNode value : DataSchemas.values(schema)) {
      if (value.isNumber()) {
        allowed.add(value.doubleValue());
      } else if (value.isTextual()) {
        allowed.add(value.textValue());
      } else if (value.isBoolean()) {
        allowed.add(value.booleanValue());
      }
    }
    ValueCheck structure =
        structured
            ? DataSchemas.compile(schema, Pointer.at("/properties", name))
            : value -> List.of();
    return new PropertyModel(
        name,
        type,
        textOf(schema, "title"),
        textOf(schema, "description"),
        textOf(schema, "unit"),
        number(schema, "minimum"),
        number(schema, "maximum"),
        number(schema, "exclusiveMinimum"),
        number(schema, "exclusiveMaximum"),
        count(schema, "minLength"),
        count(schema, "maxLength"),
        allowed,
        schema.path("readOnly").asBoolean(false),
        structure);
  }

  private static ActionModel action(String name, JsonNode action) {
    JsonNode input = action.get("input");
    return new ActionModel(
        name,
        textOf(action, "title"),
        textOf(action, "description"),
        input,
        action.get("output"),
        action.path("safe").asBoolean(false),
        action.path("idempotent").asBoolean(false),
        input == null
            ? DataSchemas.nothing()
            : DataSchemas.compile(input, Pointer.at(Pointer.at("/actions", name), "input")));
  }

  private static @Nullable String textOf(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isTextual() ? value.textValue() : null;
  }

  private static @Nullable Double number(JsonNode schema, String name) {
    JsonNode value = schema.path(name);
    return value.isNumber() ? value.doubleValue() : null;
  }

  private static @Nullable Integer count(JsonNode schema, String name) {
    JsonNode value = schema.path(name);
    return value.isNumber() ? (int) Math.min(Integer.MAX_VALUE, value.doubleValue()) : null;
  }

  private static void checkSize(JsonNode document, String with) {
    int size;
    try {
      size = Json.mapper().writeValueAsBytes(document).length;
    } catch (JsonProcessingException e) {
      throw Problem.caused(ProblemCode.INVALID_VALUE, "The document cannot be written.", e);
    }
    if (size > LARGEST) {
      throw Problem.of(
          ProblemCode.TOO_LARGE, "A model" + with + " may hold at most " + LARGEST + " bytes.");
    }
  }

  /**
   * Neither PostgreSQL nor a reader of the portal can live with everything that a JSON text may
   * hold.
   */
  private static void checkTexts(JsonNode node, String path, int depth) {
    if (depth > DEEPEST) {
      throw DataSchemas.invalid(path, "nests too deep.");
    }
    if (node.isTextual() && !isReadable(node.textValue())) {
      throw DataSchemas.invalid(
          path,
          "must not hold control characters or characters that turn the direction of writing.");
    }
    if (node.isDouble() && !Double.isFinite(node.doubleValue())) {
      throw DataSchemas.invalid(path, "is a number that is too large.");
    }
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        checkTexts(node.path(i), Pointer.at(path, i), depth + 1);
      }
    }
    for (Map.Entry<String, JsonNode> member : node.properties()) {
      String at = Pointer.at(path, member.getKey());
      if (!isReadable(member.getKey())) {
        throw DataSchemas.invalid(
            at, "is a name with control characters or such that turn the direction of writing.");
      }
      checkTexts(member.getValue(), at, depth + 1);
    }
  }

  private static boolean isReadable(String text) {
    return text.codePoints()
        .allMatch(c ->
            (!Character.isISOControl(c) || c == '\n' || c == '\r' || c == '\t')
                && (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                // Embeddings, overrides and isolates of Unicode's bidirectional algorithm.
                && (c < 0x202A || c > 0x202E)
                && (c < 0x2066 || c > 0x2069));
  }

  private static void checkNames(JsonNode document) {
    for (String kind : List.of("properties", "actions", "events")) {
      document
          .path(kind)
          .fieldNames()
          .forEachRemaining(name -> DataSchemas.checkName(name, Pointer.at("/" + kind, name)));
    }
  }

  private void checkForm(JsonNode document) {
    List<Fault> faults = schema.faults(document, 1);
    if (!faults.isEmpty()) {
      throw problem(faults.getFirst());
    }
  }

  private static Problem problem(Fault fault) {
    String path = fault.path();
    if (path.startsWith("/@context") && fault.reason() != Fault.Reason.MISSING) {
      return Problem.at(
          ProblemCode.INVALID_VALUE,
          path,
          "/@context must be or hold https://www.w3.org/2022/wot/td/v1.1.");
    }
    if (path.equals("/@type") && fault.reason() != Fault.Reason.MISSING) {
      return Problem.at(ProblemCode.INVALID_VALUE, path, "/@type must be or hold tm:ThingModel.");
    }
    if (path.endsWith("/type") && fault.reason() == Fault.Reason.WRONG_FORM) {
      return Problem.at(
          ProblemCode.INVALID_VALUE,
          path,
          path + " must be boolean, integer, number, string, object, array or null.");
    }
    if (path.startsWith("/tm:") && fault.reason() == Fault.Reason.WRONG_FORM) {
      return Problem.at(
          ProblemCode.INVALID_VALUE,
          path,
          path + " must be a pointer such as /properties/temperature.");
    }
    if (fault.reason() == Fault.Reason.WRONG_FORM) {
      return Problem.at(
          ProblemCode.INVALID_VALUE,
          path,
          path + " must not be a text, unless it is a placeholder such as {{MAX}}.");
    }
    return Problem.at(
        fault.reason() == Fault.Reason.MISSING
            ? ProblemCode.MISSING_FIELD
            : ProblemCode.INVALID_VALUE,
        path,
        fault.sentence().replace(" or a text.", " or a placeholder such as {{MAX}}."));
  }

  private static void checkSchemas(JsonNode document) {
    for (Map.Entry<String, JsonNode> one : document.path("properties").properties()) {
      DataSchemas.check(one.getValue(), Pointer.at("/properties", one.getKey()));
    }
    for (Map.Entry<String, JsonNode> one : document.path("actions").properties()) {
      checkSchemas(
          one.getValue(), Pointer.at("/actions", one.getKey()), List.of("input", "output"));
    }
    for (Map.Entry<String, JsonNode> one : document.path("events").properties()) {
      checkSchemas(one.getValue(), Pointer.at("/events", one.getKey()), EVENT_SCHEMAS);
    }
  }

  private static void checkSchemas(JsonNode affordance, String path, List<String> terms) {
    for (String term : terms) {
      JsonNode schema = affordance.get(term);
      if (schema != null) {
        DataSchemas.check(schema, Pointer.at(path, term));
      }
    }
  }

  /** Section 10.3.5: what is optional must be there in the first place. */
  private static void checkPointers(JsonNode document) {
    for (String list : List.of("tm:optional", "tm:required")) {
      JsonNode pointers = document.path(list);
      for (int i = 0; i < pointers.size(); i++) {
        String text = pointers.path(i).asText();
        JsonPointer pointer = JsonPointer.compile(text.startsWith("#") ? text.substring(1) : text);
        if (document.at(pointer).isMissingNode()) {
          throw DataSchemas.invalid(
              Pointer.at(Pointer.at("", list), i), "points to nothing in the model.");
        }
      }
    }
  }

  private static String text(String resource) {
    try (InputStream in = ThingModelReader.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no schema at " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
