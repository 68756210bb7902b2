package org.pilothouse.ctl.telemetry;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows as RFC 4180 writes them, with any delimiter, or columns that stand apart by blanks.
 * LF, CR and CRLF end a row; a byte order mark is passed over. Holds one row, which is bounded: a
 * longer one is a fault, and reading goes on with the line after it.
 */
final class RowReader {
  /** Stands for blanks: spaces and tabs, any number of them. */
  static final char BLANKS = ' ';

  /** Characters of a row at most. */
  static final int MOST_CHARACTERS = 1 << 20;

  static final int MOST_COLUMNS = 1_024;

  private final Reader in;
  private final char delimiter;
  private final char[] buffer = new char[1 << 15];
  private int at;
  private int end;
  private long line = 1;
  private int held;
  private boolean begun;

  RowReader(Reader in, char delimiter) {
    this.in = in;
    this.delimiter = delimiter;
  }

  /** The next row that is not blank, or null at the end. */
  @Nullable Row next() throws IOException {
    if (!begun) {
      begun = true;
      if (peek() == '\uFEFF') {
        at++;
      }
    }
    while (peek() >= 0) {
      Row row = row();
      if (!row.isBlank()) {
        return row;
      }
    }
    return null;
  }

  private Row row() throws IOException {
    long first = line;
    held = 0;
    try {
      List<String> cells = delimiter == BLANKS ? apart() : delimited();
      endLine();
      return new Row(first, cells, null);
    } catch (Refusal refusal) {
      while (peek() >= 0 && peek() != '\n' && peek() != '\r') {
        at++;
      }
      long last = line;
      endLine();
      return new Row(
          first,
          List.of(),
          last == first
              ? refusal
              : new Refusal(
                  refusal.code(),
                  refusal.detail() + "; lines " + first + " to " + last + " were passed over"));
    }
  }

  private List<String> delimited() throws IOException, Refusal {
    List<String> cells = new ArrayList<>();
    while (true) {
      add(cells, cell());
      if (peek() != delimiter) {
        return cells;
      }
      at++;
    }
  }

  private List<String> apart() throws IOException, Refusal {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    while (true) {
      int c = peek();
      boolean ends = c < 0 || c == '\n' || c == '\r';
      if (ends || c == ' ' || c == '\t') {
        if (!cell.isEmpty()) {
          add(cells, cell.toString());
          cell.setLength(0);
        }
        if (ends) {
          return cells;
        }
        at++;
      } else {
        append(cell);
      }
    }
  }

  private static void add(List<String> cells, String cell) throws Refusal {
    if (cells.size() == MOST_COLUMNS) {
      throw new Refusal("too_large", "the row has more than " + MOST_COLUMNS + " columns");
    }
    cells.add(cell);
  }

  private String cell() throws IOException, Refusal {
    StringBuilder cell = new StringBuilder();
    if (peek() == '"') {
      at++;
      while (true) {
        int c = peek();
        if (c < 0) {
          throw new Refusal("malformed_row", "a quoted cell does not end");
        }
        if (c == '"') {
          at++;
          if (peek() != '"') {
            break;
          }
        }
        if (c == '\n' || c == '\r') {
          append(cell);
          if (c == '\r' && peek() == '\n') {
            append(cell);
          }
          line++;
        } else {
          append(cell);
        }
      }
    }
    for (int c = peek(); c >= 0 && c != delimiter && c != '\n' && c != '\r'; c = peek()) {
      append(cell);
    }
    return cell.toString();
  }

  private void append(StringBuilder cell) throws Refusal {
    if (++held > MOST_CHARACTERS) {
      throw new Refusal("too_large", "the row has more than " + MOST_CHARACTERS + " characters");
    }
    cell.append(buffer[at++]);
  }

  private void endLine() throws IOException {
    if (peek() == '\r') {
      at++;
      line++;
      if (peek() == '\n') {
        at++;
      }
    } else if (peek() == '\n') {
      at++;
      line++;
    }
  }

  private int peek() throws IOException {
    if (at == end) {
      end = Math.max(0, in.read(buffer));
      at = 0;
      if (end == 0) {
        return -1;
      }
    }
    return buffer[at];
  }
}
