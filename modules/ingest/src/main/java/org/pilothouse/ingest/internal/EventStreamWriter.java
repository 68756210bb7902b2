package org.pilothouse.ingest.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.consume.LogRecord;

/**
 * Writes {@code text/event-stream} (WHATWG HTML, section 9.2) with CloudEvents in their JSON format
 * as data.
 */
final class EventStreamWriter {
  private static final JsonFactory JSON = new JsonFactory();
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

  private final OutputStream out;
  private final ByteArrayOutputStream event = new ByteArrayOutputStream(1_024);

  EventStreamWriter(OutputStream out) {
    this.out = new BufferedOutputStream(out, 16 * 1024);
  }

  void comment(String text) throws IOException {
    write(": " + text + "\n\n");
  }

  void retry(Duration pause) throws IOException {
    write("retry: " + pause.toMillis() + "\n\n");
  }

  /** An id without an event: the browser keeps it and nobody is told. */
  void position(String id) throws IOException {
    write("id: " + id + "\n\n");
  }

  void gap(String id, long missed) throws IOException {
    write("id: " + id + "\nevent: gap\ndata: {\"missed\":" + missed + "}\n\n");
  }

  void event(String id, LogRecord record) throws IOException {
    String type = record.headers().text("ce_type");
    write("id: " + id + "\nevent: " + (type == null ? "message" : type) + "\ndata: ");
    event.reset();
    try (JsonGenerator json = JSON.createGenerator(event)) {
      envelope(json, record);
    }
    out.write(event.toByteArray());
    out.write(END);
  }

  private static void envelope(JsonGenerator json, LogRecord record) throws IOException {
    EventHeaders headers = record.headers();
    json.writeStartObject();
    headers.forEach((name, value) -> {
      if (name.startsWith("ce_")) {
        try {
          json.writeStringField(name.substring(3), new String(value, StandardCharsets.UTF_8));
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      }
    });
    json.writeStringField("datacontenttype", "application/json");
    byte[] value = record.value();
    if (value != null) {
      json.writeFieldName("data");
      // A line of the stream ends at a line break; in JSON one is only white space between tokens.
      json.writeRawValue(
          new String(value, StandardCharsets.UTF_8).replace('\n', ' ').replace('\r', ' '));
    }
    json.writeEndObject();
  }

  void flush() throws IOException {
    out.flush();
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
