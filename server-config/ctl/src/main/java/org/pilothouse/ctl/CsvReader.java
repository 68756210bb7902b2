package org.pilothouse.ctl;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads rows as RFC 4180 writes them; CR, LF and CRLF end a row. */
final class CsvReader {
  private static final int MOST_FIELD = 64 * 1024;
  private static final int MOST_COLUMNS = 512;
  private final Reader in;
  private int next = -2;

  CsvReader(Reader in) {
    this.in = in;
  }

  /** The next row that is not empty, or null at the end. */
  @Nullable List<String> row() throws IOException {
    List<String> row = new ArrayList<>();
    do {
      row.clear();
      if (peek() < 0) {
        return null;
      }
      do {
        row.add(field());
        if (row.size() > MOST_COLUMNS) {
          throw new IOException("a row has more than " + MOST_COLUMNS + " columns");
        }
      } while (passed(','));
      passed('\r');
      passed('\n');
    } while (row.size() == 1 && row.getFirst().isBlank());
    return row;
  }

  private String field() throws IOException {
    StringBuilder text = new StringBuilder();
    if (passed('"')) {
      while (true) {
        int c = take();
        if (c < 0) {
          throw new IOException("a quoted field does not end");
        }
        if (c == '"' && !passed('"')) {
          break;
        }
        append(text, c);
      }
    }
    while (peek() >= 0 && peek() != ',' && peek() != '\n' && peek() != '\r') {
      append(text, take());
    }
    return text.toString();
  }

  private static void append(StringBuilder text, int c) throws IOException {
    if (text.length() >= MOST_FIELD) {
      throw new IOException("a field is longer than " + MOST_FIELD + " characters");
    }
    text.append((char) c);
  }

  private boolean passed(char c) throws IOException {
    if (peek() == c) {
      take();
      return true;
    }
    return false;
  }

  private int peek() throws IOException {
    if (next == -2) {
      next = in.read();
    }
    return next;
  }

  private int take() throws IOException {
    int taken = peek();
    next = taken < 0 ? -1 : -2;
    return taken;
  }
}
