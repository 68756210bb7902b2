package org.pilothouse.exports.internal;

import java.io.InputStream;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.DatasetId;

/**
 * Rows of one form that can be asked for together.
 *
 * @param name in SQL, and in the names of the files that are made of it
 * @param columns those that are known before the files are opened; none of a plain table
 */
record SourceTable(
    String name, Kind kind, @Nullable String title, List<Column> columns, List<SourceFile> files) {
  SourceTable {
    columns = List.copyOf(columns);
    files = List.copyOf(files);
  }

  /** What its rows are. */
  enum Kind {
    /** Events of the twins of a model, a column a property. */
    MODEL,
    /** Values of twins without a model, a row a value. */
    TIDY,
    /** Whatever somebody has put into a dataset. */
    PLAIN
  }

  /**
   * A column.
   *
   * @param property that it holds; null where it holds none
   * @param kind number, integer, text, truth, json or time
   */
  record Column(
      String name,
      @Nullable String property,
      String kind,
      @Nullable String unit,
      @Nullable String title) {
    static Column plain(String name, String kind) {
      return new Column(name, null, kind, null, null);
    }

    boolean isNumeric() {
      return kind.equals("number") || kind.equals("integer");
    }
  }

  /** How a file is read. */
  enum Form {
    PARQUET(".parquet"),
    CSV(".csv"),
    CSV_GZIP(".csv.gz"),
    NDJSON(".ndjson"),
    NDJSON_GZIP(".ndjson.gz"),
    /** Lines that the node has written itself, with the table's own columns. */
    LIVE(".live");

    private final String ending;

    Form(String ending) {
      this.ending = ending;
    }

    String ending() {
      return ending;
    }
  }

  /** Opens the bytes of a file from one on. */
  @FunctionalInterface
  interface Opener {
    InputStream open(long from);
  }

  /**
   * A file in the hold.
   *
   * @param date of the closed day that it belongs to
   * @param rows below 0 where nobody has counted them
   * @param first of its times; null where nobody knows
   */
  record SourceFile(
      DatasetId dataset,
      @Nullable LocalDate date,
      int revision,
      Form form,
      long rows,
      long size,
      Checksum checksum,
      @Nullable Instant first,
      @Nullable Instant last,
      Opener opener) {}

  long rows() {
    return files.stream().mapToLong(file -> Math.max(0, file.rows())).sum();
  }

  long bytes() {
    return files.stream().mapToLong(SourceFile::size).sum();
  }

  /** By the name of the column, or of the property. */
  Optional<Column> find(String name) {
    return columns.stream()
        .filter(column -> column.name().equals(name))
        .findFirst()
        .or(() -> columns.stream().filter(column -> name.equals(column.property())).findFirst());
  }
}
