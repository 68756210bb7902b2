package org.pilothouse.twins.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pilothouse.platform.kafka.consume.LogRecord;

/** What the states must be, by a plain reading of the topic; shares no code with what is tested. */
final class IndependentFold {
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Value(Instant time, String literal) {}

  private final SortedMap<String, SortedMap<String, Value>> twins = new TreeMap<>();

  void read(LogRecord record) {
    String twin = new String(record.key(), StandardCharsets.UTF_8);
    Instant time = Instant.parse(record.headers().text("ce_time"));
    SortedMap<String, Value> state = twins.computeIfAbsent(twin, key -> new TreeMap<>());
    try (JsonParser json = JSON.createParser(record.value())) {
      json.nextToken();
      while (!"values".equals(json.nextFieldName())) {
        json.nextToken();
      }
      json.nextToken();
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        String literal =
            json.nextToken() == JsonToken.VALUE_STRING
                ? JSON.writeValueAsString(json.getText())
                : json.getText();
        Value known = state.get(name);
        if (known == null || !time.isBefore(known.time())) {
          state.put(name, new Value(time, literal));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void forget(String twin) {
    twins.remove(twin);
  }

  int twins() {
    return twins.size();
  }

  String properties(String twin) {
    StringBuilder json = new StringBuilder("{");
    for (Map.Entry<String, Value> each : twins.get(twin).entrySet()) {
      json.append(json.length() > 1 ? "," : "")
          .append('"')
          .append(each.getKey())
          .append("\":{\"value\":")
          .append(each.getValue().literal())
          .append(",\"time\":\"")
          .append(each.getValue().time())
          .append("\"}");
    }
    return json.append('}').toString();
  }

  String digest() {
    StringBuilder lines = new StringBuilder();
    for (String twin : twins.keySet()) {
      lines.append(twin).append('\n').append(properties(twin)).append('\n');
    }
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256")
              .digest(lines.toString().getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(sum);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
