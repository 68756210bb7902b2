package org.pilothouse.datasets.internal.preview;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a text file, unpacked.
 *
 * @param whole whether it is all of it
 */
record Sample(byte[] bytes, boolean whole, @Nullable String compression) {

  static Sample of(Reading reading) throws NotPreviewable {
    int length = (int) Math.min(reading.size(), Limits.SAMPLE_BYTES);
    byte[] raw = reading.read(0, length);
    boolean all = length == reading.size();
    if (begins(raw, 0x1F, 0x8B)) {
      return unpacked(raw, all, "gzip");
    }
    if (begins(raw, 0x28, 0xB5, 0x2F, 0xFD)) {
      return unpacked(raw, all, "zstd");
    }
    return new Sample(raw, all, null);
  }

  boolean begins(int... magic) {
    return begins(bytes, magic);
  }

  private static boolean begins(byte[] bytes, int... magic) {
    if (bytes.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((bytes[i] & 0xFF) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static Sample unpacked(byte[] raw, boolean all, String compression)
      throws NotPreviewable {
    byte[] into = new byte[Limits.SAMPLE_BYTES];
    int length = 0;
    boolean ended = false;
    try (InputStream in = open(raw, compression)) {
      while (length < into.length) {
        int count = in.read(into, length, into.length - length);
        if (count < 0) {
          ended = true;
          break;
        }
        length += count;
      }
      ended = ended || in.read() < 0;
    } catch (EOFException e) {
      // The part of the file that was read ends here; the file itself must not.
      if (all) {
        throw NotPreviewable.malformed("The " + compression + " file ends in the middle.");
      }
    } catch (IOException e) {
      if (all || length == 0) {
        throw refused(compression, e);
      }
    }
    return new Sample(Arrays.copyOf(into, length), ended && all, compression);
  }

  private static InputStream open(byte[] raw, String compression) throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(raw);
    return compression.equals("gzip")
        ? new GZIPInputStream(in)
        : new ZstdInputStreamNoFinalizer(in).setLongMax(Limits.ZSTD_WINDOW);
  }

  private static NotPreviewable refused(String compression, IOException e) {
    String said = String.valueOf(e.getMessage());
    return said.contains("too much memory")
        ? NotPreviewable.beyond(
            "The zstd file asks for a window of more than "
                + (1 << (Limits.ZSTD_WINDOW - 20))
                + " MiB.")
        : said.contains("Truncated") || said.contains("Read error or truncated")
            ? NotPreviewable.malformed("The " + compression + " file ends in the middle.")
            : NotPreviewable.malformed("It is no valid " + compression + " file.");
  }
}
