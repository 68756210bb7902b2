package org.pilothouse.models.internal;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.platform.web.Json;

/**
 * Puts in what a model takes from elsewhere (Thing Description 1.1, section 10.3.3): all of one
 * other model by a link of the relation {@code tm:extends}, single definitions by {@code tm:ref}.
 * Elsewhere is the document itself or that other model of the same pilot, named by its bare id;
 * nothing is fetched.
 */
final class References {
  private static final String REF = "tm:ref";
  private static final int LONGEST_CHAIN = 8;
  private static final int MOST_NODES = 50_000;
  private static final List<String> AFFORDANCES = List.of("properties", "actions", "events");

  private final String modelId;
  private final ObjectNode document;
  private final Bases bases;
  private final Set<String> open = new LinkedHashSet<>();
  private int nodes;
  private @Nullable String baseId;
  private @Nullable JsonNode base;

  private References(String modelId, ObjectNode document, Bases bases) {
    this.modelId = modelId;
    this.document = document;
    this.bases = bases;
  }

  /**
   * @param base the model that is extended
   */
  record Resolved(ObjectNode document, @Nullable String base) {}

  static Resolved resolve(String modelId, ObjectNode document, Bases bases) {
    References references = new References(modelId, document, bases);
    references.findBase();
    return new Resolved(references.whole(), references.baseId);
  }

  /**
   * The same without the nulls beside a {@code tm:ref}: they take a member away from what it names
   * (RFC 7396) and are no values.
   */
  static JsonNode withoutRemovals(JsonNode document) {
    if (document.isArray()) {
      ArrayNode list = Json.mapper().createArrayNode();
      document.forEach(item -> list.add(withoutRemovals(item)));
      return list;
    }
    if (!document.isObject()) {
      return document;
    }
    boolean refers = document.path(REF).isTextual();
    ObjectNode object = Json.mapper().createObjectNode();
    for (Map.Entry<String, JsonNode> member : document.properties()) {
      if (!refers || !member.getValue().isNull()) {
        object.set(member.getKey(), withoutRemovals(member.getValue()));
      }
    }
    return object;
  }

  private void findBase() {
    JsonNode links = document.path("links");
    for (int i = 0; i < links.size(); i++) {
      if (!links.path(i).path("rel").asText().equals("tm:extends")) {
        continue;
      }
      String at = Pointer.at(Pointer.at("/links", i), "href");
      if (baseId != null) {
        throw DataSchemas.invalid(at, "is a second tm:extends; a model extends one other.");
      }
      String id = links.path(i).path("href").asText();
      if (!Names.isId(id)) {
        throw DataSchemas.invalid(
            at, "must be the id of a model of this pilot; nothing is fetched.");
      }
      base = find(id, at).resolved();
      baseId = id;
    }
  }

  private Bases.Base find(String id, String at) {
    if (id.equals(modelId)) {
      throw DataSchemas.invalid(at, "is the model itself.");
    }
    Bases.Base found = bases.find(id);
    if (found == null) {
      throw DataSchemas.invalid(at, "names no model of this pilot.");
    }
    Set<String> chain = new LinkedHashSet<>(List.of(id));
    String next = found.base();
    while (next != null) {
      if (next.equals(modelId) || !chain.add(next)) {
        throw DataSchemas.invalid(at, "goes round in a circle: " + String.join(" > ", chain) + ".");
      }
      if (chain.size() > LONGEST_CHAIN) {
        throw DataSchemas.invalid(at, "begins a chain of more than " + LONGEST_CHAIN + " models.");
      }
      Bases.Base further = bases.find(next);
      next = further == null ? null : further.base();
    }
    return found;
  }

  private ObjectNode whole() {
    ObjectNode whole = Json.mapper().createObjectNode();
    for (Map.Entry<String, JsonNode> member : document.properties()) {
      whole.set(member.getKey(), member.getValue().deepCopy());
    }
    for (String kind : AFFORDANCES) {
      JsonNode inherited = base == null ? null : base.get(kind);
      JsonNode own = document.get(kind);
      if (inherited == null && own == null) {
        continue;
      }
      Map<String, JsonNode> all = new LinkedHashMap<>();
      if (inherited != null) {
        inherited.properties().forEach(one -> all.put(one.getKey(), one.getValue().deepCopy()));
      }
      if (own != null) {
        for (Map.Entry<String, JsonNode> one : own.properties()) {
          String at = Pointer.at("/" + kind, one.getKey());
          JsonNode resolved = resolved(one.getValue(), at, 1);
          JsonNode before = all.get(one.getKey());
          if (before != null) {
            refuseOtherType(before, resolved, at);
          }
          all.put(one.getKey(), before == null ? resolved : patched(before, resolved));
        }
      }
      ObjectNode members = whole.putObject(kind);
      all.forEach(members::set);
    }
    if (base != null) {
      for (String text : List.of("title", "description")) {
        if (!whole.has(text) && base.has(text)) {
          whole.set(text, base.path(text).deepCopy());
        }
      }
      for (String list : List.of("tm:optional", "tm:required")) {
        addMissing(whole, list, base.path(list));
      }
    }
    return whole;
  }

