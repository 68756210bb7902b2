package org.pilothouse.datasets.internal.preview;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of a text file as they come: the first are kept, all are counted in. */
final class Table {
  private final boolean typed;
  private final List<Profile> profiles = new ArrayList<>();
  private final List<List<Sheet.@Nullable Cell>> first = new ArrayList<>();
  private long rows;

  Table(boolean typed) {
    this.typed = typed;
  }

  /** Its number, or -1 where there are as many as are told. */
  int column(String name) {
    if (profiles.size() == Limits.MOST_COLUMNS) {
      return -1;
    }
    profiles.add(new Profile(name, typed));
    return profiles.size() - 1;
  }

  int columns() {
    return profiles.size();
  }

  long rows() {
    return rows;
  }

  /** A row whose values are added next. */
  void begin() {
    rows++;
    if (rows <= Limits.MOST_ROWS) {
      first.add(new ArrayList<>());
    }
  }

  void add(int column, String text, ValueKind kind) {
    profiles.get(column).add(text, kind);
    if (rows <= Limits.MOST_ROWS) {
      List<Sheet.@Nullable Cell> row = first.getLast();
      while (row.size() <= column) {
        row.add(null);
      }
      row.set(column, Sheet.Cell.of(text));
    }
  }

  Preview preview(
      Reading reading, String format, Preview.Layout layout, long columnsTotal, boolean whole) {
    List<Preview.Column> columns = profiles.stream().map(each -> each.column(rows)).toList();
    Sheet sheet = new Sheet(columns);
    for (List<Sheet.@Nullable Cell> row : first) {
      while (row.size() < columns.size()) {
        row.add(null);
      }
      if (!sheet.add(row)) {
        reading.note(Previewer.FULL);
        break;
      }
    }
    if (columnsTotal > columns.size()) {
      reading.note(Previewer.moreColumns(columns.size()));
    }
    return new Preview(
        format,
        layout,
        columns,
        columnsTotal,
        sheet.rows(),
        sheet.cut(),
        rows,
        whole ? rows : null,
        reading.bytesRead(),
        !whole || sheet.rows().size() < rows,
        whole ? "file" : "sample",
        reading.notes());
  }
}
