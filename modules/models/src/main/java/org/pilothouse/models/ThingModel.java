package org.pilothouse.models;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One revision of a kind of twin (W3C Web of Things Thing Description 1.1, section 10). Its maps
 * keep the author's order.
 *
 * @param revision counts the documents, from 1
 * @param version the author's own word for it ({@code version.model})
 * @param events their names
 * @param document as it was put. It is shared: nobody changes it
 * @param resolved the document with what it takes from others ({@code tm:extends}, {@code tm:ref})
 *     as that was when it was put; shared as well
 */
public record ThingModel(
    String id,
    long revision,
    String title,
    @Nullable String description,
    @Nullable String version,
    Map<String, PropertyModel> properties,
    Map<String, ActionModel> actions,
    Set<String> events,
    JsonNode document,
    JsonNode resolved) {

  public ThingModel {
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    actions = Collections.unmodifiableMap(new LinkedHashMap<>(actions));
    events = Collections.unmodifiableSet(new LinkedHashSet<>(events));
  }

  /** Null when the model has no property of this name. */
  public @Nullable PropertyModel property(String name) {
    return properties.get(name);
  }

  /** Null when the model has no action of this name. */
  public @Nullable ActionModel action(String name) {
    return actions.get(name);
  }
}
