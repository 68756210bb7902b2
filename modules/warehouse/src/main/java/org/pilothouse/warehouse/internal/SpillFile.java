package org.pilothouse.warehouse.internal;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;

/** A sorted run on disk, compressed; written once, read once. */
final class SpillFile {
  private static final int BUFFER = 64 * 1024;

  private SpillFile() {}

  static void write(Path file, SortedRun run) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(
                new LZ4FrameOutputStream(
                    Files.newOutputStream(file), LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB),
                BUFFER))) {
      while (run.next()) {
        Entry entry = run.entry();
        out.writeInt(entry.table);
        out.writeLong(entry.micros);
        out.writeLong(entry.offset);
        bytes(out, entry.twin);
        bytes(out, entry.source);
        bytes(out, entry.id);
        bytes(out, entry.value);
      }
      // No table has this number.
      out.writeInt(-1);
    }
  }

  private static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static SortedRun read(Path file) throws IOException {
    return new Reading(
        new DataInputStream(
            new BufferedInputStream(new LZ4FrameInputStream(Files.newInputStream(file)), BUFFER)));
  }

  private static final class Reading implements SortedRun {
    private final DataInputStream in;
    private final Entry entry = new Entry();

    Reading(DataInputStream in) {
      this.in = in;
    }

    @Override
    public boolean next() throws IOException {
      int table = in.readInt();
      if (table < 0) {
        return false;
      }
      entry.table = table;
      entry.micros = in.readLong();
      entry.offset = in.readLong();
      entry.twin = bytes();
      entry.source = bytes();
      entry.id = bytes();
      entry.value = bytes();
      return true;
    }

    private byte[] bytes() throws IOException {
      int length = in.readInt();
      byte[] bytes = in.readNBytes(length);
      if (bytes.length != length) {
        throw new EOFException("a spill file breaks off");
      }
      return bytes;
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
