package org.pilothouse.webapp.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * One generated request. {@code @own} and {@code @other} stand in the target for the pilots of the
 * run, so that a seed means the same requests in every run.
 */
record FuzzRequest(
    ApiDocument.Operation operation,
    String role,
    String template,
    Map<String, String> headers,
    byte[] body) {

  String target(Consortium consortium) {
    return template.replace("@own", consortium.own()).replace("@other", consortium.other());
  }

  @Override
  public String toString() {
    return "%s %s as %s %s %s"
        .formatted(operation.method(), template, role, headers, FuzzIT.shown(body));
  }

  static FuzzRequest of(ApiDocument.Operation operation, Random random) {
    return new Making(operation, random).request();
  }

  private record Making(ApiDocument.Operation operation, Random random) {
    private static final List<String> ROLES =
        List.of(
            "none",
            "forged",
            "pilot-operator",
            "support-agent",
            "data-steward",
            "device",
            "device",
            "pilot-admin",
            "pilot-admin",
            "pilot-admin",
            "platform-admin",
            "platform-admin",
            "platform-admin",
            "platform-admin");

    private static final List<String> WILD =
        List.of(
            "",
            " ",
            "null",
            "-1",
            "0",
            "99999999999999999999",
            "1e400",
            "NaN",
            "true",
            "../../etc/passwd",
            "a/b",
            "a\\b",
            "a;b=c",
            "' OR 1=1 --",
            "${jndi:x}",
            "<script>alert(1)</script>",
            "%00",
            "\u0000",
            "\r\nX-Evil: 1",
            "\u202e",
            "\ud83d\ude80",
            "a".repeat(300),
            "x".repeat(5000),
            "9999-12-31T23:59:59.999999999Z",
            "-999999999-01-01T00:00:00Z",
            "0000-00-00T00:00:00Z");

    private static final List<String> TYPES =
        List.of(
            "text/plain",
            "application/json; charset=utf-16",
            "application/json;charset=\"",
            "*/*",
            "application",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "application/cloudevents+json",
            "application/x-ndjson");

    FuzzRequest request() {
      Map<String, String> headers = headers();
      byte[] body = body(headers);
      return new FuzzRequest(operation, one(ROLES), target(), headers, body);
    }

    private String target() {
      String path = operation.path();
      StringBuilder query = new StringBuilder();
      for (ApiDocument.Parameter parameter : operation.parameters()) {
        if (parameter.in().equals("path")) {
          path = path.replace("{" + parameter.name() + "}", inPath(parameter));
        } else if (parameter.in().equals("query") && chance(50)) {
          int times = chance(10) ? 3 : 1;
          for (int i = 0; i < times; i++) {
            query
                .append(query.isEmpty() ? '?' : '&')
                .append(parameter.name())
                .append('=')
                .append(encoded(text(parameter.name(), parameter.schema())));
          }
        }
      }
      if (chance(5)) {
        query.append(query.isEmpty() ? '?' : '&').append("unheard_of=").append(encoded(one(WILD)));
      }
      return path + query;
    }

    private String inPath(ApiDocument.Parameter parameter) {
      if (chance(15)) {
        // A path that cannot be decoded, or has a slash within a segment, never reaches the API.
        String wild = encoded(one(WILD).replaceAll("[/\\\\%;\\p{Cntrl}]", "_"));
        return wild.isEmpty() ? "%20" : wild;
      }
      return switch (parameter.name()) {
        case "pilot" -> chance(85) ? "@own" : chance(50) ? "@other" : "fuzz-a";
        case "device", "username", "twin", "model" -> one(List.of("fuzz-a", "fuzz-b", "fuzz-c"));
        default -> encoded(text(parameter.name(), parameter.schema()));
      };
    }

    private Map<String, String> headers() {
      Map<String, String> headers = new TreeMap<>();
      for (ApiDocument.Parameter parameter : operation.parameters()) {
        if (parameter.in().equals("header") && chance(80)) {
          headers.put(
              parameter.name(),
              one(List.of("\"1\"", "\"2\"", "*", "W/\"1\"", "\"", printable(one(WILD)))));
        }
      }
      if (chance(10)) {
        headers.put("Accept", one(List.of("text/html", "*/*", ";", "application/json;q=x", "a")));
      }
      if (chance(5)) {
        headers.put("Cookie", "pilothouse_session=" + printable(one(WILD)));
      }
      if (chance(5)) {
        headers.put("Content-Encoding", one(List.of("gzip", "br", "identity", "gzip, gzip")));
      }
      if (chance(5)) {
        headers.put("traceparent", printable(one(WILD)));
      }
      if (chance(5)) {
        headers.put("X-HTTP-Method-Override", "DELETE");
      }
      if (operation.id().equals("reportEvents") && chance(40)) {
        headers.put("ce-specversion", chance(80) ? "1.0" : "0.3");
        headers.put("ce-id", "fuzz-" + random.nextInt(100));
        headers.put("ce-type", chance(80) ? "telemetry.reported" : printable(one(WILD)));
        headers.put("ce-source", "/fuzz");
      }
      return headers;
    }

    private byte[] body(Map<String, String> headers) {
      if (operation.bodies().isEmpty() && chance(80)) {
        return new byte[0];
      }
      List<String> types = List.copyOf(operation.bodies().keySet());
      String type = types.isEmpty() || chance(5) ? one(TYPES) : one(types);
      if (!chance(3)) {
        headers.put("Content-Type", type);
      }
      if (types.isEmpty() || chance(8)) {
        byte[] noise = new byte[random.nextInt(2000)];
        random.nextBytes(noise);
        return noise;
      }
      Map<String, Object> schema = operation.bodies().getOrDefault(type, Map.of("type", "object"));
      byte[] bytes;
      if (type.equals("application/x-ndjson")) {
        StringBuilder lines = new StringBuilder();
        for (int i = random.nextInt(5); i >= 0; i--) {
          lines.append(json(value("", schema, 0))).append('\n');
        }
        bytes = lines.toString().getBytes(UTF_8);
      } else {
        bytes = json(value("", schema, 0)).getBytes(UTF_8);
      }
      return chance(25) ? mutated(bytes) : bytes;
    }

    private byte[] mutated(byte[] bytes) {
      if (bytes.length == 0) {
        return bytes;
      }
      byte[] changed = bytes.clone();
      return switch (random.nextInt(4)) {
        case 0 -> Arrays.copyOf(changed, random.nextInt(changed.length));
        case 1 -> {
          for (int i = random.nextInt(5); i >= 0; i--) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
          }
          yield changed;
        }
        case 2 -> {
          byte[] twice = Arrays.copyOf(changed, changed.length * 2);
          System.arraycopy(changed, 0, twice, changed.length, changed.length);
          yield twice;
        }
        default ->
            new String(changed, UTF_8)
                .replaceFirst(
                    ":",
                    one(
                        List.of(
                            "::",
                            ":" + "[".repeat(200),
                            ":" + "{\"a\":".repeat(100),
                            ":" + "9".repeat(2000),
                            ":-Infinity,\"a\":",
                            ":1e999999999,\"a\":")))
                .getBytes(UTF_8);
      };
    }

    private Object value(String name, Map<String, Object> schema, int depth) {
      if (chance(4)) {
        return chance(30) ? List.of(one(WILD)) : one(WILD);
      }
      if (schema.get("enum") instanceof List<?> choices) {
        return choices.get(random.nextInt(choices.size()));
      }
      if (schema.containsKey("const")) {
        return schema.get("const");
      }
      Object type = schema.getOrDefault("type", "object");
      if (type instanceof List<?> types) {
        type = types.get(random.nextInt(types.size()));
      }
      return switch (String.valueOf(type)) {
        case "object" -> object(schema, depth);
        case "array" -> array(name, schema, depth);
        case "integer" ->
            chance(70)
                ? ((Number) schema.getOrDefault("minimum", 1)).longValue() + random.nextInt(20)
                : random.nextLong();
        case "number" -> random.nextGaussian() * Math.pow(10, random.nextInt(20));
        case "boolean" -> random.nextBoolean();
        case "null" -> new ArrayList<>();
        default -> text(name, schema);
      };
    }

    private Map<String, Object> object(Map<String, Object> schema, int depth) {
      Map<String, Object> object = new LinkedHashMap<>();
      fields(schema.get("properties"))
          .forEach((name, property) -> {
            if (chance(85)) {
              object.put(name, value(name, fields(property), depth + 1));
            }
          });
      if (schema.get("additionalProperties") instanceof Map<?, ?> more) {
        for (int i = random.nextInt(4); i >= 0; i--) {
          object.put("value_" + i, value("value", fields(more), depth + 1));
        }
      }
      if (chance(6)) {
        object.put("unheard_of", one(WILD));
      }
      return object;
    }

    private List<Object> array(String name, Map<String, Object> schema, int depth) {
      List<Object> items = new ArrayList<>();
      if (depth < 6) {
        for (int i = random.nextInt(4); i > 0; i--) {
          items.add(value(name, fields(schema.getOrDefault("items", Map.of())), depth + 1));
        }
      }
      return items;
    }

    /** Ids come from a handful, so that a long run makes few things and often meets them again. */
    private String text(String name, Map<String, Object> schema) {
      if (chance(10)) {
        return one(WILD);
      }
      if ("date-time".equals(schema.get("format"))) {
        return Instant.parse("2026-11-01T00:00:00Z")
            .plusSeconds(random.nextInt(1_000_000))
            .toString();
      }
      if (schema.get("enum") instanceof List<?> choices) {
        return String.valueOf(choices.get(random.nextInt(choices.size())));
      }
      return switch (name) {
        case "time_zone" -> one(List.of("Europe/Rome", "UTC", "Mars/Olympus", "+01:00"));
        case "password", "current_password", "new_password" ->
            one(List.of("a password of the fuzz 1", "short", "another one of the fuzz 2"));
        case "limit" -> Integer.toString(random.nextInt(600) - 20);
        case "cursor" -> one(List.of("AAAA", "MQ", "eyJhIjoxfQ", "!!!"));
        case "code", "totp" -> String.format("%06d", random.nextInt(1_000_000));
        case "specversion" -> "1.0";
        case "type" -> "telemetry.reported";
        case "endpoint" ->
            one(List.of("http://169.254.169.254/", "https://s3.example", "file:///"));
        default -> one(List.of("fuzz-a", "fuzz-b", "fuzz-c"));
      };
    }

    private String encoded(String text) {
      return text.startsWith("%") && chance(50)
          ? text
          : URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    /** A header is one line of visible characters; what is not belongs into tests of the server. */
    private static String printable(String text) {
      String visible = text.replaceAll("[^\\x21-\\x7e]", "");
      return visible.substring(0, Math.min(200, visible.length()));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> fields(Object value) {
      return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    private static String json(Object value) {
      try {
        return TestStack.JSON.writeValueAsString(value);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
    }

    private <T> T one(List<T> choices) {
      return choices.get(random.nextInt(choices.size()));
    }

    private boolean chance(int percent) {
      return random.nextInt(100) < percent;
    }
  }
}
