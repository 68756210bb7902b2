package org.pilothouse.datasets.internal.preview;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/** Files in memory, and what comes of them. */
final class Files {
  private static final Previewer PREVIEWER = new Previewer(System::nanoTime);

  private Files() {}

  /** Bytes that refuse what lies outside of them. */
  record InMemory(byte[] bytes) implements RangedBytes {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public byte[] read(long from, int length) {
      if (from < 0 || length < 0 || from + length > bytes.length) {
        throw new AssertionError("outside: " + length + " bytes at " + from);
      }
      return Arrays.copyOfRange(bytes, (int) from, (int) from + length);
    }
  }

  static Preview preview(String name, String type, byte[] bytes) throws NotPreviewable {
    return PREVIEWER.preview(new InMemory(bytes), name, type);
  }

  static Preview csv(byte[] bytes) throws NotPreviewable {
    return preview("a.csv", "text/csv", bytes);
  }

  static Preview csv(String text) throws NotPreviewable {
    return csv(text.getBytes(UTF_8));
  }

  static Preview json(String text) throws NotPreviewable {
    return preview("a.json", "application/json", text.getBytes(UTF_8));
  }

  static Preview parquet(byte[] bytes) throws NotPreviewable {
    return preview("a.parquet", "application/vnd.apache.parquet", bytes);
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }
}
