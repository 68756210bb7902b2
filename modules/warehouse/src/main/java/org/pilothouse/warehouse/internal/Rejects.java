package org.pilothouse.warehouse.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The records that no row could be made of, a line each, with what is needed to try again: where
 * they stood, why they were refused, and their bytes.
 */
final class Rejects implements Closeable {
  private static final JsonFactory JSON = new JsonFactory();

  private final Path file;
  private @Nullable OutputStream stream;
  private @Nullable JsonGenerator out;
  private long count;

  /**
   * @param file where they are gathered until all are known
   */
  Rejects(Path file) {
    this.file = file;
  }

  /** A record as far as it could be read. */
  record Record(
      int partition,
      long offset,
      byte @Nullable [] twin,
      byte @Nullable [] source,
      byte @Nullable [] id,
      @Nullable String time,
      byte @Nullable [] value) {
    static Record of(int partition, Entry entry) {
      return new Record(
          partition,
          entry.offset,
          entry.twin,
          entry.source,
          entry.id,
          instant(entry.micros).toString(),
          entry.value);
    }
  }

  static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
  }

  void add(Record record, String reason, String detail) throws IOException {
    JsonGenerator json = out;
    if (json == null) {
      stream = Files.newOutputStream(file);
      json = JSON.createGenerator(stream);
      json.setRootValueSeparator(null);
      out = json;
    }
    json.writeStartObject();
    json.writeNumberField("partition", record.partition());
    json.writeNumberField("offset", record.offset());
    json.writeStringField("reason", reason);
    json.writeStringField("detail", detail);
    text(json, "twin", record.twin());
    text(json, "source", record.source());
    text(json, "event_id", record.id());
    json.writeStringField("time", record.time());
    byte[] value = record.value();
    if (value == null) {
      json.writeNullField("data");
    } else {
      json.writeBinaryField("data", value);
    }
    json.writeEndObject();
    json.writeRaw('\n');
    count++;
  }

  private static void text(JsonGenerator json, String name, byte @Nullable [] text)
      throws IOException {
    json.writeStringField(name, text == null ? null : new String(text, StandardCharsets.UTF_8));
  }

  long count() {
    return count;
  }

  /** Sends all of them on; nothing is added any more. */
  void copyTo(OutputStream to) throws IOException {
    close();
    if (count > 0) {
      Files.copy(file, to);
    }
  }

  @Override
  public void close() throws IOException {
    JsonGenerator json = out;
    if (json != null) {
      out = null;
      json.close();
    }
  }
}
