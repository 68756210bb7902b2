package org.pilothouse.datasets.internal.preview;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The values of a repeated column in one row, written as a JSON array. How they nest is told by
 * their levels.
 *
 * @see <a href="https://github.com/apache/parquet-format#nested-encoding">nested encoding</a>
 */
final class ListText {
  private static final Set<Leaf.Meaning> BARE =
      Set.of(Leaf.Meaning.NONE, Leaf.Meaning.INTEGER, Leaf.Meaning.DECIMAL);

  private final Leaf leaf;
  private final boolean bare;
  private final StringBuilder text = new StringBuilder();
  private long characters;
  private int open;
  private boolean begun;
  private boolean absent;

  ListText(Leaf leaf) {
    this.leaf = leaf;
    this.bare =
        switch (leaf.physical()) {
          case BOOLEAN, FLOAT, DOUBLE -> true;
          case INT32, INT64 -> BARE.contains(leaf.logical().meaning());
          case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> false;
        };
  }

  void add(int repetition, int definition, Sheet.@Nullable Cell cell) {
    int[] repeatedAt = leaf.repeatedAt();
    int present = 0;
    while (present < repeatedAt.length && definition >= repeatedAt[present]) {
      present++;
    }
    if (!begun && present == 0) {
      begun = true;
      absent = definition < repeatedAt[0] - 1;
      write(absent ? "null" : "[]");
      return;
    }
    if (begun) {
      while (open > repetition) {
        close();
      }
      write(",");
    }
    begun = true;
    while (open < present) {
      write("[");
      open++;
    }
    if (present < repeatedAt.length) {
      write(definition == repeatedAt[present] - 1 ? "[]" : "null");
    } else if (cell == null) {
      write("null");
    } else if (bare) {
      write(cell.text());
    } else {
      write(quoted(cell.text()));
      characters += cell.characters() - cell.text().length();
    }
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2);
    JsonReading.quote(quoted, text);
    return quoted.toString();
  }

  private void close() {
    write("]");
    open--;
  }

  /** What is longer than a cell is only counted. */
  private void write(String piece) {
    characters += piece.length();
    if (text.length() <= Limits.CELL_CHARACTERS) {
      text.append(piece);
    }
  }

  Sheet.@Nullable Cell cell() {
    while (open > 0) {
      close();
    }
    return absent
        ? null
        : new Sheet.Cell(Texts.cut(text.toString(), Limits.CELL_CHARACTERS), characters);
  }
}
