package org.pilothouse.datasets.internal.preview;

import java.time.Duration;

/** What a preview may cost and hold; {@code docs/guides/datasets.md} tells of them. */
public final class Limits {
  /** Read of a CSV or JSON file, and unpacked of a compressed one. */
  static final int SAMPLE_BYTES = 4 << 20;

  public static final int MOST_ROWS = 200;
  static final int MOST_COLUMNS = 500;
  static final int CELL_CHARACTERS = 512;
  static final int NAME_CHARACTERS = 128;
  static final int EXTREME_CHARACTERS = 128;
  static final int ANSWER_BYTES = 2 << 20;
  static final int MOST_NOTES = 20;
  public static final Duration TIME = Duration.ofSeconds(10);

  /** Values of a column that are told apart. */
  static final int MOST_DISTINCT = 10_000;

  static final int BARS = 12;
  static final int HISTOGRAM_VALUES = 8_192;

  static final int JSON_DEPTH = 512;
  static final int JSON_NUMBER = 1_000;
  static final int FLATTENED_DEPTH = 8;

  /** Two to this: the window that a zstd file may ask for. */
  static final int ZSTD_WINDOW = 23;

  static final long PARQUET_BYTES = 64L << 20;
  static final int FOOTER_BYTES = 8 << 20;
  static final int SCHEMA_DEPTH = 64;
  static final int SCHEMA_ELEMENTS = 100_000;
  static final int THRIFT_DEPTH = 32;
  static final int PACKED_PAGE = 8 << 20;
  static final int UNPACKED_PAGE = 16 << 20;
  static final int PAGE_HEADER = 1 << 20;
  static final int PAGES_OF_A_COLUMN = 10_000;
  static final int VALUES_OF_A_COLUMN = 100_000;
  static final int ROW_GROUPS_READ = 16;

  private Limits() {}
}
