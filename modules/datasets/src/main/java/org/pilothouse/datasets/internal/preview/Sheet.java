package org.pilothouse.datasets.internal.preview;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows that are shown, as many as an answer has room for. */
final class Sheet {
  private final List<List<@Nullable String>> rows = new ArrayList<>();
  private final List<Preview.Cut> cut = new ArrayList<>();
  private long room;
  private boolean full;

  Sheet(List<Preview.Column> columns) {
    long taken = 4_096;
    for (Preview.Column column : columns) {
      taken += 300 + Texts.written(column.name());
      taken += column.min() == null ? 0 : Texts.written(column.min());
      taken += column.max() == null ? 0 : Texts.written(column.max());
      taken += column.histogram() == null ? 0 : 160;
    }
    this.room = Limits.ANSWER_BYTES - taken;
  }

  /** A cell and how many characters it has in the file. */
  record Cell(String text, long characters) {
    static Cell of(String text) {
      return new Cell(Texts.cut(text, Limits.CELL_CHARACTERS), text.length());
    }
  }

  /** Whether there was room. */
  boolean add(List<@Nullable Cell> cells) {
    if (full || rows.size() == Limits.MOST_ROWS) {
      return false;
    }
    List<@Nullable String> row = new ArrayList<>(cells.size());
    List<Preview.Cut> cutHere = new ArrayList<>();
    long size = 2;
    for (int i = 0; i < cells.size(); i++) {
      Cell cell = cells.get(i);
      row.add(cell == null ? null : cell.text());
      size += 1 + (cell == null ? 4 : Texts.written(cell.text()));
      if (cell != null && cell.characters() > cell.text().length()) {
        cutHere.add(new Preview.Cut(rows.size(), i, cell.characters()));
        size += 60;
      }
    }
    if (size > room) {
      full = true;
      return false;
    }
    room -= size;
    rows.add(row);
    cut.addAll(cutHere);
    return true;
  }

  boolean isFull() {
    return full;
  }

  List<List<@Nullable String>> rows() {
    return rows;
  }

  List<Preview.Cut> cut() {
    return cut;
  }
}
