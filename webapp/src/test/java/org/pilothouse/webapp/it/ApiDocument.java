package org.pilothouse.webapp.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The operations of the OpenAPI document, with references resolved. */
record ApiDocument(List<Operation> operations) {
  private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");

  /** {@code in} is path, query or header. */
  record Parameter(String name, String in, Map<String, Object> schema) {}

  record Operation(
      String id,
      String method,
      String path,
      List<Parameter> parameters,
      Map<String, Map<String, Object>> bodies) {

    boolean isOfAPilot() {
      return path.contains("{pilot}");
    }
  }

  static ApiDocument read() {
    try (InputStream in = ApiDocument.class.getResourceAsStream("/META-INF/openapi.yaml")) {
      return new Reader(new Yaml(new SafeConstructor(new LoaderOptions())).load(in)).read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Reader(Map<String, Object> root) {
    ApiDocument read() {
      List<Operation> operations = new ArrayList<>();
      map(root, "paths")
          .forEach((path, item) -> {
            Map<String, Object> methods = cast(item);
            methods.forEach((method, operation) -> {
              if (METHODS.contains(method)) {
                operations.add(operation(path, method, methods, cast(operation)));
              }
            });
          });
      return new ApiDocument(List.copyOf(operations));
    }

    private Operation operation(
        String path, String method, Map<String, Object> item, Map<String, Object> operation) {
      List<Parameter> parameters = new ArrayList<>();
      for (Map<String, Object> owner : List.of(item, operation)) {
        for (Object parameter : (List<?>) owner.getOrDefault("parameters", List.of())) {
          Map<String, Object> fields = resolve(parameter);
          parameters.add(
              new Parameter(
                  (String) fields.get("name"),
                  (String) fields.get("in"),
                  resolve(fields.getOrDefault("schema", Map.of()))));
        }
      }
      Map<String, Map<String, Object>> bodies = new LinkedHashMap<>();
      Optional.ofNullable(operation.get("requestBody"))
          .map(this::resolve)
          .ifPresent(body ->
              map(body, "content")
                  .forEach(
                      (type, content) -> bodies.put(type, resolve(cast(content).get("schema")))));
      return new Operation(
          (String) operation.get("operationId"),
          method.toUpperCase(Locale.ROOT),
          path,
          parameters,
          bodies);
    }

    /** Follows references all the way down; the document has no circles. */
    private Map<String, Object> resolve(Object node) {
      Map<String, Object> fields = cast(node);
      if (fields.get("$ref") instanceof String reference) {
        Object found = root;
        for (String step : reference.substring(2).split("/")) {
          found = cast(found).get(step);
        }
        return resolve(found);
      }
      Map<String, Object> resolved = new LinkedHashMap<>();
      fields.forEach((name, value) -> resolved.put(name, deep(value)));
      return resolved;
    }

    private Object deep(Object value) {
      return value instanceof Map<?, ?> ? resolve(value) : value;
    }

    private static Map<String, Object> map(Map<String, Object> parent, String name) {
      return cast(parent.getOrDefault(name, Map.of()));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> cast(Object value) {
      return (Map<String, Object>) value;
    }
  }
}
