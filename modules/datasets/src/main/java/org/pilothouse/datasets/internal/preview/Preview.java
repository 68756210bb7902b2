package org.pilothouse.datasets.internal.preview;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is shown of a file.
 *
 * @param format csv, json, ndjson or parquet
 * @param columns the first 500
 * @param columnsTotal how many there are; in JSON, how many were met
 * @param rows cells in the order of the columns: texts as in the file, null where there is nothing
 * @param cut the cells whose text is longer than what is shown
 * @param rowsRead rows that statistics were made of or, in Parquet, that were decoded
 * @param rowsTotal null where the file was not read to its end
 * @param truncated whether the file has more rows than are shown
 * @param statisticsFrom file or sample
 * @param notes what was met on the way, for people
 */
public record Preview(
    String format,
    Layout layout,
    List<Column> columns,
    long columnsTotal,
    List<List<@Nullable String>> rows,
    List<Cut> cut,
    long rowsRead,
    @Nullable Long rowsTotal,
    long bytesRead,
    boolean truncated,
    String statisticsFrom,
    List<String> notes) {

  public Preview {
    columns = List.copyOf(columns);
    rows = Collections.unmodifiableList(rows);
    cut = List.copyOf(cut);
    notes = List.copyOf(notes);
  }

  /**
   * How the file is written; what does not apply is null.
   *
   * @param compression of the file or, in Parquet, of its pages
   * @param createdBy the program that wrote it, by its own word
   */
  public record Layout(
      @Nullable String compression,
      @Nullable String encoding,
      @Nullable String delimiter,
      @Nullable String quote,
      @Nullable Boolean header,
      @Nullable Integer rowGroups,
      @Nullable String createdBy) {}

  /**
   * A column.
   *
   * @param type as the format calls it, or as the values look
   * @param logical what the type stands for, with its unit
   * @param numeric whether the values are ordered as numbers
   * @param nulls cells with nothing in them
   * @param distinct null where it is not known or more than 10,000
   * @param unread why its cells are not shown though the file has them
   */
  public record Column(
      String name,
      String type,
      @Nullable String logical,
      boolean numeric,
      @Nullable Long nulls,
      @Nullable Long distinct,
      @Nullable String min,
      @Nullable String max,
      @Nullable Double mean,
      @Nullable Histogram histogram,
      @Nullable String unread) {}

  /** How often values fall into parts of equal width. */
  public record Histogram(double from, double to, List<Integer> counts) {}

  /**
   * A cell that was cut.
   *
   * @param characters that it has in the file
   */
  public record Cut(int row, int column, long characters) {}

  /** Bytes of memory that it takes, about. */
  public int weight() {
    long weight = 4_096 + columns.size() * 512L + cut.size() * 32L;
    for (List<@Nullable String> row : rows) {
      for (String cell : row) {
        weight += cell == null ? 8 : 64 + 2L * cell.length();
      }
    }
    return (int) Math.min(Integer.MAX_VALUE, weight);
  }

  /** The same with fewer rows. */
  public Preview first(int count) {
    if (count >= rows.size()) {
      return this;
    }
    return new Preview(
        format,
        layout,
        columns,
        columnsTotal,
        rows.subList(0, count),
        cut.stream().filter(cell -> cell.row() < count).toList(),
        rowsRead,
        rowsTotal,
        bytesRead,
        true,
        statisticsFrom,
        notes);
  }
}
