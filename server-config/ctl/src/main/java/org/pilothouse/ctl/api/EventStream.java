package org.pilothouse.ctl.api;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import org.pilothouse.ctl.api.PilothouseApi.LiveEvent;

/** Reads server-sent events (WHATWG HTML, section 9.2.6). */
final class EventStream {
  private EventStream() {}

  static void read(InputStream body, Predicate<LiveEvent> more) throws IOException {
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8), 1 << 16);
    String id = "";
    String type = "message";
    StringBuilder data = new StringBuilder();
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      if (line.isEmpty()) {
        if (data.length() > 0) {
          data.setLength(data.length() - 1);
          if (!more.test(new LiveEvent(id, type, data.toString()))) {
            return;
          }
        }
        type = "message";
        data.setLength(0);
        continue;
      }
      int colon = line.indexOf(':');
      if (colon == 0) {
        continue;
      }
      String field = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      switch (field) {
        case "id" -> id = value;
        case "event" -> type = value;
        case "data" -> data.append(value).append('\n');
        default -> {
          // Unknown fields are ignored, says the standard.
        }
      }
    }
  }
}
