package org.pilothouse.contracts;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON Schemas of all event types, compiled once. May be used by many threads. The hot path of
 * telemetry judges lines by hand; a test keeps both of one mind.
 */
public final class EventSchemas {
  private static final int MOST_VIOLATIONS = 10;

  private final Map<EventType, Schema> schemas = new EnumMap<>(EventType.class);

  public EventSchemas() {
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    for (EventType type : EventType.values()) {
      Schema schema = registry.getSchema(text(type), InputFormat.JSON);
      schema.initializeValidators();
      schemas.put(type, schema);
    }
  }

  /** The schema as it is published. */
  public static String text(EventType type) {
    try (InputStream in = EventSchemas.class.getResourceAsStream(type.schemaResource())) {
      if (in == null) {
        throw new IllegalStateException("no schema at " + type.schemaResource());
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is wrong with the data, each with its place as a JSON pointer; empty when nothing is. */
  public List<String> violations(EventType type, String json) {
    Schema schema = schemas.get(type);
    if (schema == null) {
      throw new IllegalStateException("no schema for " + type);
    }
    return schema
        .validate(
            json,
            InputFormat.JSON,
            context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
        .stream()
        .limit(MOST_VIOLATIONS)
        .map(error -> error.getInstanceLocation() + " " + error.getMessage())
        .toList();
  }
}