  private static void addMissing(ObjectNode whole, String list, JsonNode more) {
    if (!more.isArray() || more.isEmpty()) {
      return;
    }
    Set<JsonNode> all = new LinkedHashSet<>();
    more.forEach(all::add);
    whole.path(list).forEach(all::add);
    ArrayNode together = whole.putArray(list);
    all.forEach(together::add);
  }

  private static void refuseOtherType(JsonNode before, JsonNode now, String at) {
    JsonNode type = before.path("type");
    if (type.isTextual() && now.has("type") && !now.path("type").equals(type)) {
      throw DataSchemas.invalid(
          Pointer.at(at, "type"), "must stay " + type.asText() + ", as in the extended model.");
    }
  }

  private JsonNode resolved(JsonNode node, String at, int depth) {
    if (++nodes > MOST_NODES) {
      throw DataSchemas.invalid(at, "makes the model too large: its references hold too much.");
    }
    if (depth > 4 * DataSchemas.DEEPEST) {
      throw DataSchemas.invalid(at, "nests too deep.");
    }
    if (node.isArray()) {
      ArrayNode list = Json.mapper().createArrayNode();
      for (int i = 0; i < node.size(); i++) {
        list.add(resolved(node.path(i), Pointer.at(at, i), depth + 1));
      }
      return list;
    }
    if (!node.isObject()) {
      return node;
    }
    ObjectNode own = Json.mapper().createObjectNode();
    for (Map.Entry<String, JsonNode> member : node.properties()) {
      if (!member.getKey().equals(REF) || !member.getValue().isTextual()) {
        own.set(
            member.getKey(),
            resolved(member.getValue(), Pointer.at(at, member.getKey()), depth + 1));
      }
    }
    JsonNode reference = node.path(REF);
    return reference.isTextual()
        ? patched(referred(reference.textValue(), Pointer.at(at, REF), depth), own)
        : own;
  }

  private JsonNode referred(String reference, String at, int depth) {
    int hash = reference.indexOf('#');
    if (hash < 0) {
      throw DataSchemas.invalid(at, "must name a place, as in #/properties/temperature.");
    }
    String model = reference.substring(0, hash);
    JsonPointer pointer;
    try {
      pointer = JsonPointer.compile(reference.substring(hash + 1));
    } catch (IllegalArgumentException e) {
      throw DataSchemas.invalid(at, "must name a place, as in #/properties/temperature.");
    }
    if (model.isEmpty()) {
      JsonNode target = document.at(pointer);
      if (!target.isObject() || pointer.matches()) {
        throw nothingThere(at);
      }
      if (!open.add(reference)) {
        throw DataSchemas.invalid(at, "goes round in a circle.");
      }
      try {
        return resolved(target, at, depth + 1);
      } finally {
        open.remove(reference);
      }
    }
    if (base == null || !model.equals(baseId)) {
      throw DataSchemas.invalid(
          at, "may point into the document or into the model that it extends; nothing is fetched.");
    }
    JsonNode target = base.at(pointer);
    if (!target.isObject() || pointer.matches()) {
      throw nothingThere(at);
    }
    // What the base took from elsewhere stands in it already; the walk only counts.
    return resolved(target, at, depth + 1).deepCopy();
  }

  private static Problem nothingThere(String at) {
    return DataSchemas.invalid(at, "points to no definition.");
  }

  /** RFC 7396. */
  private static JsonNode patched(JsonNode target, JsonNode patch) {
    if (!patch.isObject()) {
      return patch;
    }
    ObjectNode result = target.isObject() ? target.deepCopy() : Json.mapper().createObjectNode();
    for (Map.Entry<String, JsonNode> member : patch.properties()) {
      if (member.getValue().isNull()) {
        result.remove(member.getKey());
      } else {
        JsonNode before = result.path(member.getKey());
        result.set(member.getKey(), patched(before, member.getValue()));
      }
    }
    return result;
  }
}
