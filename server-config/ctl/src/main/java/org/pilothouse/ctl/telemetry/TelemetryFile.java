package org.pilothouse.ctl.telemetry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** A file, compressed or not, and how far it was read. */
final class TelemetryFile implements AutoCloseable {
  private final Reader reader;
  private long bytes;

  TelemetryFile(Path path) throws IOException {
    InputStream counted =
        new FilterInputStream(Files.newInputStream(path)) {
          @Override
          public int read() throws IOException {
            int one = super.read();
            bytes += one < 0 ? 0 : 1;
            return one;
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            int count = super.read(into, offset, length);
            bytes += Math.max(0, count);
            return count;
          }
        };
    try {
      InputStream plain = isGzip(path) ? new GZIPInputStream(counted, 1 << 16) : counted;
      reader = new InputStreamReader(plain, StandardCharsets.UTF_8);
    } catch (IOException | RuntimeException e) {
      counted.close();
      throw e;
    }
  }

  Reader reader() {
    return reader;
  }

  /** Of the file as it lies there. */
  long bytes() {
    return bytes;
  }

  static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** Its name in small letters, without the ending of the compression. */
  static String plainName(Path path) {
    return name(path).toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
  }

  private static boolean isGzip(Path path) {
    return name(path).toLowerCase(Locale.ROOT).endsWith(".gz");
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
