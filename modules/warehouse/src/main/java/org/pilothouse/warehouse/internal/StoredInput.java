package org.pilothouse.warehouse.internal;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.pilothouse.platform.objectstore.ObjectStore;

/** An object in the store as Parquet reads files: here and there, by ranges. */
record StoredInput(ObjectStore store, String key, long size) implements InputFile {
  /** What is asked for at once; a footer is mostly smaller. */
  private static final int AHEAD = 64 * 1024;

  @Override
  public long getLength() {
    return size;
  }

  @Override
  public SeekableInputStream newStream() {
    Ranges ranges = new Ranges(store, key, size);
    return new DelegatingSeekableInputStream(ranges) {
      @Override
      public long getPos() {
        return ranges.position;
      }

      @Override
      public void seek(long to) {
        ranges.position = to;
      }
    };
  }

  /** Holds one piece of the object in memory. */
  private static final class Ranges extends InputStream {
    private final ObjectStore store;
    private final String key;
    private final long size;
    private byte[] piece = {};
    private long pieceAt;
    private long position;

    Ranges(ObjectStore store, String key, long size) {
      this.store = store;
      this.key = key;
      this.size = size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (position >= size) {
        return -1;
      }
      if (position < pieceAt || position >= pieceAt + piece.length) {
        fetch();
      }
      int from = (int) (position - pieceAt);
      int taken = Math.min(length, piece.length - from);
      System.arraycopy(piece, from, into, offset, taken);
      position += taken;
      return taken;
    }

    private void fetch() throws IOException {
      int length = (int) Math.min(AHEAD, size - position);
      try (InputStream in =
          store
              .open(key, position, length)
              .orElseThrow(() -> new EOFException(key + " is not there"))) {
        piece = in.readNBytes(length);
      }
      if (piece.length < length) {
        throw new EOFException(key + " breaks off");
      }
      pieceAt = position;
    }
  }
}
