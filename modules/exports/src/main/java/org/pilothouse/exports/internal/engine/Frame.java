package org.pilothouse.exports.internal.engine;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the process says, one after the other; the last is {@link Done} or {@link Failed}. */
public sealed interface Frame {
  byte COLUMNS = 'C';
  byte ROW = 'R';
  byte PROGRESS = 'P';
  byte DONE = 'D';
  byte FAILED = 'F';

  /** How many columns a query may have. */
  int MOST_COLUMNS = 10_000;

  /**
   * A column of the result.
   *
   * @param type in the engine's words
   */
  record Column(String name, String type) {}

  /** Before the rows. */
  record Columns(List<Column> columns) implements Frame {
    public Columns {
      columns = List.copyOf(columns);
    }
  }

  /** A row that was asked for; its values may be null. */
  record Row(List<@Nullable Object> values) implements Frame {
    public Row {
      values = Collections.unmodifiableList(new ArrayList<>(values));
    }
  }

  /**
   * How much of the query is done.
   *
   * @param percent below 0 where the engine does not know
   */
  record Progress(double percent) implements Frame {}

  /** All is written. */
  record Done(long rows) implements Frame {}

  /** Why nothing came of it. */
  enum Why {
    /** The query is none that may be run, or its values do not fit. */
    REFUSED,
    /** It takes more than it may. */
    TOO_MUCH,
    /** Another time it may do. */
    BROKEN
  }

  /** Nothing came of it. */
  record Failed(Why why, String detail) implements Frame {}

  /** The next one; null where the process has ended. */
  static @Nullable Frame read(DataInputStream in) throws IOException {
    int kind = in.read();
    return switch (kind) {
      case -1 -> null;
      case COLUMNS -> {
        List<Column> columns = new ArrayList<>();
        int count = count(in);
        for (int i = 0; i < count; i++) {
          columns.add(new Column(QueryRequest.text(in), QueryRequest.text(in)));
        }
        yield new Columns(columns);
      }
      case ROW -> {
        List<@Nullable Object> values = new ArrayList<>();
        int count = count(in);
        for (int i = 0; i < count; i++) {
          values.add(QueryRequest.value(in));
        }
        yield new Row(values);
      }
      case PROGRESS -> new Progress(in.readDouble());
      case DONE -> new Done(in.readLong());
      case FAILED -> new Failed(Why.valueOf(in.readUTF()), QueryRequest.text(in));
      default -> throw new IOException("an unknown frame " + kind);
    };
  }

  private static int count(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > MOST_COLUMNS) {
      throw new IOException(count + " columns");
    }
    return count;
  }
}
