package org.pilothouse.ctl.telemetry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What was refused: the first are shown, all are counted, and written where a file is given. */
final class Rejects implements AutoCloseable {
  static final int MOST_SHOWN = 20;

  private final Consumer<String> shown;
  private final @Nullable BufferedWriter file;
  private long count;
  private long told;

  Rejects(@Nullable Path file, Consumer<String> shown) throws IOException {
    this.shown = shown;
    this.file = file == null ? null : Files.newBufferedWriter(file);
  }

  void add(String name, long line, String code, String detail) throws IOException {
    count++;
    told++;
    if (told <= MOST_SHOWN) {
      shown.accept(name + ":" + line + ": " + code + ": " + printable(detail));
    }
    if (file != null) {
      ObjectNode one = JsonNodeFactory.instance.objectNode();
      one.put("file", name).put("line", line).put("code", code).put("detail", detail);
      file.write(one.toString());
      file.newLine();
    }
  }

  /** Refused lines that the platform counted and did not name. */
  void addUnnamed(long more) {
    count += more;
  }

  long count() {
    return count;
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
    if (count > Math.min(told, MOST_SHOWN)) {
      shown.accept("and " + (count - Math.min(told, MOST_SHOWN)) + " more were refused");
    }
  }

  /** What a server sends must not steer a terminal. */
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
