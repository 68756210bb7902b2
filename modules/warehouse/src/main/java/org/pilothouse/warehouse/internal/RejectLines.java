package org.pilothouse.warehouse.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.objectstore.ObjectStore;

/** Reads what {@link Rejects} has written, line by line. */
public final class RejectLines {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int BUFFER = 64 * 1024;

  /** An event has 64 KiB at most, and its names have their own bounds. */
  private static final int LONGEST = 1 << 20;

  private RejectLines() {}

  /** A line as it stands there. */
  public record Line(
      int partition,
      long offset,
      String reason,
      String detail,
      @Nullable String twin,
      @Nullable String source,
      @Nullable String eventId,
      @Nullable String time,
      byte @Nullable [] data) {
    Rejects.Record record() {
      return new Rejects.Record(
          partition, offset, bytes(twin), bytes(source), bytes(eventId), time, data);
    }

    private static byte @Nullable [] bytes(@Nullable String text) {
      return text == null ? null : text.getBytes(UTF_8);
    }
  }

  /** Takes a line. */
  interface Taker {
    void take(Line line) throws IOException;
  }

  /**
   * Hands on all lines of a file.
   *
   * @throws IOException also when the file is not there any more, or has fewer lines
   */
  static void read(ObjectStore store, PartFile part, Taker taker) throws IOException {
    long lines = 0;
    try (InputStream in = open(store, part, 0)) {
      for (byte[] line = next(in); line != null; line = next(in)) {
        taker.take(parsed(line));
        lines++;
      }
    }
    if (lines != part.rows()) {
      throw new EOFException(part.key() + " has other lines than were written");
    }
  }

  /**
   * Some lines of a file.
   *
   * @param next where to go on, in bytes; null at the end of the file
   */
  record Some(List<Line> lines, @Nullable Long next) {}

  /** At most so many lines from that byte on; of those with more than so many bytes, one. */
  static Some read(ObjectStore store, PartFile part, long from, int limit, long bytes)
      throws IOException {
    List<Line> lines = new ArrayList<>();
    long at = from;
    try (InputStream in = open(store, part, from)) {
      while (lines.size() < limit && at < part.size() && at - from < bytes) {
        byte[] line = next(in);
        if (line == null) {
          break;
        }
        lines.add(parsed(line));
        at += line.length + 1;
      }
    }
    return new Some(lines, at < part.size() ? at : null);
  }

  private static InputStream open(ObjectStore store, PartFile part, long from) throws IOException {
    return new BufferedInputStream(
        store
            .open(part.key(), from, part.size() - from)
            .orElseThrow(() -> new EOFException(part.key() + " is not there")),
        BUFFER);
  }

  private static byte @Nullable [] next(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        return line.toByteArray();
      }
      if (line.size() == LONGEST) {
        throw new IOException("a line that is longer than any that was written");
      }
      line.write(b);
    }
    if (line.size() > 0) {
      throw new EOFException("a line breaks off");
    }
    return null;
  }

  private static Line parsed(byte[] line) throws IOException {
    int partition = 0;
    long offset = 0;
    String reason = "";
    String detail = "";
    String twin = null;
    String source = null;
    String eventId = null;
    String time = null;
    byte[] data = null;
    try (JsonParser json = JSON.createParser(line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("a line that is no object");
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        boolean given = json.nextToken() != JsonToken.VALUE_NULL;
        switch (name) {
          case "partition" -> partition = json.getIntValue();
          case "offset" -> offset = json.getLongValue();
          case "reason" -> reason = json.getText();
          case "detail" -> detail = json.getText();
          case "twin" -> twin = given ? json.getText() : null;
          case "source" -> source = given ? json.getText() : null;
          case "event_id" -> eventId = given ? json.getText() : null;
          case "time" -> time = given ? json.getText() : null;
          case "data" -> data = given ? json.getBinaryValue() : null;
          default -> json.skipChildren();
        }
      }
    }
    return new Line(partition, offset, reason, detail, twin, source, eventId, time, data);
  }
}
