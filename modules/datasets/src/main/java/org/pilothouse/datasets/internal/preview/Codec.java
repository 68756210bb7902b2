package org.pilothouse.datasets.internal.preview;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/** How pages are packed, in the order of the format's numbers. */
enum Codec {
  UNCOMPRESSED,
  SNAPPY,
  GZIP,
  LZO,
  BROTLI,
  LZ4,
  ZSTD,
  LZ4_RAW;

  private static final LZ4SafeDecompressor LZ4_BLOCKS =
      LZ4Factory.safeInstance().safeDecompressor();

  static @Nullable Codec of(int number) {
    return number < 0 || number >= values().length ? null : values()[number];
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean isKnown() {
    return this != LZO && this != BROTLI;
  }

  /** Exactly as many bytes as the page's header promises, which was compared with the limits. */
  byte[] unpack(byte[] packed, int from, int length, int unpacked) throws NotPreviewable {
    try {
      byte[] into = new byte[unpacked];
      if (unpacked == 0 || fill(packed, from, length, into) == unpacked) {
        return into;
      }
    } catch (IOException | LZ4Exception | ZstdException e) {
      // Said below.
    }
    throw NotPreviewable.malformed("a page cannot be unpacked");
  }

  private int fill(byte[] packed, int from, int length, byte[] into)
      throws IOException, NotPreviewable {
    return switch (this) {
      case UNCOMPRESSED -> {
        if (length == into.length) {
          System.arraycopy(packed, from, into, 0, length);
        }
        yield length;
      }
      case SNAPPY ->
          Snappy.uncompressedLength(packed, from, length) == into.length
              ? Snappy.uncompress(packed, from, length, into, 0)
              : -1;
      case GZIP -> gzip(packed, from, length, into);
      case ZSTD -> {
        long count = Zstd.decompressByteArray(into, 0, into.length, packed, from, length);
        yield (int) count;
      }
      case LZ4_RAW -> LZ4_BLOCKS.decompress(packed, from, length, into, 0, into.length);
      case LZ4 -> lz4(packed, from, length, into);
      case LZO, BROTLI -> throw NotPreviewable.unsupported("it is packed as " + word());
    };
  }

  private static int gzip(byte[] packed, int from, int length, byte[] into) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed, from, length))) {
      int count = in.readNBytes(into, 0, into.length);
      return in.read() < 0 ? count : -1;
    }
  }

  /** As Hadoop writes it, with the sizes of blocks between them, or without. */
  private static int lz4(byte[] packed, int from, int length, byte[] into) {
    try {
      ByteBuffer in = ByteBuffer.wrap(packed, from, length);
      int done = 0;
      while (in.remaining() >= 8) {
        int unpacked = in.getInt();
        int size = in.getInt();
        if (unpacked < 0 || size < 0 || size > in.remaining() || unpacked > into.length - done) {
          break;
        }
        int count = LZ4_BLOCKS.decompress(packed, in.position(), size, into, done, unpacked);
        done += count;
        in.position(in.position() + size);
      }
      if (done == into.length && !in.hasRemaining()) {
        return done;
      }
    } catch (LZ4Exception e) {
      // Then it has no sizes between.
    }
    return LZ4_BLOCKS.decompress(packed, from, length, into, 0, into.length);
  }
}
