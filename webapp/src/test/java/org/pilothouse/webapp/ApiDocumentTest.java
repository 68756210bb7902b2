package org.pilothouse.webapp;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.pilothouse.platform.web.Access;
import org.yaml.snakeyaml.Yaml;

/**
 * The document was written first: what is offered is what it says, operation by operation, to whom
 * it says, and nothing beside.
 */
class ApiDocumentTest {
  private static final Set<String> VERBS = Set.of("get", "put", "post", "delete", "patch");

  /** Who may call an operation. */
  private record Operation(String scope, Set<String> roles) {}

  @Test
  void shouldOfferWhatTheDocumentSaysToWhomItSays() throws Exception {
    assertThat(offered()).hasSizeGreaterThan(30).containsExactlyInAnyOrderEntriesOf(documented());
  }

  @Test
  void shouldSayOfEveryMethodWhoMayCallIt() {
    resources()
        .flatMap(resource -> Arrays.stream(resource.getMethods()))
        .filter(method -> verb(method) != null)
        .forEach(
            method -> assertThat(method.getAnnotation(Access.class)).as("%s", method).isNotNull());
  }

  private static java.util.stream.Stream<Class<?>> resources() {
    return RestApplication.offered().stream().filter(type -> type.isAnnotationPresent(Path.class));
  }

  private static Map<String, Operation> offered() {
    Map<String, Operation> offered = new TreeMap<>();
    resources()
        .forEach(resource -> {
          for (Method method : resource.getMethods()) {
            String verb = verb(method);
            if (verb != null) {
              Access access = method.getAnnotation(Access.class);
              offered.put(
                  verb + " /api/v1" + path(resource, method),
                  new Operation(
                      access == null ? "none" : access.scope().name().toLowerCase(Locale.ROOT),
                      access == null ? Set.of() : new TreeSet<>(Set.of(access.roles()))));
            }
          }
        });
    return offered;
  }

  private static String verb(Method method) {
    for (Annotation annotation : method.getAnnotations()) {
      HttpMethod verb = annotation.annotationType().getAnnotation(HttpMethod.class);
      if (verb != null) {
        return verb.value().toLowerCase(Locale.ROOT);
      }
    }
    return null;
  }

  private static String path(Class<?> resource, Method method) {
    Path ofMethod = method.getAnnotation(Path.class);
    String path =
        slashed(resource.getAnnotation(Path.class).value())
            + (ofMethod == null ? "" : slashed(ofMethod.value()));
    // A parameter's pattern is the resource's own business.
    return path.replaceAll("\\{\\s*(\\w+)\\s*:[^/]*}", "{$1}");
  }

  private static String slashed(String path) {
    String start = path.startsWith("/") ? path : "/" + path;
    return start.endsWith("/") ? start.substring(0, start.length() - 1) : start;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Operation> documented() throws Exception {
    Map<String, Operation> documented = new TreeMap<>();
    try (InputStream yaml = ApiDocumentTest.class.getResourceAsStream("/META-INF/openapi.yaml")) {
      Map<String, Object> document = new Yaml().load(yaml);
      ((Map<String, Map<String, Object>>) document.get("paths"))
          .forEach((path, item) ->
              item.forEach((verb, value) -> {
                if (VERBS.contains(verb)) {
                  Map<String, Object> operation = (Map<String, Object>) value;
                  Map<String, Object> access = (Map<String, Object>) operation.get("x-access");
                  documented.put(
                      verb + " " + path,
                      new Operation(
                          access.get("scope").toString(),
                          new TreeSet<>((List<String>) access.getOrDefault("roles", List.of()))));
                }
              }));
    }
    return documented;
  }
}
