package org.pilothouse.datasets.internal.preview;

import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;

/** Finds out what a file is, and has it read. */
public final class Previewer {
  static final String FULL =
      "Fewer rows than asked for: an answer has at most " + (Limits.ANSWER_BYTES >> 20) + " MiB.";

  private static final Set<String> TEXT_NAMES = Set.of("csv", "tsv", "tab", "psv", "txt");
  private static final Set<String> JSON_NAMES =
      Set.of("json", "ndjson", "jsonl", "geojson", "ipynb");

  private final LongSupplier nanos;

  /**
   * @param nanos a clock that only goes forward
   */
  public Previewer(LongSupplier nanos) {
    this.nanos = nanos;
  }

  static String moreColumns(int told) {
    return "Only the first " + told + " columns are shown.";
  }

  /** As many rows as an answer may hold. */
  public Preview preview(RangedBytes bytes, String name, String mediaType) throws NotPreviewable {
    Reading reading = new Reading(bytes, nanos);
    if (bytes.size() == 0) {
      throw new NotPreviewable(NotPreviewable.Reason.EMPTY, "It has no bytes.");
    }
    byte[] magic = reading.read(0, (int) Math.min(4, bytes.size()));
    if (is(magic, "PAR1") || is(magic, "PARE")) {
      return ParquetReading.preview(reading);
    }
    if (mediaType.equals("application/vnd.apache.parquet")) {
      throw NotPreviewable.malformed("It does not begin as a Parquet file does.");
    }
    Sample sample = Sample.of(reading);
    if (sample.bytes().length == 0) {
      throw new NotPreviewable(NotPreviewable.Reason.EMPTY, "It has no bytes when unpacked.");
    }
    return switch (kind(sample, name, mediaType)) {
      case JSON -> JsonReading.preview(reading, sample);
      case CSV -> CsvReading.preview(reading, sample);
      case OTHER ->
          throw NotPreviewable.unsupported(
              "CSV, JSON and Parquet are shown; this is " + mediaType + ".");
    };
  }

  private static boolean is(byte[] bytes, String magic) {
    if (bytes.length < magic.length()) {
      return false;
    }
    for (int i = 0; i < magic.length(); i++) {
      if (bytes[i] != magic.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private enum Kind {
    CSV,
    JSON,
    OTHER
  }

  private static Kind kind(Sample sample, String name, String mediaType) {
    String type = mediaType.toLowerCase(Locale.ROOT);
    int semicolon = type.indexOf(';');
    type = semicolon < 0 ? type : type.substring(0, semicolon).strip();
    String ending = ending(name);
    if (type.endsWith("json") || type.endsWith("ndjson") || type.endsWith("jsonl")) {
      return Kind.JSON;
    }
    if (type.equals("text/csv") || type.equals("text/tab-separated-values")) {
      return Kind.CSV;
    }
    if (JSON_NAMES.contains(ending)) {
      return Kind.JSON;
    }
    boolean open =
        type.equals("text/plain")
            || type.equals("application/octet-stream")
            || sample.compression() != null;
    if (!open) {
      return Kind.OTHER;
    }
    if (TEXT_NAMES.contains(ending)) {
      return Kind.CSV;
    }
    // Nothing says what it is, so its first character does.
    if (looksLikeJson(sample.bytes())) {
      return Kind.JSON;
    }
    return type.equals("text/plain") ? Kind.CSV : Kind.OTHER;
  }

  /** Of the file that is packed, where one is. */
  private static String ending(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|gzip|zst|zstd)$", "");
    return plain.substring(plain.lastIndexOf('.') + 1);
  }

  private static boolean looksLikeJson(byte[] bytes) {
    int at = bytes.length > 2 && (bytes[0] & 0xFF) == 0xEF ? 3 : 0;
    while (at < bytes.length && (bytes[at] == ' ' || (bytes[at] >= 9 && bytes[at] <= 13))) {
      at++;
    }
    return at < bytes.length && (bytes[at] == '{' || bytes[at] == '[');
  }
}
