package org.pilothouse.warehouse.internal;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.jspecify.annotations.Nullable;

/**
 * A sorted run on disk, compressed; written once, read once. It is a row of blocks: their size, and
 * their size compressed, go before each, and no event lies in two. A run of which the end is
 * missing does not read as a shorter one.
 */
final class SpillFile {
  private static final int BLOCK = 64 * 1024;
  private static final int HEAD = 8;

  /** The table, the time, the offset, and the lengths of four arrays. */
  private static final int FIXED = 4 + 8 + 8 + 4 * 4;

  private static final LZ4Factory LZ4 = LZ4Factory.fastestInstance();
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private SpillFile() {}

  static void write(Path file, SortedRun run) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      Writing writing = new Writing(out);
      while (run.next()) {
        writing.add(run.entry());
      }
      writing.finish();
    }
  }

  private static final class Writing {
    private final OutputStream out;
    private final LZ4Compressor compressor = LZ4.fastCompressor();
    private byte[] block = new byte[BLOCK];
    private byte[] packed = {};
    private int used;

    Writing(OutputStream out) {
      this.out = out;
    }

    void add(Entry entry) throws IOException {
      int length =
          FIXED + entry.twin.length + entry.source.length + entry.id.length + entry.value.length;
      if (used + length > block.length) {
        flush();
        if (length > block.length) {
          block = new byte[length];
        }
      }
      INT.set(block, used, entry.table);
      LONG.set(block, used + 4, entry.micros);
      LONG.set(block, used + 12, entry.offset);
      used += 20;
      put(entry.twin);
      put(entry.source);
      put(entry.id);
      put(entry.value);
    }

    private void put(byte[] bytes) {
      INT.set(block, used, bytes.length);
      System.arraycopy(bytes, 0, block, used + 4, bytes.length);
      used += 4 + bytes.length;
    }

    private void flush() throws IOException {
      if (used == 0) {
        return;
      }
      int most = HEAD + compressor.maxCompressedLength(used);
      if (packed.length < most) {
        packed = new byte[most];
      }
      int size = compressor.compress(block, 0, used, packed, HEAD);
      INT.set(packed, 0, used);
      INT.set(packed, 4, size);
      out.write(packed, 0, HEAD + size);
      used = 0;
    }

    /** No block is empty, so this is none. */
    void finish() throws IOException {
      flush();
      out.write(new byte[HEAD]);
    }
  }

  static SortedRun read(Path file) throws IOException {
    return new Reading(Files.newInputStream(file));
  }

  private static final class Reading implements SortedRun {
    private final InputStream in;
    private final LZ4SafeDecompressor decompressor = LZ4.safeDecompressor();
    private final byte[] head = new byte[HEAD];
    private final Entry entry = new Entry();
    private byte[] block = {};
    private byte[] packed = {};
    private int at;
    private int size;

    Reading(InputStream in) {
      this.in = in;
    }

    @Override
    public boolean next() throws IOException {
      if (at == size && !nextBlock()) {
        return false;
      }
      entry.table = (int) INT.get(block, at);
      entry.micros = (long) LONG.get(block, at + 4);
      entry.offset = (long) LONG.get(block, at + 12);
      at += 20;
      entry.twin = bytes(entry.twin);
      entry.source = bytes(entry.source);
      entry.id = bytes(null);
      entry.value = bytes(null);
      return true;
    }

    private boolean nextBlock() throws IOException {
      fill(head, HEAD);
      size = (int) INT.get(head, 0);
      int compressed = (int) INT.get(head, 4);
      at = 0;
      if (size == 0) {
        return false;
      }
      if (packed.length < compressed) {
        packed = new byte[compressed];
      }
      if (block.length < size) {
        block = new byte[size];
      }
      fill(packed, compressed);
      if (decompressor.decompress(packed, 0, compressed, block, 0, size) != size) {
        throw new EOFException("a spill file has a block of another size");
      }
      return true;
    }

    private void fill(byte[] bytes, int length) throws IOException {
      if (in.readNBytes(bytes, 0, length) != length) {
        throw new EOFException("a spill file breaks off");
      }
    }

    /**
     * @param before the same array again where it holds the same, as neighbours mostly do
     */
    private byte[] bytes(byte @Nullable [] before) {
      int from = at + 4;
      int to = from + (int) INT.get(block, at);
      at = to;
      return before != null && Arrays.equals(block, from, to, before, 0, before.length)
          ? before
          : Arrays.copyOfRange(block, from, to);
    }

    @Override
    public Entry entry() {
      return entry;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
