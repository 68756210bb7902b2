package org.pilothouse.exports.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.pilothouse.exports.internal.engine.QueryRequest.Compression;
import org.pilothouse.exports.internal.engine.QueryRequest.Format;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.objectstore.ObjectStore;

/** The files that one query writes, sent on while they grow. */
final class ResultFiles implements AutoCloseable {
  private final ObjectStore store;
  private final Naming naming;
  private final Path target;
  private final boolean split;
  private final String mediaType;
  private final long mostBytes;
  private final Map<Path, GrowingObject> open = new LinkedHashMap<>();
  private final List<GrowingObject.Written> written = new ArrayList<>();
  private long gone;

  /** Gives the key of the next file. */
  interface Naming {
    String key(int number);
  }

  /**
   * @param target the file; or, of several, their directory
   * @param mostBytes of all
   */
  ResultFiles(
      ObjectStore store,
      Naming naming,
      Path target,
      boolean split,
      String mediaType,
      long mostBytes) {
    this.store = store;
    this.naming = naming;
    this.target = target;
    this.split = split;
    this.mediaType = mediaType;
    this.mostBytes = mostBytes;
  }

  /** What a file of that form is called. */
  static String ending(Format format, Compression compression) {
    String form = "." + format.name().toLowerCase(Locale.ROOT);
    return format == Format.PARQUET
        ? form
        : switch (compression) {
          case NONE -> form;
          case GZIP -> form + ".gz";
          case ZSTD -> form + ".zst";
        };
  }

  /** RFC 6838. */
  static String mediaType(Format format, Compression compression) {
    if (format != Format.PARQUET && compression != Compression.NONE) {
      return compression == Compression.GZIP ? "application/gzip" : "application/zstd";
    }
    return switch (format) {
      case CSV -> "text/csv";
      case PARQUET -> "application/vnd.apache.parquet";
      case NDJSON -> "application/x-ndjson";
      case XLSX -> "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    };
  }

  /**
   * Sends what can be sent, a part at a time.
   *
   * @throws Problem {@code limit_reached} when there is more than there may be
   */
  void advance() throws IOException {
    List<Path> files = files();
    long bytes = gone;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    if (bytes > mostBytes) {
      throw Problem.of(
          ProblemCode.LIMIT_REACHED,
          "The result is larger than " + (mostBytes >> 20) + " MiB: choose less, or pack it.");
    }
    for (int i = 0; i < files.size(); i++) {
      GrowingObject object = object(files.get(i));
      if (i < files.size() - 1) {
        // The engine writes one after the other: what has a successor is whole.
        finish(files.get(i), object, () -> {});
      } else if (object.advance()) {
        return;
      }
    }
  }

  private GrowingObject object(Path file) {
    return open.computeIfAbsent(
        file,
        it -> new GrowingObject(store, naming.key(written.size() + open.size()), mediaType, it));
  }

  private void finish(Path file, GrowingObject object, Runnable between) throws IOException {
    GrowingObject.Written whole = object.finish(between);
    written.add(whole);
    gone += whole.size();
    open.remove(file);
    Files.delete(file);
  }

  /** In the order in which they are written. */
  private List<Path> files() throws IOException {
    if (!split) {
      return Files.exists(target) ? List.of(target) : List.of();
    }
    if (!Files.isDirectory(target)) {
      return List.of();
    }
    try (Stream<Path> listed = Files.list(target)) {
      return listed
          .sorted(
              java.util.Comparator.comparingInt(ResultFiles::number).thenComparing(path -> path))
          .toList();
    }
  }

  /** The engine calls them {@code data_0.csv}, {@code data_1.csv} and so on. */
  private static int number(Path file) {
    String digits = file.getFileName().toString().replaceFirst("\\..*$", "").replaceAll("\\D", "");
    return digits.isEmpty() ? 0 : Integer.parseInt(digits);
  }

  /** The query has ended: all that is there is whole. */
  List<GrowingObject.Written> finish(Runnable between) throws IOException {
    advance();
    for (Path file : files()) {
      finish(file, object(file), between);
    }
    return List.copyOf(written);
  }

  @Override
  public void close() {
    open.values().forEach(GrowingObject::close);
  }
}
