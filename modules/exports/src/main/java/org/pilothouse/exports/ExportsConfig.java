package org.pilothouse.exports;

import java.nio.file.Path;
import java.time.Duration;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/**
 * What exports may take.
 *
 * @param memoryMib of the process that runs a query, all of it: 640 to 65,536
 * @param threads of a query, 1 to 64
 * @param spillMib of what a query puts on disk because memory does not hold it
 * @param stagedMib of the files that are brought to the node for one export
 * @param outputMib of the files of one result
 * @param longest how long an attempt may take, 10 s to 24 h
 * @param mostRows of a query that a person wrote
 * @param atOnce exports of a node
 * @param previewsAtOnce of a node
 * @param directory of previews, relative to the server's output directory
 */
public record ExportsConfig(
    int memoryMib,
    int threads,
    int spillMib,
    int stagedMib,
    int outputMib,
    Duration longest,
    int mostRows,
    int atOnce,
    int previewsAtOnce,
    Path directory) {
  private static final String PREFIX = "pilothouse.exports.";
  private static final int TEBIBYTE = 1 << 20;

  public ExportsConfig {
    if (longest.compareTo(Duration.ofSeconds(10)) < 0
        || longest.compareTo(Duration.ofHours(24)) > 0) {
      throw new InvalidSetting(PREFIX + "longest must be from PT10S to PT24H, not " + longest);
    }
  }

  public static ExportsConfig from(Settings settings) {
    return new ExportsConfig(
        settings.number(PREFIX + "memory-mib", 960, 640, 65_536),
        settings.number(PREFIX + "threads", 2, 1, 64),
        settings.number(PREFIX + "spill-mib", 32_768, 64, TEBIBYTE),
        settings.number(PREFIX + "staged-mib", 32_768, 1, TEBIBYTE),
        settings.number(PREFIX + "output-mib", 32_768, 1, TEBIBYTE),
        settings.duration(PREFIX + "longest", Duration.ofHours(1)),
        settings.number(PREFIX + "most-rows", 50_000_000, 1, 2_000_000_000),
        settings.number(PREFIX + "at-once", 1, 1, 16),
        settings.number(PREFIX + "previews-at-once", 2, 1, 16),
        Path.of(settings.text(PREFIX + "directory", "exports")));
  }

  /** What a directory of an attempt may hold. */
  public long directoryBytes() {
    return ((long) spillMib + stagedMib + outputMib + 256) << 20;
  }
}
